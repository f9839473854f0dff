"""A stick from the server to a box and back: the same trust and the same rows as over the line."""

import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from contentserver.attendance import SessionRow, Taken, acknowledge
from contentserver.audit import AuditEntry
from contentserver.boxes import BoxStation, accept_report
from contentserver.courses import LessonState
from contentserver.deploy.authority import journal_public_key, new_journal_key
from contentserver.kernel.errors import Forbidden, Rejected
from contentserver.stations import stations_in
from contentserver.sticks import bringing, image, rules, service
from contentserver.sticks.bringing import Brought
from contentserver.sticks.rules import Content
from media_pipeline.manifest import decode_manifest
from schedules.airings import AiringId, LessonCard, LessonId
from schedules.layers import region_layer
from schedules.wire import on_stick, sealing
from schedules.wire.codec import decode, encode
from schedules.wire.messages import (
    Desired,
    EventBatch,
    EventRecord,
    PackageReport,
    PackageState,
    Reported,
    SignedIn,
    SignInMethod,
    StationCard,
    StationEntered,
    StickIndex,
)
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW
from tests.contentserver.sticks.conftest import COUNTY, Post
from tests.tvclient.packing import pack
from tvclient.adapters.clock import Clock
from tvclient.adapters.documents import Documents
from tvclient.adapters.journal import Journal
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.stick import Sticks
from tvclient.core import events
from tvclient.core.state import Stick, StickPhase

LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="")


def load(post: Post) -> service.Load:
    return service.load_for(post.session, [post.station], post.store, NOW)


def zipped(post: Post, content: Content) -> zipfile.ZipFile:
    made = image.image_of(post.session, load(post), content, post.store, NOW)
    data = b"".join(made.archive)
    assert len(data) == made.bytes
    return zipfile.ZipFile(BytesIO(data))


def report(post: Post, *stored: int, whole: bool = True) -> None:
    held = {
        post.packages[number]: PackageReport(
            state=PackageState.STORED, playable=True, stored_bytes=10, wanted_bytes=10 if whole else 20
        )
        for number in stored
    }
    said = Reported(box=BoxId(post.box.id), epoch="e", at=NOW, packages=held)
    accept_report(post.session, post.box, said, NOW, live=True)


def test_the_coming_lessons_are_offered_with_what_the_boxes_lack(post: Post) -> None:
    report(post, 0, whole=False)
    found = load(post)
    assert [one.title for one in found.items] == ["看懂化验单", "滩羊冬季补饲"]
    assert [(one.lacking, one.lacking_whole) for one in found.items] == [(0, 1), (1, 1)]
    assert found.boxes == 1
    assert [one.package for one in found.chosen(Content.MISSING)] == [post.packages[1]]
    assert len(found.chosen(Content.MISSING_WHOLE)) == len(found.chosen(Content.PLANNED)) == 2
    assert found.bytes_for(Content.PLANNED) < found.bytes_for(Content.PLANNED_WHOLE)


def test_a_box_that_never_reported_lacks_everything_and_a_revoked_one_does_not_count(post: Post) -> None:
    assert [one.lacking for one in load(post).items] == [1, 1]
    post.box.revoked_at = NOW
    post.session.flush()
    assert load(post).boxes == 0


def test_the_image_holds_what_is_signed_and_nothing_secret(post: Post) -> None:
    archive = zipped(post, Content.PLANNED)
    names = set(archive.namelist())
    index = decode(archive.read(f"yuanjiao/{on_stick.INDEX}"), StickIndex)
    assert [one.name for one in index.packages] == list(post.packages)
    assert f"yuanjiao/{on_stick.layer_path(region_layer(COUNTY))}" in names
    assert all(name.startswith("yuanjiao/") for name in names)
    assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
    everything = b"".join(archive.read(name) for name in names)
    for secret in (post.journal_key, post.box.http_token_hash, "desired"):
        assert secret.encode() not in everything
    assert not any(name.endswith("720p/0.m4s") for name in names)
    assert any(name.endswith("720p/0.m4s") for name in zipped(post, Content.PLANNED_WHOLE).namelist())


def test_a_lesson_whose_approval_was_taken_back_is_not_carried(post: Post) -> None:
    post.lessons[0].state = LessonState.IN_REVIEW
    post.session.flush()
    names = zipped(post, Content.PLANNED).namelist()
    assert not any(post.packages[0] in name for name in names)
    assert any(post.packages[1] in name for name in names)


def test_where_nothing_is_planned_the_timetable_travels_alone(post: Post) -> None:
    later = service.load_for(post.session, [post.station], post.store, NOW + timedelta(days=60))
    made = image.image_of(post.session, later, Content.PLANNED, post.store, NOW)
    names = zipfile.ZipFile(BytesIO(b"".join(made.archive))).namelist()
    assert made.lessons == 0
    assert f"yuanjiao/{on_stick.layer_path(region_layer(COUNTY))}" in names


def test_the_smallest_rendition_is_one_that_every_box_can_show_with_its_sound_and_captions() -> None:
    _files, manifest = pack(b"x", 60, 100, muxed=False)
    chosen = {file.path for file in rules.smallest_files(manifest)}
    assert {"low/index.m3u8", "low/init.mp4", "low/0.m4s", "sound/low-0/0.m4s", "poster.jpg"} <= chosen
    assert "captions/zh.vtt" in chosen
    assert not any(path.startswith(("720p", "360p", "sound/main")) for path in chosen)
    unknown = msgspec.structs.replace(manifest, renditions=())
    assert rules.smallest_files(unknown) == manifest.files


class EveningBefore(Clock):
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


