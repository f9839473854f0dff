"""Groups of stations: make, fill and delete them, and say which stations a group has.

Which stations those are is found whenever somebody asks: a station that came under a rule today belongs to it today,
and one that was moved out of the owner's region belongs to it no longer, whether it was picked or not. Any number of
groups may have a station. What a group is used for is for slices above to say (`ports.py`); that one may not be
deleted. Layers of the timetable belong to regions so far: no group has one yet, whatever `schedules/layers.py` makes
room for.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, and_, delete, exists, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.kernel.pagination import Page, paginate
from contentserver.regions import in_subtree, region_named, subtree_filter
from contentserver.stations import rules
from contentserver.stations.models import GroupMember, Station, StationGroup
from contentserver.stations.ports import GroupUse, GroupUses
from contentserver.stations.rules import GroupFault, GroupWords

AT_ONCE = 500
"""Ids of one statement: both databases bound how many a statement may have."""


class GroupRefused(Rejected):
    """A group may not stand as it is; `faults` says why, field by field."""

    def __init__(self, *faults: tuple[str, GroupFault]) -> None:
        super().__init__("group_refused", _("The group cannot stand like this."))
        self.faults = faults


class GroupUsed(Conflict):
    """A group that is used is not deleted; `uses` says by what."""

    def __init__(self, uses: Sequence[GroupUse]) -> None:
        super().__init__("group_used", _("This group is in use. Delete it when what uses it is over."))
        self.uses = uses


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which stations a list shows; what is empty does not choose.

    Attributes:
        inside: those that belong to the group, or those that do not.
    """

    words: str = ""
    region_code: str = ""
    kind: str = ""
    inside: bool | None = None


def group_with(session: Session, group_id: UUID, *, locked: bool = False) -> StationGroup:
    """The group with this id, deleted or not.

    Raises:
        NotFound: there is none.
    """
    row = session.get(StationGroup, group_id, populate_existing=True, with_for_update=locked)
    if row is None:
        raise NotFound("group_unknown", _("There is no such group."))
    return row


def where_group(session: Session, group_id: UUID) -> str:
    """The code of the region that owns a group.

    Raises:
        NotFound: there is none.
    """
    return group_with(session, group_id).region_code


def words_of(row: StationGroup) -> GroupWords:
    """What stands in the row, as a person decided it."""
    kinds = tuple(row.kinds.split())
    return GroupWords(region_code=row.region_code, name=row.name, picked=row.picked, kinds=kinds, below=row.below)


def may_change(row: StationGroup, who: Person) -> bool:
    """Whoever may tell all stations of a region something may say as well which of them are told together."""
    return who.may(Right.NOTIFY) and who.reaches(row.region_code)


def groups_within(session: Session, region_code: str) -> Sequence[StationGroup]:
    """The groups that stand, of a region and everything below it, in order of region and name."""
    return session.scalars(_groups(region_code)).all()


def page_of_groups(
    session: Session, root: str, words: str, number: int, *, removed: bool = False
) -> Page[StationGroup]:
    """One page of them, or of the deleted ones, whose name contains `words`."""
    query = _groups(root, removed=removed)
    if words:
        query = query.where(StationGroup.name.icontains(words, autoescape=True))
    return paginate(session, query, number)


def _groups(root: str, *, removed: bool = False) -> Select[StationGroup]:
    gone = StationGroup.removed_at.is_not(None) if removed else StationGroup.removed_at.is_(None)
    query = select(StationGroup).where(gone, subtree_filter(StationGroup.region_code, root))
    return query.order_by(StationGroup.region_code, StationGroup.name, StationGroup.id)


def groups_with(session: Session, ids: Collection[UUID], *, locked: bool = False) -> dict[UUID, StationGroup]:
    """The groups with these ids, deleted or not; locked, nobody deletes one of them before the unit of work ends."""
    query = select(StationGroup).where(StationGroup.id.in_(ids)).order_by(StationGroup.id)
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return {row.id: row for row in session.scalars(query)} if ids else {}


def _belonging(row: StationGroup, root: str = "") -> Select[UUID]:
    """SQL: the stations of a group, as `GroupWords.may_hold` decides, that lie below `root` as well."""
    words = words_of(row)
    query = select(Station.id).where(subtree_filter(Station.region_code, words.root))
    if root:
        query = query.where(subtree_filter(Station.region_code, root))
    if words.kinds:
        query = query.where(Station.kind.in_(words.kinds))
    if row.picked:
        query = query.join(GroupMember, and_(GroupMember.station_id == Station.id, GroupMember.group_id == row.id))
    return query


def stations_by_group(session: Session, ids: Collection[UUID], root: str = "") -> dict[UUID, set[UUID]]:
    """Of each group its stations now, of those below `root`; a deleted group has those that it would have."""
    found = groups_with(session, ids)
    return {one: set(session.scalars(_belonging(row, root))) for one, row in found.items()}


