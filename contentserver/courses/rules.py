"""The life of a lesson and of its transcode. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

LEASE = timedelta(seconds=30)
"""A worker that has not renewed its lease for this long is taken for dead."""
MAX_ATTEMPTS = 3


class LessonState(StrEnum):
    """draft -> transcoding -> in_review -> approved; failed goes back to transcoding, approved may be withdrawn."""

    DRAFT = "draft"
    TRANSCODING = "transcoding"
    FAILED = "failed"
    IN_REVIEW = "in_review"
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


class ApprovalVerdict(StrEnum):
    """Whether somebody may approve a lesson."""

    ALLOWED = "allowed"
    NOT_IN_REVIEW = "not_in_review"
    OWN_UPLOAD = "own_upload"


def approval_verdict(state: str, uploader: UUID, approver: UUID) -> ApprovalVerdict:
    """A lesson in review may be approved, by anyone but its uploader."""
    if state != LessonState.IN_REVIEW:
        return ApprovalVerdict.NOT_IN_REVIEW
    return ApprovalVerdict.OWN_UPLOAD if uploader == approver else ApprovalVerdict.ALLOWED


def may_take(state: str, lease_until: datetime | None, now: datetime) -> bool:
    """Whether a worker may begin or take over a transcode."""
    if state == TranscodeState.QUEUED:
        return True
    return state == TranscodeState.RUNNING and lease_until is not None and lease_until < now


def airable(state: str) -> bool:
    """Whether a lesson may stand in a published layer."""
    return state == LessonState.APPROVED
