"""To whom questions go: experts and their topics, taking and giving back, up the tree when nobody answers in time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.consultations import rules, words
from contentserver.consultations.models import Case, ExpertTopic
from contentserver.consultations.rules import Expert, State, Urgency, Verdict
from contentserver.kernel.auth import RIGHTS, Person, Right, Role
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.regions import subtree_filter
from schedules.asking import TOPICS

ANSWERING_ROLES = tuple(role.value for role, rights in RIGHTS.items() if Right.ANSWER in rights)


def experts(session: Session, roles: Collection[str] = (Role.EXPERT.value,)) -> list[Expert]:
    """Everybody who answers, with their topics."""
    topics: dict[UUID, set[str]] = {}
    for account_id, topic in session.execute(select(ExpertTopic.account_id, ExpertTopic.topic)):
        topics.setdefault(account_id, set()).add(topic)
    query = select(Account.id, Account.region_code).where(Account.active, Account.role.in_(roles))
    return [Expert(one, region, frozenset(topics.get(one, ()))) for one, region in session.execute(query)]


def as_expert(session: Session, who: Person) -> Expert:
    """Somebody with the topics that they answer, or that the one answers in whose place they are."""
    mine = session.scalars(select(ExpertTopic.topic).where(ExpertTopic.account_id == owner(who)))
    return Expert(owner(who), who.region_code, frozenset(mine))


def owner(who: Person) -> UUID:
    """In whose name somebody works."""
    return who.acts_for or who.id


def experts_in(session: Session, root: str) -> Sequence[Account]:
    """The experts of a region's subtree, those whose account is closed too, in order of region and name."""
    query = select(Account).where(Account.role == Role.EXPERT.value, subtree_filter(Account.region_code, root))
    return session.scalars(query.order_by(Account.active.desc(), Account.region_code, Account.display_name)).all()


def topics_of(session: Session, accounts: Collection[UUID]) -> dict[UUID, list[str]]:
    """The topics of some experts, in the order in which they stand on the screen."""
    found: dict[UUID, list[str]] = {one: [] for one in accounts}
    for row in session.scalars(select(ExpertTopic).where(ExpertTopic.account_id.in_(accounts))):
        found[row.account_id].append(row.topic)
    return {one: sorted(topics, key=_place) for one, topics in found.items()}


def set_topics(session: Session, expert: Account, topics: Collection[str], who: Person, now: datetime) -> None:
    """From now on an expert answers these topics; none named: all of them.

    Raises:
        NotFound: the account is no expert's.
        Rejected: there is no such topic.
    """
    if expert.role != Role.EXPERT.value:
        raise NotFound("expert_unknown", _("There is no such expert."))
    if set(topics) - set(TOPICS):
        raise Rejected("topic_unknown", _("There is no such topic."))
    before = topics_of(session, [expert.id])[expert.id]
    after = sorted(set(topics), key=_place)
    if before == after:
        return
    session.execute(delete(ExpertTopic).where(ExpertTopic.account_id == expert.id))
    session.add_all(ExpertTopic(account_id=expert.id, topic=topic) for topic in after)
    session.flush()
    reroute(session)
    audit(
        session,
        who=who,
        action="expert.topics",
        subject=f"account {expert.id}",
        now=now,
        before={"topics": before},
        after={"topics": after},
    )


def claim(session: Session, case_id: UUID, who: Person, now: datetime) -> Case:
    """Take a question; once more by the same one changes nothing.

    Raises:
        Conflict: somebody else has it, or it needs no answer.
    """
    case = locked(session, case_id)
    refuse_unless(rules.may_claim(case.state, case.claimed_by, owner(who)))
    if case.state == State.OPEN:
        case.state, case.claimed_by, case.claimed_at = State.TAKEN.value, owner(who), now
        audit(session, who=who, action="case.taken", subject=f"case {case.id}", now=now)
    return case


