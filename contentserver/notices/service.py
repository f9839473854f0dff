"""Write notices, publish and withdraw them, and lay them out for the stations' televisions.

What a notice may say and how it stands: `rules.py`; whom it reaches: `reaching.py`; who has read it: `reading.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.audit import audit
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.kernel.pagination import Page, paginate
from contentserver.notices import reaching, rules
from contentserver.notices.models import NoticeGroup, NoticeRegion, NoticeRow
from contentserver.notices.reaching import Targets
from contentserver.notices.rules import Fault, FieldFault, NoticeState, NoticeWords, Standing
from contentserver.regions import ancestors_and_self, region_named, subtree_filter
from contentserver.stations import StationGroup, groups_with, groups_within
from schedules.wire.messages import NoticeCard, Notices, PaperKind

ROWS = 20
"""Of one page of the list."""
REASON_MAX = 200

OLD_NOTICES = OldRows(NoticeRow, func.coalesce(NoticeRow.withdrawn_at, NoticeRow.valid_until))
"""Since a notice was withdrawn or was over; what was read of it goes with it."""


class NoticeRefused(Rejected):
    """A notice may not stand as it is; `faults` says why, field by field."""

    def __init__(self, faults: tuple[FieldFault, ...]) -> None:
        super().__init__("notice_refused", _("The notice cannot stand like this."))
        self.faults = faults


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the notice; `row` is theirs."""

    def __init__(self, row: NoticeRow) -> None:
        super().__init__("notice_changed", _("Somebody else has changed this notice meanwhile."))
        self.row = row


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices a list shows; what is empty does not choose."""

    standing: Standing | None = None
    region_code: str = ""
    words: str = ""


def notice_with(session: Session, notice_id: UUID) -> NoticeRow:
    """The notice with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(NoticeRow, notice_id, populate_existing=True)
    if row is None:
        raise NotFound("notice_unknown", _("There is no such notice."))
    return row


def notice_asked(session: Session, notice_id: UUID, who: Person) -> NoticeRow:
    """The notice, where the person may read it: published for where they are or for below, or theirs to write.

    Raises:
        NotFound: there is none.
        Forbidden: it does not concern them.
    """
    row = notice_with(session, notice_id)
    if may_write(row, who):
        return row
    near = reaching.concerns(session, row, who)
    if not near or (row.state != NoticeState.PUBLISHED and not _keeps_watch(row, who)):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return row


def _keeps_watch(row: NoticeRow, who: Person) -> bool:
    """Whoever writes notices below sees as well what was withdrawn above them."""
    return row.state == NoticeState.WITHDRAWN and who.may(Right.NOTIFY)


def may_write(row: NoticeRow, who: Person) -> bool:
    """Whether somebody may change, publish and withdraw a notice."""
    return who.may(Right.NOTIFY) and who.reaches(row.region_code)