def stations_of_groups(session: Session, ids: Collection[UUID], root: str = "") -> set[UUID]:
    """The stations that belong to any of these groups now, of those below `root`."""
    return set[UUID]().union(*stations_by_group(session, ids, root).values())


def counts(session: Session, groups: Iterable[StationGroup]) -> dict[UUID, int]:
    """How many stations each of them has."""
    return {row.id: session.scalar(select(func.count()).select_from(_belonging(row).subquery())) or 0 for row in groups}


def groups_concerning(session: Session, root: str) -> set[UUID]:
    """Of all groups, those that a region's people have to do with: owned there or below, or with a station there."""
    within, above = set[UUID](), list[StationGroup]()
    for row in session.scalars(select(StationGroup)):
        if in_subtree(row.region_code, root):
            within.add(row.id)
        elif in_subtree(root, row.region_code):
            above.append(row)
    reached = {row.id for row in above if session.scalars(_belonging(row, root).limit(1)).first() is not None}
    return within | reached


def page_of_candidates(session: Session, row: StationGroup, chosen: Chosen, number: int) -> Page[Station]:
    """One page of the stations that belong to a group or could."""
    query = select(Station).where(Station.id.in_(_candidates(row, chosen)))
    return paginate(session, query.order_by(Station.region_code, Station.name, Station.id), number)


def _candidates(row: StationGroup, chosen: Chosen) -> Select[UUID]:
    query = select(Station.id).where(subtree_filter(Station.region_code, row.region_code))
    if chosen.words:
        query = query.where(Station.name.icontains(chosen.words, autoescape=True))
    if chosen.region_code:
        query = query.where(subtree_filter(Station.region_code, chosen.region_code))
    if chosen.kind:
        query = query.where(Station.kind == chosen.kind)
    if chosen.inside is None and row.picked:
        return query
    inside = Station.id.in_(_belonging(row))
    return query.where(~inside if chosen.inside is False else inside)


def make(session: Session, words: GroupWords, who: Person, now: datetime) -> StationGroup:
    """A new group, without stations where they are to be picked.

    Raises:
        GroupRefused: something speaks against it.
        Forbidden: its region lies outside the person's own.
        NotFound: there is no such region.
    """
    words = _checked(session, words, who)
    row = StationGroup(id=new_id(), saved=1, filled=0, made_by=who.id, made_at=now)
    _keep(session, row, words)
    audit(session, who=who, action="group.made", subject=f"group {row.id}", now=now, after=_told(words))
    return row


def change(session: Session, row: StationGroup, words: GroupWords, saved: int, who: Person, now: datetime) -> None:
    """Another name or rule; the owner stays. Stations that were picked are kept while a rule holds.

    Args:
        saved: the change of the group that the person saw.

    Raises:
        Conflict: it is not the newest, or the group is deleted.
        GroupRefused, Forbidden, NotFound: as for `make`.
    """
    _require_standing(session, row, who)
    if row.saved != saved:
        raise Conflict("group_changed", _("Somebody else has changed this group meanwhile."))
    before = words_of(row)
    words = GroupWords(
        region_code=row.region_code, name=words.name, picked=words.picked, kinds=words.kinds, below=words.below
    )
    words = _checked(session, words, who)
    if words == before:
        return
    _keep(session, row, words)
    row.saved += 1
    session.flush()
    told = {"before": _told(before), "after": _told(words)}
    audit(session, who=who, action="group.changed", subject=f"group {row.id}", now=now, **told)


def put(
    session: Session,
    row: StationGroup,
    added: Collection[UUID],
    dropped: Collection[UUID],
    who: Person,
    now: datetime,
) -> tuple[int, int]:
    """Put stations into a group whose stations are picked, and take others out; gives back how many of each it was.

    Raises:
        Forbidden: one of those to be added lies outside the group's region; nothing is changed.
        NotFound: one of them is no station.
        Conflict: the group is deleted, or goes by a rule.
    """
    _require_standing(session, row, who)
    if not row.picked:
        raise Conflict("group_by_rule", _("The stations of this group follow from its rule. Change the rule."))
    have = set(session.scalars(select(GroupMember.station_id).where(GroupMember.group_id == row.id)))
    new, gone = set(added) - have, (set(dropped) - set(added)) & have
    _require_below(session, row, new)
    if new:
        session.execute(insert(GroupMember), [{"group_id": row.id, "station_id": one} for one in sorted(new)])
    for some in _parts(gone):
        picked = delete(GroupMember).where(GroupMember.group_id == row.id, GroupMember.station_id.in_(some))
        session.execute(picked.execution_options(synchronize_session=False))
    if new or gone:
        row.filled += 1
        session.flush()
        after = {"added": _listed(new), "dropped": _listed(gone)}
        audit(session, who=who, action="group.filled", subject=f"group {row.id}", now=now, after=after)
    return len(new), len(gone)


