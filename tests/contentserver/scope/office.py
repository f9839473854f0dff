"""What a county's organisation has: a message, its process, templates, groups; an article; talk; a project."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from contentserver.app import Services, message_means
from contentserver.forum.models import Author, Post, Thread
from contentserver.kernel.auth import Right
from contentserver.members import Member
from contentserver.messaging import ReleaseKind, Way
from contentserver.messaging.audience import MEMBER, written
from contentserver.messaging.models import Delivery, Message, MessageGroup, MessageTemplate
from contentserver.messaging.rules import Audience, Channel, State
from contentserver.portal.models import Article
from contentserver.portal.rules import Kind as Reading
from contentserver.processes import Plan, begin
from contentserver.projects.models import Household, Project, ProjectNote
from contentserver.projects.rules import Kind, Model
from contentserver.stations import Station
from tests.contentserver.scope.county import County


def messages(session: Session, services: Services, made: County, who: UUID, now: datetime) -> None:
    """A message that waits for agreement, and one of its deliveries that has failed."""
    means, rule = message_means(services), written(Audience(made.township))
    where = {"region_code": made.township, "made_by": who, "made_at": now}
    message = Message(
        channel=Channel.SMS.value,
        title=f"{made.mark}message",
        text=f"{made.mark}message text",
        audience=rule,
        state=State.WAITING.value,
        **where,
    )
    template = MessageTemplate(name=f"{made.mark}template", text=f"{made.mark}template text", **where)
    group = MessageGroup(name=f"{made.mark}kept group", audience=rule, **where)
    session.add_all([message, template, group])
    session.flush()
    session.add(
        Delivery(
            message_id=message.id,
            kind=MEMBER,
            person_id=uuid4(),
            address_sealed=means.seal.seal("13800000000"),
            address_mark=means.seal.mark("13800000000"),
            state=Way.FAILED.value,
            next_at=now,
            error=f"{made.mark}error",
        )
    )
    process = begin(
        session,
        ReleaseKind(means),
        subject=f"message {message.id}",
        title=f"{made.mark}process",
        plans=[Plan("agree", Right.SEND_MESSAGES, made.township, 1)],
        who=None,
        now=now,
    )
    made.named |= {
        "message_id": str(message.id),
        "template_id": str(template.id),
        "kept_group_id": str(group.id),
        "process_id": str(process.id),
    }


def article(session: Session, made: County, who: UUID, now: datetime) -> None:
    """An article that nobody reads yet."""
    row = Article(
        region_code=made.township,
        kind=Reading.NEWS.value,
        code=made.mark.lower()[:8],
        title=f"{made.mark}article",
        text=f"{made.mark}article text",
        state="draft",
        made_by=who,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    made.named["article_id"] = str(row.id)


def talk(session: Session, made: County, member: Member, who: UUID, now: datetime) -> None:
    """A thread with a post of an account, and one of a member."""
    session.add_all([Author(id=who, account_id=who), Author(id=member.id, member_id=member.id)])
    session.flush()
    thread = Thread(region_code=made.township, title=f"{made.mark}thread", by=who, at=now, last_at=now)
    session.add(thread)
    session.flush()
    post = Post(thread_id=thread.id, number=1, by=who, at=now, text=f"{made.mark}post", state="shown")
    session.add(post)
    session.flush()
    session.add(Post(thread_id=thread.id, number=2, by=member.id, at=now, text=f"{made.mark}answer", state="shown"))
    session.flush()
    made.named |= {"thread_id": str(thread.id), "post_id": str(post.id), "author_id": str(member.id)}


def project(session: Session, made: County, station: Station, member: Member, who: UUID, now: datetime) -> None:
    """A project with a household that has adopted something."""
    day = now.date()
    row = Project(
        region_code=made.township,
        model=Model.MEMBER.value,
        name=f"{made.mark}project",
        aim=f"{made.mark}aim",
        begun_on=day,
        made_by=who,
        made_at=now,
    )
    session.add(row)
    session.flush()
    house = Household(project_id=row.id, station_id=station.id, member_id=member.id, land_cmu=100, joined_on=day)
    session.add(house)
    session.flush()
    note = ProjectNote(
        project_id=row.id,
        household_id=house.id,
        kind=Kind.ADOPTION.value,
        day=day,
        text=f"{made.mark}note",
        land_cmu=50,
        by=who,
        at=now,
    )
    session.add(note)
    session.flush()
    made.named |= {"project_id": str(row.id), "household_id": str(house.id), "project_note_id": str(note.id)}
