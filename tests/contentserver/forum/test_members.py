"""Members in the forum: what they read, how they are shown, who may stop them, and what stays of them."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from PIL import Image
from sqlalchemy import Engine, create_engine, func, inspect, select, text
from sqlalchemy.orm import Session

import contentserver
from contentserver import stations
from contentserver.admin import migrate
from contentserver.audit.models import AuditEntry
from contentserver.forum import authors, listing, service, tables_about, telling, watch
from contentserver.forum.authors import Writer
from contentserver.forum.listing import Asked
from contentserver.forum.models import Author, Post, PostPicture, Thread
from contentserver.forum.rules import Moderation, State
from contentserver.forum.service import Subject
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Base, Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import Branch, Member, add_member
from contentserver.members.leaving import forget
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, create_postgres_database, person

COUNTY, TOWNSHIP, ELSEWHERE = VILLAGE[:6], VILLAGE[:9], "640221203200"
NOWHERE = Path("/nowhere")
CHANGES = ("add_column", "remove_column", "add_fk", "remove_fk", "add_index")
ACCOUNT = (
    "INSERT INTO accounts (id, username, display_name, password_hash, role, region_code, active, failed_sign_ins, "
    "created_at) VALUES (:id, :name, :name, 'x', 'scheduler', '', true, 0, :now)"
)
BEFORE = (
    'INSERT INTO forum_threads (id, region_code, title, "by", at, last_at, pinned) '
    "VALUES (:thread, '640221', '冬灌', :li, :now, :now, false)",
    'INSERT INTO forum_posts (id, thread_id, number, "by", at, text, state, why) '
    "VALUES (:post, :thread, 1, :li, :now, '何时', 'shown', '')",
    "INSERT INTO forum_words (id, post_id, words) VALUES (1, :post, '何时')",
    "INSERT INTO forum_reports (post_id, \"by\", at, reason) VALUES (:post, :wang, :now, '跑题')",
    "INSERT INTO forum_notifications (post_id, account_id, kind) VALUES (:post, :wang, 'named')",
)
"""What stood in the forum when accounts alone wrote there."""


def member(session: Session, name: str = "马建国", number: str = "101", region: str = VILLAGE) -> Member:
    return add_member(session, next(iter(stations.stations_in(session, region))).id, name, number)


def seat(session: Session, row: Member) -> Writer:
    return authors.member(session, row)


def begun(session: Session, who: Writer, words: str = "地膜哪里有", title: str = "地膜", region: str = VILLAGE) -> Post:
    return service.begin(session, Subject(region), title, words, (), NOWHERE, who, NOW)


def answered(session: Session, post: Post, who: Writer, words: str, minutes: int = 1) -> Post:
    thread = session.get_one(Thread, post.thread_id)
    return service.reply(session, thread, words, (), NOWHERE, who, NOW + timedelta(minutes=minutes))


def titles(session: Session, who: Writer, words: str = "") -> list[str]:
    return [line.thread.title for line in listing.page_of_threads(session, Asked(words), who, 1).rows]


def branch(session: Session, region: str = TOWNSHIP, name: str = "通伏支部") -> Branch:
    row = Branch(region_code=region, name=name, kind="branch", made_at=NOW)
    session.add(row)
    session.flush()
    return row


def named(session: Session, row: Member) -> str:
    return authors.shown(session, [row.id])[row.id].name


def test_a_member_reads_their_village_and_above_and_their_branch_alone(session: Session, village: Station) -> None:
    own, other = seat(session, member(session)), seat(session, member(session, "李玉珍", "101", ELSEWHERE))
    begun(session, own)
    above = begun(session, other, "乡里的事", "乡里", TOWNSHIP)
    theirs = begun(session, other, "那村的事", "那村", ELSEWHERE)
    assert set(titles(session, own)) == {"地膜", "乡里"}
    assert set(titles(session, other)) == {"乡里", "那村"}
    assert listing.post_asked(session, above.id, own) is above
    for ask in (
        lambda: listing.thread_asked(session, theirs.thread_id, own),
        lambda: listing.post_asked(session, theirs.id, own),
    ):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(Forbidden):
        begun(session, own, "别村", "别村", ELSEWHERE)


def test_whoever_belongs_to_a_branch_reads_its_threads_wherever_they_lie(session: Session, village: Station) -> None:
    row, comrade, outsider = (
        member(session),
        member(session, "李玉珍", "101", ELSEWHERE),
        member(session, "田彩霞", "102"),
    )
    common = branch(session)
    row.branch_id = comrade.branch_id = common.id
    session.flush()
    about = Subject(ELSEWHERE, branch=common.id)
    service.begin(session, about, "支部活动", "周五学习", (), NOWHERE, seat(session, comrade), NOW)
    assert titles(session, seat(session, row)) == ["支部活动"]
    assert titles(session, seat(session, outsider)) == []
    with pytest.raises(NotFound):
        service.begin(
            session, Subject(VILLAGE, branch=common.id), "混进", "混进", (), NOWHERE, seat(session, outsider), NOW
        )


def test_a_member_is_shown_masked_until_they_choose_a_name_once(session: Session, village: Station) -> None:
    row = member(session)
    who = seat(session, row)
    begun(session, who)
    assert named(session, row) == "马*国"
    authors.choose_name(session, who, " 枸杞\u202e老马 ", row, NOW)
    assert named(session, row) == "枸杞老马"
    with pytest.raises(Conflict, match="name_chosen"):
        authors.choose_name(session, who, "又一个", row, NOW)
    other = member(session, "李玉珍", "102")
    account = person(session, Role.STATION_ADMIN, VILLAGE, "Laoli")
    for taken in ("枸杞老马", account.display_name.upper()):
        with pytest.raises(Rejected, match="name_wrong"):
            authors.choose_name(session, seat(session, other), taken, other, NOW)
    assert authors.shown(session, [row.id])[row.id].place == "马场村委会"


def test_an_author_is_an_account_or_a_member_and_made_once(session: Session, village: Station) -> None:
    row = member(session)
    for _turn in range(2):
        authors.hold(session, seat(session, row))
        authors.hold(session, authors.account(person(session, Role.STATION_ADMIN, VILLAGE)))
    assert session.scalar(select(func.count()).select_from(Author)) == 3
    assert session.scalar(select(func.count()).where(Author.member_id == row.id)) == 1


def test_links_pictures_and_titles_of_somebody_new_wait(session: Session, village: Station, tmp_path: Path) -> None:
    who = seat(session, member(session))
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "PNG")
    about = Subject(VILLAGE)
    seen = service.begin(session, about, "地里", "看看这个", [picture.getvalue()], tmp_path, who, NOW)
    linked = answered(session, seen, who, "https://a.example/x")
    titled = begun(session, who, "没什么", "加微信领奖")
    assert {one.state for one in (seen, linked, titled)} == {State.WAITING}
    plain = answered(session, seen, who, "普通一句", 2)
    assert plain.state == State.SHOWN
    later = NOW + timedelta(days=4)
    thread = session.get_one(Thread, seen.thread_id)
    known = service.reply(session, thread, "再看一张", [picture.getvalue()], tmp_path, who, later)
    assert known.state == State.SHOWN
    other = seat(session, member(session, "李玉珍", "102"))
    with pytest.raises(NotFound):
        listing.thread_asked(session, titled.thread_id, other)


def test_a_member_is_held_to_the_same_speed_and_the_same_half_hour(session: Session, village: Station) -> None:
    who = seat(session, member(session))
    post = begun(session, who)
    for turn in range(4):
        answered(session, post, who, f"第{turn}句", 1)
    with pytest.raises(Rejected, match="too_fast"):
        answered(session, post, who, "太快", 1)
    service.edit(session, post, "地膜\u202e哪里买", who, NOW + timedelta(minutes=29))
    assert post.text == "地膜哪里买"
    with pytest.raises(Forbidden):
        service.edit(session, post, "晚了", who, NOW + timedelta(minutes=31))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "post.changed")).one()
    assert entry.account_id is None
    assert f"member {who.id}" in entry.after


def test_a_board_that_looks_first_looks_at_members_too(session: Session, village: Station) -> None:
    keeper = person(session, Role.COUNTY_STAFF, COUNTY)
    service.look_after(session, COUNTY, Moderation.BEFORE, keeper, NOW)
    post = begun(session, seat(session, member(session)))
    assert (post.state, listing.count_waiting(session, keeper)) == (State.WAITING, 1)


def test_names_of_the_thread_are_told_and_nobody_else(session: Session, village: Station) -> None:
    first, second, quiet = (
        member(session, name, number) for name, number in (("马建国", "101"), ("李玉珍", "102"), ("马爱国", "103"))
    )
    admin = person(session, Role.STATION_ADMIN, VILLAGE)
    post = begun(session, seat(session, first))
    answered(session, post, seat(session, second), f"@马*国你看,@{admin.username} 也看")
    kinds = {
        who: [one.kind for one in session.scalars(listing.told(seat(session, who)))] for who in (first, second, quiet)
    }
    assert kinds == {first: ["named"], second: [], quiet: []}
    assert session.scalars(listing.told(authors.account(admin))).all() == [], "members name those of the thread alone"
    answered(session, post, authors.account(admin), "@李*珍 好", 2)
    who = seat(session, second)
    assert [one.kind for one in session.scalars(listing.told(who))] == ["named"]
    telling.see(session, session.get_one(Thread, post.thread_id), who, NOW)
    assert listing.count_unseen(session, who) == 0
    assert len(session.scalars(listing.told(who)).all()) == 1, "what was seen stays on the page of its own"


def test_whoever_moved_away_is_told_nothing_of_threads_that_they_do_not_read(
    session: Session, village: Station
) -> None:
    row = member(session)
    post = begun(session, seat(session, row))
    answered(session, post, seat(session, member(session, "李玉珍", "102")), "有")
    row.station_id = next(iter(stations.stations_in(session, ELSEWHERE))).id
    session.flush()
    assert listing.count_unseen(session, seat(session, row)) == 0


def test_a_member_may_be_stopped_for_some_days_with_a_reason_that_they_read(session: Session, village: Station) -> None:
    row, keeper = member(session), person(session, Role.COUNTY_STAFF, COUNTY)
    who = seat(session, row)
    post = begun(session, who)
    for days, why, code in ((7, " ", "reason_missing"), (5, "吵", "days_wrong")):
        with pytest.raises(Rejected, match=code):
            authors.block(session, row.id, days, why, keeper, NOW)
    authors.block(session, row.id, 7, "一再骂人", keeper, NOW)
    for act in (
        lambda: begun(session, who, "又来"),
        lambda: answered(session, post, who, "又来"),
        lambda: service.edit(session, post, "改", who, NOW),
    ):
        with pytest.raises(Forbidden, match="author_blocked") as caught:
            act()
        assert "一再骂人" in str(caught.value.sentence)
    assert [author.id for author, _shown in authors.blocked_within(session, keeper, NOW)] == [row.id]
    assert authors.blocked_within(session, person(session, Role.COUNTY_STAFF, "640205"), NOW) == []
    assert authors.where_author(session, row.id) == VILLAGE
    assert answered(session, post, who, "过了一周", 8 * 24 * 60).state == State.SHOWN
    authors.block(session, row.id, 30, "还骂", keeper, NOW)
    authors.block(session, row.id, 0, "", keeper, NOW)
    assert authors.blocked(session, who, NOW) is None
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"member {row.id}")).all()
    assert sorted(actions) == ["author.blocked", "author.blocked", "author.unblocked"]
    staff = authors.account(person(session, Role.STATION_ADMIN, VILLAGE))
    authors.hold(session, staff)
    with pytest.raises(NotFound):
        authors.block(session, staff.id, 3, "不行", keeper, NOW)


def test_a_record_that_stands_for_another_answers_for_what_that_one_wrote(session: Session, village: Station) -> None:
    row, twin = member(session), member(session, "马建国", "102")
    post = begun(session, seat(session, twin))
    authors.block(session, twin.id, 3, "吵", person(session, Role.COUNTY_STAFF, COUNTY), NOW)
    twin.merged_into = row.id
    session.flush()
    who = seat(session, row)
    with pytest.raises(Forbidden, match="author_blocked"):
        begun(session, who)
    service.remove(session, post, "", who, NOW)
    assert (post.state, post.decided_by) == (State.REMOVED, None)


def test_three_members_who_report_a_post_let_it_wait(session: Session, village: Station) -> None:
    post = begun(session, authors.account(person(session, Role.STATION_ADMIN, VILLAGE)))
    for number in ("101", "102", "103"):
        assert post.state == State.SHOWN
        service.report(session, post, "不实", seat(session, member(session, "马建国", number)), NOW)
    assert post.state == State.WAITING


def test_the_words_of_the_forgotten_stay_and_nothing_names_them(
    database: Database, village: Station, session: Session
) -> None:
    session.close()
    watch(database)
    with database.unit_of_work() as unit:
        row = member(unit)
        who = seat(unit, row)
        authors.choose_name(unit, who, "枸杞老马", row, NOW)
        post = begun(unit, who)
        unit.add(PostPicture(post_id=post.id, digest="0" * 64, width=1, height=1))
    with database.unit_of_work() as unit:
        found = unit.get_one(Member, row.id)
        tables = {name: rows for name, _heads, rows in tables_about(unit, found)}
        assert (tables["forum_name"], tables["forum_posts"][0][1:4]) == (
            [["枸杞老马"]],
            ["地膜", "地膜哪里有", "shown"],
        )
        forget(unit, found)
    with database.reader() as looking:
        author = looking.get_one(Author, row.id)
        assert (author.name, author.key) == ("", None)
        assert named(looking, row) == "a former member"
        assert looking.get_one(Post, post.id).text == "地膜哪里有"
        assert looking.scalar(select(func.count()).select_from(PostPicture)) == 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_written_before_is_their_authors(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    if kind == "postgresql":
        url = create_postgres_database(str(request.getfixturevalue("postgres")), f"m{uuid4().hex}")
    migrate(url, "0043")
    ids = {name: uuid4() for name in ("li", "wang", "silent", "thread", "post")}
    keys = {name: one.hex if kind == "sqlite" else str(one) for name, one in ids.items()}
    facts = {**keys, "now": NOW.replace(tzinfo=None) if kind == "sqlite" else NOW}
    engine = create_engine(url)
    with engine.begin() as old:
        old.execute(text("INSERT INTO regions (code, level, name) VALUES ('640221', 'county', '平罗县')"))
        for name in ("li", "wang", "silent"):
            old.execute(text(ACCOUNT), {"id": keys[name], "name": name, "now": facts["now"]})
        for statement in BEFORE:
            old.execute(text(statement), facts)
    before = _indexed(engine)
    migrate(url)
    with Session(engine) as session:
        assert {one.account_id for one in session.scalars(select(Author))} == {ids["li"], ids["wang"]}
        assert session.get_one(Post, ids["post"]).by == ids["li"]
        who = authors.account(person(session, Role.COUNTY_STAFF, "640221"))
        assert titles(session, who, "何时") == ["冬灌"]
        told = Writer(ids["wang"], "640221")
        assert [one.kind for one in session.scalars(listing.told(told))] == ["named"]
    assert _indexed(engine) == before, "every index and every unique constraint is there as before"
    with engine.connect() as connection:
        differs = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
    assert [one for one in differs if one[0] in CHANGES and ("forum_" in str(one) or "articles" in str(one))] == []
    _back(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT account_id FROM forum_notifications")) in (keys["wang"], ids["wang"])
        assert connection.scalar(text("SELECT count(*) FROM forum_posts")) == 1
    engine.dispose()


def _indexed(engine: Engine) -> set[tuple[str, str]]:
    """By what rows of the forum are found, and of what there is only one."""
    found = set[tuple[str, str]]()
    for table in ("forum_threads", "forum_posts", "forum_reports", "forum_words"):
        looking = inspect(engine)
        found |= {(table, str(one["name"])) for one in looking.get_indexes(table)}
        found |= {(table, str(one["name"])) for one in looking.get_unique_constraints(table)}
    return found


def _back(url: str) -> None:
    """To the tables of before."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(contentserver.__file__).parent / "migrations"))
    configuration.attributes["database_url"] = url
    command.downgrade(configuration, "0043")