def carried_to_the_box(post: Post, folder: Path, content: Content) -> tuple[Sticks, PackageStore, Journal, list[Stick]]:
    """Unpack the image onto a stick and put it into the village's box."""
    verifier = Verifier(jwk_set([post.signer.public_jwk]))
    zipped(post, content).extractall(folder / "media" / "stick")
    documents = Documents(folder / "documents", verifier, BoxId(post.box.id))
    store = PackageStore(folder / "box-packages", verifier, 10**9)
    journal = Journal(folder / "journal.db")
    wanted = Desired(
        box=BoxId(post.box.id),
        version=1,
        station=StationCard(id=str(post.station.id), name=post.station.name),
        layers=load(post).layers,
    )
    documents.take_desired(post.signer.sign(wanted))
    said: list[Stick] = []

    def take_layer(token: bytes) -> None:
        documents.take_layer(token, NOW)

    def hear(event: events.Event) -> None:
        if isinstance(event, events.StickChanged) and event.stick:
            said.append(event.stick)

    sticks = Sticks(
        (folder / "media",),
        documents,
        store,
        journal,
        EveningBefore(folder / "clock"),
        BoxId(post.box.id),
        journal_public_key(post.journal_key),
        lambda: post.box_key,
        take_layer,
        lambda: None,
        hear,
    )
    return sticks, store, journal, said


@pytest.mark.parametrize("content", [Content.PLANNED, Content.PLANNED_WHOLE])
def test_the_whole_way_there_and_back(post: Post, tmp_path: Path, content: Content) -> None:
    sticks, store, journal, said = carried_to_the_box(post, tmp_path, content)
    journal.append(StationEntered(station=str(post.station.id)), NOW, 5)
    for number in range(sealing.ROWS + 5):
        fact = SignedIn(airing=AiringId("a"), lesson=LESSON, member=f"m{number}", method=SignInMethod.NUMBER)
        journal.append(fact, NOW, 5)
    sticks.turn()
    assert said[-1] == Stick(StickPhase.DONE, 2, 2)
    best = "720p" if content.whole else "low"
    assert [store.report(name).rendition for name in post.packages] == [best, best]
    assert decode_manifest((post.store.folder / post.packages[0] / "manifest.json").read_bytes())
    files = sorted((tmp_path / "media/stick/yuanjiao/journals").iterdir())
    assert len(files) == 2
    administrator = post.administrator()
    brought = [bringing.bring(post.session, file.read_bytes(), post.journal_key, administrator, NOW) for file in files]
    assert bringing.together(brought) == [Brought(post.box, Taken(new=sealing.ROWS + 6))]
    assert post.session.scalars(select(SessionRow.present)).one() == sealing.ROWS + 5
    again = [bringing.bring(post.session, file.read_bytes(), post.journal_key, administrator, NOW) for file in files]
    assert bringing.together(again) == [Brought(post.box, Taken(known=sealing.ROWS + 6))]
    assert post.session.scalars(select(SessionRow.present)).one() == sealing.ROWS + 5
    assert post.box.seen_at is None
    assert journal.acknowledge(acknowledge(post.session, BoxId(post.box.id), journal.epoch))
    assert journal.waiting() == 0
    journal.close()


def sealed(post: Post, *, key: Signer | None = None, journal_key: str = "", box: int | None = None) -> bytes:
    body = SignedIn(airing=AiringId("a"), lesson=LESSON, member="m", method=SignInMethod.NUMBER)
    row = EventRecord(sequence=1, at=NOW, uncertainty_ms=3, body=msgspec.Raw(encode(body)))
    batch = EventBatch(box=BoxId(post.box.id if box is None else box), epoch="e", events=(row,))
    return sealing.seal((key or post.box_key).sign(batch), journal_public_key(journal_key or post.journal_key))


def test_what_came_is_audited(post: Post) -> None:
    administrator = post.administrator()
    bringing.bring(post.session, sealed(post), post.journal_key, administrator, NOW)
    post.session.flush()
    row = post.session.scalars(select(AuditEntry).where(AuditEntry.action == "journal.brought")).one()
    assert (row.account_id, row.subject) == (administrator.id, f"box {post.box.id}")


@pytest.mark.parametrize("mischief", ["stranger's key", "other server", "no such box", "rubbish", "cut", "empty"])
def test_a_journal_that_is_not_one_is_refused_and_changes_nothing(post: Post, mischief: str) -> None:
    made: dict[str, Callable[[], bytes]] = {
        "stranger's key": lambda: sealed(post, key=Signer(new_private_jwk())),
        "other server": lambda: sealed(post, journal_key=new_journal_key()),
        "no such box": lambda: sealed(post, box=999),
        "rubbish": lambda: b"rubbish",
        "cut": lambda: sealed(post)[:-7],
        "empty": lambda: b"",
    }
    with pytest.raises(Rejected) as refused:
        bringing.bring(post.session, made[mischief](), post.journal_key, post.administrator(), NOW)
    assert refused.value.code == "journal_unreadable"
    assert post.session.scalars(select(SessionRow)).all() == []


def test_a_journal_from_elsewhere_is_left_to_those_of_its_region(post: Post) -> None:
    stranger = post.administrator("640202")
    with pytest.raises(Forbidden):
        bringing.bring(post.session, sealed(post), post.journal_key, stranger, NOW)


def test_a_box_that_has_moved_away_may_be_brought_by_where_it_stood(post: Post) -> None:
    elsewhere = next(one for one in stations_in(post.session, "640221203") if one.id != post.station.id)
    post.session.add(BoxStation(box_id=post.box.id, since=NOW + timedelta(days=1), station_id=elsewhere.id))
    post.box.station_id = elsewhere.id
    post.session.flush()
    taken = bringing.bring(post.session, sealed(post), post.journal_key, post.administrator(), NOW).taken
    assert taken == Taken(new=1)