def words_of(row: NoticeRow) -> NoticeWords:
    """What stands in the row, as a person decided it."""
    return NoticeWords(
        regions=tuple(one.region_code for one in row.regions),
        groups=tuple(one.group_id for one in row.groups),
        title=row.title,
        text=row.text,
        issuer=row.issuer,
        important=row.important,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def standing_of(row: NoticeRow, now: datetime) -> Standing:
    """How a notice stands."""
    return rules.standing(NoticeState(row.state), row.valid_from, row.valid_until, now)


def notices_seen(session: Session, who: Person, wanted: Wanted, number: int, now: datetime) -> Page[NoticeRow]:
    """One page of the notices that a person may read, the newest first."""
    query = select(NoticeRow).where(_seen_by(session, who))
    if wanted.standing is not None:
        query = query.where(_stands(wanted.standing, now))
    if wanted.region_code:
        query = query.where(reaching.meant_for(wanted.region_code))
    if wanted.words:
        texts = (NoticeRow.title, NoticeRow.text, NoticeRow.issuer)
        query = query.where(or_(*(text.icontains(wanted.words, autoescape=True) for text in texts)))
    newest = func.coalesce(NoticeRow.published_at, NoticeRow.written_at)
    return paginate(session, query.order_by(newest.desc(), NoticeRow.id.desc()), number, ROWS)


def regions_with_notices(session: Session, who: Person) -> list[str]:
    """The codes of regions for which, or for whose groups, notices were written that a person may read."""
    seen = select(NoticeRow.id).where(_seen_by(session, who))
    named = select(NoticeRegion.region_code).where(NoticeRegion.notice_id.in_(seen))
    grouped = select(StationGroup.region_code).join(NoticeGroup, NoticeGroup.group_id == StationGroup.id)
    owners = grouped.where(NoticeGroup.notice_id.in_(seen))
    return sorted({*session.scalars(named), *session.scalars(owners)})


def _seen_by(session: Session, who: Person) -> ColumnElement[bool]:
    """SQL: as `notice_asked` decides."""
    below = subtree_filter(NoticeRow.region_code, who.region_code)
    near = reaching.concerning(session, who)
    if not who.may(Right.NOTIFY):
        return and_(near, NoticeRow.state == NoticeState.PUBLISHED.value)
    return or_(below, and_(near, NoticeRow.state != NoticeState.DRAFT.value))


def _stands(standing: Standing, now: datetime) -> ColumnElement[bool]:
    """SQL: as `rules.standing` decides."""
    if standing in (Standing.DRAFT, Standing.WITHDRAWN):
        return NoticeRow.state == standing.value
    published = NoticeRow.state == NoticeState.PUBLISHED.value
    over = and_(NoticeRow.valid_until.is_not(None), NoticeRow.valid_until <= now)
    coming = and_(NoticeRow.valid_from.is_not(None), NoticeRow.valid_from > now)
    match standing:
        case Standing.OVER:
            return and_(published, over)
        case Standing.COMING:
            return and_(published, ~over, coming)
        case _:
            return and_(published, ~over, ~coming)


def usual_issuer(session: Session, who: Person) -> str:
    """Who issues, as the person put it last; before the first time, the name of their region."""
    mine = select(NoticeRow.issuer).where(NoticeRow.written_by == who.id).order_by(NoticeRow.written_at.desc())
    last = session.scalars(mine.limit(1)).first()
    if last is not None or not who.region_code:
        return last or ""
    return region_named(session, who.region_code).name


def draft(session: Session, words: NoticeWords, who: Person, now: datetime) -> NoticeRow:
    """A new notice, which nobody reads yet.

    Raises:
        NoticeRefused: something speaks against it.
        Forbidden: a region or a group lies outside the person's own region.
        NotFound: there is no such region.
    """
    words, holding = _checked(session, words, who, now)
    row = NoticeRow(
        id=new_id(), state=NoticeState.DRAFT.value, version=1, saved=1, written_by=who.id, written_at=now,
        withdrawn_because="",
    )  # fmt: skip
    _write(row, words, holding)
    session.add(row)
    session.flush()
    audit(session, who=who, action="notice.drafted", subject=f"notice {row.id}", now=now, after=words)
    return row


def change(session: Session, row: NoticeRow, words: NoticeWords, saved: int, who: Person, now: datetime) -> None:
    """Other words, or another time, for a draft or a published notice; its readers are asked to read other words anew.

    The regions and groups of a published notice stay: what was read of it counts there.

    Args:
        saved: the change of the notice that the person saw.

    Raises:
        ChangedMeanwhile: it is not the newest.
        Conflict: it was withdrawn.
        NoticeRefused, Forbidden, NotFound: as for `draft`.
    """
    _require_writer(row, who)
    _require(row, NoticeState.DRAFT, NoticeState.PUBLISHED)
    if row.saved != saved:
        raise ChangedMeanwhile(row)
    published = row.state == NoticeState.PUBLISHED
    if published:
        stays = words_of(row)
        words = msgspec.structs.replace(words, regions=stays.regions, groups=stays.groups)
    (words, holding), before = _checked(session, words, who, now), words_of(row)
    if words == before:
        return
    _write(row, words, holding)
    row.version += 1 if published and not words.reads_as(before) else 0
    row.saved += 1
    session.flush()
    audit(session, who=who, action="notice.changed", subject=f"notice {row.id}", now=now, before=before, after=words)


def publish(session: Session, row: NoticeRow, who: Person, now: datetime) -> None:
    """Send a draft to the televisions.

    Raises:
        Conflict: it is no draft any more.
        NoticeRefused: its time has passed since it was written.
    """
    _require_writer(row, who)
    _require(row, NoticeState.DRAFT)
    words, row.region_code = _checked(session, words_of(row), who, now)
    row.state, row.published_by, row.published_at = NoticeState.PUBLISHED.value, who.id, now
    row.saved += 1
    session.flush()
    audit(session, who=who, action="notice.published", subject=f"notice {row.id}", now=now, after=words)


def withdraw(session: Session, row: NoticeRow, reason: str, who: Person, now: datetime) -> None:
    """Take a published notice off the televisions. What was read of it stays.

    Raises:
        Rejected: no reason was given.
        Conflict: it does not stand.
    """
    _require_writer(row, who)
    _require(row, NoticeState.PUBLISHED)
    reason = rules.one_line(reason)[:REASON_MAX]
    if not reason:
        raise Rejected("reason_missing", _("Say why it is withdrawn."))
    row.state, row.withdrawn_by, row.withdrawn_at = NoticeState.WITHDRAWN.value, who.id, now
    row.withdrawn_because = reason
    row.saved += 1
    session.flush()
    after = {"reason": reason}
    audit(session, who=who, action="notice.withdrawn", subject=f"notice {row.id}", now=now, after=after)


def discard(session: Session, row: NoticeRow, who: Person, now: datetime) -> None:
    """Throw a draft away; the audit trail keeps its words."""
    _require_writer(row, who)
    _require(row, NoticeState.DRAFT)
    audit(session, who=who, action="notice.discarded", subject=f"notice {row.id}", now=now, before=words_of(row))
    session.delete(row)
    session.flush()


def lay_out(session: Session, now: datetime) -> int:
    """Write down for each station what it reads: whatever reaches it now; how many stations have another paper now."""
    published = select(NoticeRow).where(NoticeRow.state == NoticeState.PUBLISHED.value)
    due = [
        row
        for row in session.scalars(published.where(or_(NoticeRow.valid_until.is_(None), NoticeRow.valid_until > now)))
        if rules.on_boxes(NoticeState.PUBLISHED, row.valid_from, row.valid_until, now)
    ]
    mine: dict[UUID, list[NoticeRow]] = defaultdict(list)
    stations = reaching.reached_by(session, due)
    for row in due:
        for station_id in stations[row.id]:
            mine[station_id].append(row)
    read = {station_id: Notices(version="", notices=_cards(rows)) for station_id, rows in mine.items()}
    return papers.lay_out(session, PaperKind.NOTICES, read)


def groups_offered(session: Session, who: Person) -> Sequence[StationGroup]:
    """The groups to which somebody may write: those of their region and below, so that they reach all of each."""
    return groups_within(session, who.region_code)


def _cards(rows: Iterable[NoticeRow]) -> tuple[NoticeCard, ...]:
    """The newest first; where there are too many, those that are not important go."""
    newest = sorted(rows, key=lambda row: (row.published_at or row.written_at, row.id), reverse=True)
    kept = sorted(newest, key=lambda row: not row.important)[: rules.MOST_SHOWN]
    return tuple(card_of(row) for row in newest if row in kept)


def card_of(row: NoticeRow) -> NoticeCard:
    """A notice as televisions read it."""
    published = row.published_at or row.written_at
    return NoticeCard(
        id=str(row.id),
        version=row.version,
        title=row.title,
        text=row.text,
        issuer=row.issuer,
        published_at=published,
        valid_from=row.valid_from or published,
        valid_until=row.valid_until,
        important=row.important,
    )


def _checked(session: Session, words: NoticeWords, who: Person, now: datetime) -> tuple[NoticeWords, str]:
    """The words, tidied, and the region that holds all whom they are for; raises what speaks against them."""
    words = msgspec.structs.replace(
        words,
        regions=rules.outermost(words.regions),
        groups=tuple(sorted(set(words.groups))),
        title=rules.one_line(words.title),
        text=rules.paragraphs(words.text),
        issuer=rules.one_line(words.issuer),
    )
    if found := rules.faults(words, now):
        raise NoticeRefused(found)
    return words, _holding(session, Targets(words.regions, words.groups), who)


def _holding(session: Session, targets: Targets, who: Person) -> str:
    """The region in which everybody lies; the groups stay as they are until the unit of work ends."""
    groups = groups_with(session, targets.groups, locked=True)
    owners = [groups[one].region_code for one in targets.groups if one in groups]
    if not all(who.reaches(code) for code in (*targets.regions, *owners)):
        raise Forbidden("out_of_scope", _("This notice is for a region outside your own."))
    for code in targets.regions:
        region_named(session, code)
    if any(one not in groups or groups[one].removed_at for one in targets.groups):
        raise NoticeRefused((FieldFault("groups", Fault.GROUP_GONE),))
    holding = rules.holding_all(ancestors_and_self(code) for code in (*targets.regions, *owners))
    if not holding:
        raise NoticeRefused((FieldFault("region_code", Fault.FAR_APART),))
    return holding


def _write(row: NoticeRow, words: NoticeWords, holding: str) -> None:
    row.region_code, row.title, row.text, row.issuer = holding, words.title, words.text, words.issuer
    row.important, row.valid_from, row.valid_until = words.important, words.valid_from, words.valid_until
    regions = {one.region_code: one for one in row.regions}
    row.regions = [regions.get(code) or NoticeRegion(region_code=code) for code in words.regions]
    groups = {one.group_id: one for one in row.groups}
    row.groups = [groups.get(one) or NoticeGroup(group_id=one) for one in words.groups]


def _require_writer(row: NoticeRow, who: Person) -> None:
    if not may_write(row, who):
        raise Forbidden("out_of_scope", _("This notice is for a region outside your own."))


def _require(row: NoticeRow, *states: NoticeState) -> None:
    if NoticeState(row.state) not in states:
        raise Conflict("notice_moved_on", _("Somebody has decided about this notice meanwhile. Look at it again."))
