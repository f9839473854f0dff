"""The life of a lesson and of its transcode, who may decide about it, and when it may air. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contentserver.kernel import clock

LEASE = timedelta(seconds=30)
"""A worker that has not renewed its lease for this long is taken for dead."""
MAX_ATTEMPTS = 3
EXPIRES_SOON = timedelta(days=30)
"""From so long before its last day on, reviewers see that a lesson expires."""


class LessonState(StrEnum):
    """draft -> transcoding -> in_review -> approved; failed goes back to transcoding, approved may be withdrawn.

    What a reviewer sends back is returned until another recording of it goes to transcoding.
    """

    DRAFT = "draft"
    TRANSCODING = "transcoding"
    FAILED = "failed"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class TranscodeState(StrEnum):
    """queued -> running -> done, failed or cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ChunkState(StrEnum):
    """waiting -> running -> done or failed."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class FileKind(StrEnum):
    """What a lesson may have beside its recording, in any number of languages."""

    CAPTIONS = "captions"
    SOUND = "sound"


class Origin(StrEnum):
    """Where a lesson's recording comes from."""

    OWN = "own"
    ORGANISATION = "organisation"
    BROADCASTER = "broadcaster"
    OTHER = "other"


class ReviewItem(StrEnum):
    """What a person confirms before a lesson airs; the checklist, in the order of the page (`words.CHECKLIST`)."""

    CONTENT = "content"
    FIT = "fit"
    READABLE = "readable"
    SOUND = "sound"
    RIGHTS = "rights"


class Decision(StrEnum):
    """What a reviewer decided about one version of a lesson."""

    APPROVED = "approved"
    RETURNED = "returned"


class ApprovalVerdict(StrEnum):
    """Whether somebody may decide about a lesson, and whether it may be approved as it stands."""

    ALLOWED = "allowed"
    NOT_IN_REVIEW = "not_in_review"
    OWN_UPLOAD = "own_upload"
    UNCHECKED = "unchecked"
    """Something of the checklist was not confirmed."""
    OPEN_COMMENTS = "open_comments"
    """Comments wait, and nobody said why it may air all the same."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Terms:
    """The days of the stations on which a lesson may air, both included; None where there is no limit."""

    first: date | None = None
    last: date | None = None

    def hold(self, start: datetime, end: datetime) -> bool:
        """Whether an airing from `start` to `end` lies wholly inside."""
        begins_early = self.first is not None and clock.local(start).date() < self.first
        ends_at = self.ends_at
        return not begins_early and (ends_at is None or end <= ends_at)

    def holds_day(self, day: date) -> bool:
        """Whether a day lies inside."""
        return (self.first is None or self.first <= day) and not self.over(day)

    def over(self, day: date) -> bool:
        """Whether the last day lies before this one."""
        return self.last is not None and self.last < day

    def soon_over(self, day: date) -> bool:
        """Whether the last day is among the coming thirty."""
        return self.last is not None and day <= self.last <= day + EXPIRES_SOON

    @property
    def ends_at(self) -> datetime | None:
        """The instant from which on it may not air: midnight after the last day."""
        return None if self.last is None else clock.instants_of(self.last, self.last)[1]


def approval_verdict(state: str, uploaders: Collection[UUID], approver: UUID) -> ApprovalVerdict:
    """About a lesson in review anybody may decide but who uploaded one of its versions."""
    if state != LessonState.IN_REVIEW:
        return ApprovalVerdict.NOT_IN_REVIEW
    return ApprovalVerdict.OWN_UPLOAD if approver in uploaders else ApprovalVerdict.ALLOWED


def checklist_verdict(
    ticked: Collection[str], open_comments: int, reason: str, terms: Terms, today: date
) -> ApprovalVerdict:
    """A lesson is approved with everything confirmed, and with open comments only for a reason that is said."""
    if not set(ReviewItem) <= set(ticked):
        return ApprovalVerdict.UNCHECKED
    if open_comments and not reason.strip():
        return ApprovalVerdict.OPEN_COMMENTS
    return ApprovalVerdict.EXPIRED if terms.over(today) else ApprovalVerdict.ALLOWED


def moment_of(text: str) -> int | None:
    """Milliseconds of `17:40`, `1:02:05` or `65`; None for anything else."""
    parts = text.strip().replace("：", ":").split(":")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if any(number > 59 for number in numbers[1:]):
        return None
    seconds = 0
    for number in numbers:
        seconds = 60 * seconds + number
    return 1000 * seconds


def may_take(state: str, lease_until: datetime | None, now: datetime) -> bool:
    """Whether a worker may begin or take over a transcode."""
    if state == TranscodeState.QUEUED:
        return True
    return state == TranscodeState.RUNNING and lease_until is not None and lease_until < now


def airable(state: str, terms: Terms, day: date) -> bool:
    """Whether a lesson may air on a day."""
    return approved(state) and terms.holds_day(day)


def approved(state: str) -> bool:
    """Whether a lesson may stand in a published layer, on the days of its terms."""
    return state == LessonState.APPROVED


def plannable(state: str, terms: Terms, today: date) -> bool:
    """Whether a lesson may be planned: it is approved, and its days are not over."""
    return approved(state) and not terms.over(today)