def put_all(
    session: Session, row: StationGroup, chosen: Chosen, who: Person, now: datetime, *, out: bool = False
) -> tuple[int, int]:
    """Put every station that a list would show into a group, or take all of them out."""
    found = session.scalars(_candidates(row, chosen)).all()
    return put(session, row, () if out else found, found if out else (), who, now)


def remove(session: Session, row: StationGroup, uses: GroupUses, who: Person, now: datetime) -> None:
    """Delete a group that nothing uses; it can be taken back.

    Raises:
        GroupUsed: something uses it.
        Conflict: somebody has deleted it already.
    """
    _require_standing(session, row, who)
    if found := uses(session, row.id, now):
        raise GroupUsed(found)
    row.removed_by, row.removed_at = who.id, now
    session.flush()
    before = _told(words_of(row))
    audit(session, who=who, action="group.removed", subject=f"group {row.id}", now=now, before=before)


def restore(session: Session, row: StationGroup, who: Person, now: datetime) -> None:
    """Take a deletion back, with every station that was picked; where it stands already, it stays.

    Raises:
        Conflict: another group has its name meanwhile.
    """
    _require_keeper(row, who)
    if row.removed_at is None:
        return
    taken = Conflict("group_name_taken", _("Another group has this name meanwhile. Rename that one first."))
    if _name_taken(session, row.id, words_of(row)):
        raise taken
    try:
        with session.begin_nested():
            row.removed_by = row.removed_at = None
            session.flush()
    except IntegrityError as error:
        raise taken from error
    audit(session, who=who, action="group.restored", subject=f"group {row.id}", now=now, after=_told(words_of(row)))


def _checked(session: Session, words: GroupWords, who: Person) -> GroupWords:
    words = words.tidied
    if found := rules.group_faults(words):
        raise GroupRefused(*found)
    if not who.reaches(words.region_code) or not who.may(Right.NOTIFY):
        raise Forbidden("out_of_scope", _("This group belongs to a region outside your own."))
    for code in filter(None, (words.region_code, words.below)):
        region_named(session, code)
    return words


def _keep(session: Session, row: StationGroup, words: GroupWords) -> None:
    """Write it down, unless another group of the region has its name."""
    if _name_taken(session, row.id, words):
        raise GroupRefused(("name", GroupFault.NAME_TAKEN))
    try:
        with session.begin_nested():
            row.region_code, row.name, row.picked = words.region_code, words.name, words.picked
            row.kinds, row.below = " ".join(words.kinds), words.below
            session.add(row)
            session.flush()
    except IntegrityError as error:  # somebody was quicker by a moment
        raise GroupRefused(("name", GroupFault.NAME_TAKEN)) from error


def _name_taken(session: Session, group_id: UUID, words: GroupWords) -> bool:
    same = and_(StationGroup.region_code == words.region_code, StationGroup.name == words.name)
    other = exists().where(same, StationGroup.removed_at.is_(None), StationGroup.id != group_id)
    return bool(session.scalar(select(other)))


def _require_below(session: Session, row: StationGroup, ids: Collection[UUID]) -> None:
    found = dict[UUID, str]()
    for some in _parts(ids):
        where = select(Station.id, Station.region_code).where(Station.id.in_(some))
        found |= dict(session.execute(where).all())
    if set(ids) - found.keys():
        raise NotFound("station_unknown", _("There is no such station."))
    if not all(in_subtree(code, row.region_code) for code in found.values()):
        raise Forbidden(
            "out_of_scope", _("One of these stations lies outside the group's region. Nothing was changed.")
        )


def _parts(ids: Collection[UUID]) -> Iterable[list[UUID]]:
    whole = sorted(ids)
    return (whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE))


def _listed(ids: Collection[UUID]) -> object:
    """The ids as the audit trail keeps them; of very many, how many."""
    return sorted(map(str, ids)) if len(ids) <= AT_ONCE else {"number": len(ids)}


def _told(words: GroupWords) -> dict[str, object]:
    """As the audit trail keeps it."""
    return {
        "name": words.name,
        "region": words.region_code,
        "picked": words.picked,
        "kinds": list(words.kinds),
        "below": words.below,
    }


def _require_keeper(row: StationGroup, who: Person) -> None:
    if not may_change(row, who):
        raise Forbidden("out_of_scope", _("This group belongs to a region outside your own."))


def _require_standing(session: Session, row: StationGroup, who: Person) -> None:
    """Lock the group for whoever may change it, unless it is deleted."""
    _require_keeper(row, who)
    group_with(session, row.id, locked=True)
    if row.removed_at is not None:
        raise Conflict("group_removed", _("This group was deleted. Take the deletion back first."))