def release(session: Session, case_id: UUID, who: Person, now: datetime) -> Case:
    """Give a question back to the queue.

    Raises:
        Conflict: nobody has taken it, or somebody else.
    """
    case = locked(session, case_id)
    refuse_unless(rules.may_release(case.state, case.claimed_by, owner(who), who.may(Right.DIRECT_CASES)))
    _put_back(case)
    audit(session, who=who, action="case.given_back", subject=f"case {case.id}", now=now)
    return case


def direct(session: Session, case_id: UUID, topic: str, urgency: str, who: Person, now: datetime) -> Case:
    """Give a question another topic, or make it urgent: it goes to whose topic it is, and the time counts anew.

    Raises:
        Conflict: it needs no answer any more.
        Rejected: there is no such topic.
    """
    case = locked(session, case_id)
    refuse_unless(Verdict.YES if case.state in rules.ANSWERABLE else rules.may_claim(case.state, None, who.id))
    if topic not in TOPICS or urgency not in {*Urgency}:
        raise Rejected("topic_unknown", _("There is no such topic."))
    before = {"topic": case.topic, "urgency": case.urgency}
    after = {"topic": topic, "urgency": urgency}
    if before == after:
        return case
    if topic != case.topic and case.state == State.TAKEN:
        _put_back(case)
    if urgency != case.urgency:
        case.due_at = rules.due(urgency, now)
    case.topic, case.urgency = topic, urgency
    case.desk, case.escalations = rules.desk(case.region_code, topic, experts(session)), 0
    audit(session, who=who, action="case.directed", subject=f"case {case.id}", now=now, before=before, after=after)
    return case


def keep_moving(session: Session, now: datetime) -> int:
    """Give back what somebody took who is not there any more, find new desks, send up what is overdue.

    Returns:
        How many questions moved.
    """
    there, known = experts(session, ANSWERING_ROLES), experts(session)
    moved = 0
    for case in session.scalars(select(Case).where(Case.state == State.TAKEN.value)):
        if case.claimed_by is not None and not rules.still_there(case.claimed_by, case.region_code, there):
            _put_back(case)
            audit(session, who=None, action="case.given_back", subject=f"case {case.id}", now=now)
            moved += 1
    moved += reroute(session)
    late = select(Case).where(Case.state.in_([State.OPEN.value, State.TAKEN.value]), Case.due_at <= now)
    for case in session.scalars(late):
        above = rules.desk_above(case.region_code, case.desk, case.topic, known)
        if above == case.desk:
            continue  # nobody is above: it stays overdue, and is shown so
        before = {"desk": case.desk}
        _put_back(case)
        case.desk, case.escalations, case.due_at = above, case.escalations + 1, rules.due(case.urgency, now)
        after = {"desk": above}
        audit(
            session, who=None, action="case.escalated", subject=f"case {case.id}", now=now, before=before, after=after
        )
        moved += 1
    session.flush()
    return moved


def reroute(session: Session) -> int:
    """Bring the open questions that never went up to the desk that is nearest now."""
    known, moved = experts(session), 0
    for case in session.scalars(select(Case).where(Case.state == State.OPEN.value, Case.escalations == 0)):
        desk = rules.desk(case.region_code, case.topic, known)
        if desk != case.desk:
            case.desk, moved = desk, moved + 1
    return moved


def locked(session: Session, case_id: UUID) -> Case:
    """A case as it stands now, which nobody else changes meanwhile.

    Raises:
        NotFound: there is none.
    """
    case = session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound("case_unknown", _("There is no such question."))
    return case


def refuse_unless(verdict: Verdict) -> None:
    """Raise Conflict in words unless the verdict is yes."""
    if verdict is not Verdict.YES:
        raise Conflict(f"case_{verdict.value}", words.WHY_NOT[verdict])


def _put_back(case: Case) -> None:
    case.state, case.claimed_by, case.claimed_at = State.OPEN.value, None, None


def _place(topic: str) -> int:
    return TOPICS.index(topic) if topic in TOPICS else len(TOPICS)
