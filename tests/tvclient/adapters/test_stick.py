"""A USB stick in the box: what is signed is taken, everything else is left out, and nothing that happens breaks it."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from contentserver.deploy.authority import journal_public_key, new_journal_key
from media_pipeline.manifest import MANIFEST_FILE
from schedules.airings import Airing, PackageName
from schedules.wire import on_stick, sealing
from schedules.wire.codec import encode
from schedules.wire.messages import Ack, HeadCounted, StickIndex, StickPackage
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from tests.tvclient.counterpart import BOX, LAYER, Counterpart, now
from tests.tvclient.evening import NOON, airing
from tvclient.adapters.clock import Clock
from tvclient.adapters.documents import Documents
from tvclient.adapters.journal import Journal
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.stick import Sticks
from tvclient.adapters.stick_folder import StickFolder, places
from tvclient.core import events
from tvclient.core.state import Stick, StickPhase

JOURNAL_KEY = new_journal_key()


class Village:
    """A box without a line, the server that is far away, and a stick that somebody carries between them."""

    def __init__(self, folder: Path, server: Counterpart) -> None:
        self.server, self.media = server, folder / "media"
        self.stick = self.media / "stick" / on_stick.FOLDER
        self.away = folder / "away"
        self.media.mkdir()
        (self.away / on_stick.FOLDER).mkdir(parents=True)
        verifier = Verifier(jwk_set([server.signer.public_jwk]))
        self.documents = Documents(folder / "documents", verifier, BOX)
        self.store = PackageStore(folder / "packages", verifier, 10**9)
        self.journal = Journal(folder / "journal.db")
        self.key = Signer(new_private_jwk())
        self.said: list[Stick | None] = []
        self.hear: Callable[[events.Event], None] = self._hear
        self.documents.take_desired(server.want())
        self.sticks = self.new_sticks()

    def new_sticks(self) -> Sticks:
        return Sticks(
            (self.media,),
            self.documents,
            self.store,
            self.journal,
            Clock(self.away / "clock"),
            BOX,
            journal_public_key(JOURNAL_KEY),
            lambda: self.key,
            self._take_layer,
            lambda: None,
            self.hear,
        )

    def _take_layer(self, token: bytes) -> None:
        self.documents.take_layer(token, now())

    def _hear(self, event: events.Event) -> None:
        assert isinstance(event, events.StickChanged)
        self.said.append(event.stick)

    def write(self, *packages: PackageName, layer: bytes = b"") -> None:
        """What the server puts onto the stick."""
        carried = self.away / on_stick.FOLDER
        for name in packages:
            place = carried / on_stick.package_path(name, "")
            shutil.copytree(self.server.packages / name, place, dirs_exist_ok=True)
            (place / on_stick.APPROVAL).write_text(self.server.approvals[name])
        if layer:
            (carried / "layers").mkdir(exist_ok=True)
            (carried / on_stick.layer_path(LAYER)).write_bytes(layer)
        index = StickIndex(made_at=NOON, layers=(LAYER,), packages=tuple(StickPackage(name=one) for one in packages))
        (carried / on_stick.INDEX).write_bytes(encode(index))

    def put_in(self) -> None:
        shutil.copytree(self.away / on_stick.FOLDER, self.stick, dirs_exist_ok=True)
        self.sticks.turn()

    def pull_out(self) -> None:
        shutil.rmtree(self.stick.parent)
        self.sticks.turn()

    def facts(self, count: int) -> None:
        for people in range(count):
            self.journal.append(HeadCounted(airing=airing().id, people=people), NOON, 5)

    def carried(self) -> list[int]:
        """Every row on the stick, as the server reads them."""
        found: set[int] = set()
        for file in sorted((self.stick / on_stick.JOURNALS).glob("*")):
            batch = sealing.batch_of(sealing.unseal(file.read_bytes(), JOURNAL_KEY), self.key.public_jwk["x"])
            assert file.name == sealing.file_name(
                BOX, self.journal.epoch, batch.events[0].sequence, batch.events[-1].sequence
            )
            found |= {row.sequence for row in batch.events}
        return sorted(found)

    @property
    def last(self) -> StickPhase:
        assert self.said[-1]
        return self.said[-1].phase


@pytest.fixture
def village(tmp_path: Path, http_server: Counterpart) -> Iterator[Village]:
    found = Village(tmp_path, http_server)
    yield found
    found.journal.close()


def tomorrow(package: PackageName) -> Airing:
    return airing(start=now() + timedelta(days=1), package=package)


def test_lessons_and_timetable_come_by_stick(village: Village) -> None:
    first, second = village.server.add_package(b"a"), village.server.add_package(b"b")
    village.write(second, first, layer=village.server.plan(1, tomorrow(first)))
    village.put_in()
    assert village.last is StickPhase.DONE
    assert village.said[-1] == Stick(StickPhase.DONE, 2, 2)
    assert [one.package for one in village.documents.timetable()[0]] == [first]
    for name in (first, second):
        assert village.store.report(name).playable
        assert village.store.playable(name).playlist.exists()
    village.sticks.turn()
    assert len([one for one in village.said if one and one.phase is StickPhase.DONE]) == 1
    village.pull_out()
    assert village.said[-1] is None


def test_what_airs_first_is_copied_first(village: Village) -> None:
    late, soon = village.server.add_package(b"a"), village.server.add_package(b"b")
    village.write(late, soon, layer=village.server.plan(1, tomorrow(soon)))
    stored: list[tuple[bool, bool]] = []

    def hear(event: events.Event) -> None:
        stored.append((village.store.report(soon).playable, village.store.report(late).playable))

    village.hear = hear
    village.sticks = village.new_sticks()
    village.put_in()
    assert (True, False) in stored
    assert (False, True) not in stored


def test_an_older_timetable_is_ignored(village: Village) -> None:
    old = village.server.plan(1, tomorrow(PackageName("sha256-" + "0" * 64)))
    village.documents.take_layer(village.server.plan(2), now())
    village.write(layer=old)
    village.put_in()
    assert village.documents.timetable()[1] == {LAYER: 2}


def test_a_package_that_nobody_approved_or_that_was_altered_is_left_out(village: Village) -> None:
    good, unapproved, altered = (village.server.add_package(seed) for seed in (b"a", b"b", b"c"))
    village.server.approve(unapproved, signer=Signer(new_private_jwk()))
    village.write(good, unapproved, altered)
    for file in (village.away / on_stick.FOLDER / on_stick.package_path(altered, "low")).iterdir():
        file.write_bytes(bytes(file.stat().st_size))
    village.put_in()
    assert village.last is StickPhase.DAMAGED
    assert village.said[-1] == Stick(StickPhase.DAMAGED, 1, 3)
    assert village.store.report(good).playable
    assert not village.store.report(altered).playable
    assert village.store.manifest(unapproved) is None
    assert village.store.report(unapproved).state == "waiting"


def test_a_bad_manifest_on_a_stick_does_not_take_a_good_lesson_away(village: Village) -> None:
    good = village.server.add_package()
    village.write(good)
    village.put_in()
    village.pull_out()
    (village.away / on_stick.FOLDER / on_stick.package_path(good, MANIFEST_FILE)).write_bytes(b"{}")
    village.put_in()
    assert village.store.report(good).playable


def test_no_link_is_followed_and_nothing_is_written_through_one(village: Village, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    good = village.server.add_package()
    village.write(good)
    carried = village.away / on_stick.FOLDER
    (secret / "manifest").write_bytes((carried / on_stick.package_path(good, MANIFEST_FILE)).read_bytes())
    (carried / on_stick.package_path(good, MANIFEST_FILE)).unlink()
    village.stick.parent.mkdir()
    shutil.copytree(carried, village.stick)
    (village.stick / on_stick.package_path(good, MANIFEST_FILE)).symlink_to(secret / "manifest")
    (village.stick / on_stick.JOURNALS).symlink_to(secret, target_is_directory=True)
    village.facts(3)
    village.sticks.turn()
    assert village.store.manifest(good) is None
    assert [file.name for file in secret.iterdir()] == ["manifest"]
    assert village.last is not StickPhase.DONE


def test_a_folder_that_is_a_link_is_no_stick(village: Village, tmp_path: Path) -> None:
    (village.media / "stick").mkdir()
    village.stick.symlink_to(tmp_path, target_is_directory=True)
    village.sticks.turn()
    assert village.said == []


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", "a//b", ".", "a\0b"])
def test_paths_lead_nowhere_else(tmp_path: Path, path: str) -> None:
    folder = StickFolder(tmp_path)
    with pytest.raises(FileNotFoundError):
        folder.read(path, 100)
    folder.close()


def test_a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "stick.json")
    folder = StickFolder(tmp_path)
    with pytest.raises(OSError, match=r"stick\.json"):
        folder.read("stick.json", 100)
    folder.close()


def test_what_is_too_long_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(bytes(101))
    folder = StickFolder(tmp_path)
    with pytest.raises(OSError, match="too long"):
        folder.read("long", 100)
    folder.close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1]",
        b"\xff\xfe",
        b'{"made_at":"yesterday"}',
        b'{"made_at":"2026-11-23T11:30:00Z","packages":[{"name":"../../secret"}]}',
        b'{"made_at":"2026-11-23T11:30:00Z","packages":[' + b",".join([b'{"name":"x"}'] * 501) + b"]}",
        b"[" * 100_000,
    ],
)
def test_a_strange_index_says_so_and_changes_nothing(village: Village, data: bytes) -> None:
    village.write()
    (village.away / on_stick.FOLDER / on_stick.INDEX).write_bytes(data)
    village.put_in()
    assert village.last is StickPhase.DAMAGED
    assert list(village.store._folder.iterdir()) == []


@pytest.mark.parametrize("after_files", [0, 1, 5, 9])
def test_pulled_in_the_middle_nothing_is_broken_and_the_rest_comes_later(village: Village, after_files: int) -> None:
    one, two = village.server.add_package(b"a"), village.server.add_package(b"b")
    village.write(one, two)
    accepted = 0
    accept = village.store.accept

    def pulled(name: PackageName, file: object, gathered: Path | None = None) -> bool:
        nonlocal accepted
        if accepted == after_files:
            shutil.rmtree(village.stick.parent)
        accepted += 1
        return accept(name, file, gathered)  # type: ignore[arg-type]

    village.store.accept = pulled  # type: ignore[method-assign]
    village.put_in()
    assert village.last is StickPhase.PULLED
    for file in village.store._folder.rglob("*"):
        assert not file.name.endswith(".stick")
    village.sticks.turn()
    assert village.last is StickPhase.PULLED
    village.store.accept = accept  # type: ignore[method-assign]
    village.put_in()
    assert village.said[-1] == Stick(StickPhase.DONE, 2, 2)


def test_the_journal_goes_out_sealed_and_stays_until_it_is_acknowledged(village: Village) -> None:
    village.facts(sealing.ROWS + 20)
    village.put_in()
    assert village.last is StickPhase.DONE
    assert village.carried() == list(range(1, sealing.ROWS + 21))
    assert village.journal.waiting() == sealing.ROWS + 20
    for file in (village.stick / on_stick.JOURNALS).iterdir():
        assert b"head_counted" not in file.read_bytes()


def test_the_same_stick_again_gets_only_what_is_new(village: Village) -> None:
    village.facts(5)
    village.put_in()
    shutil.copytree(village.stick, village.away / on_stick.FOLDER, dirs_exist_ok=True)
    village.pull_out()
    village.facts(2)
    village.put_in()
    assert village.carried() == [1, 2, 3, 4, 5, 6, 7]
    assert len(list((village.stick / on_stick.JOURNALS).iterdir())) == 1
    village.pull_out()
    shutil.rmtree(village.away / on_stick.FOLDER / on_stick.JOURNALS)
    village.journal.acknowledge(Ack(box=BOX, epoch=village.journal.epoch, generation="g", through=7))
    village.put_in()
    assert not (village.stick / on_stick.JOURNALS).exists()


def test_a_stick_that_cannot_be_written_still_brings_its_lessons(village: Village) -> None:
    good = village.server.add_package()
    village.write(good)
    (village.away / on_stick.FOLDER / on_stick.JOURNALS).write_bytes(b"in the way")
    village.facts(1)
    village.put_in()
    assert village.said[-1] == Stick(StickPhase.UNWRITABLE, 1, 1)
    assert village.store.report(good).playable


def test_lessons_that_are_not_planned_never_push_out_what_is(village: Village) -> None:
    planned, other = village.server.add_package(b"a"), village.server.add_package(b"b")
    village.store._budget = 30_000  # one lowest rendition
    village.write(other, planned, layer=village.server.plan(1, tomorrow(planned)))
    village.store.plan([planned])
    village.put_in()
    assert village.store.report(planned).playable
    assert not village.store.report(other).playable
    assert village.last is StickPhase.FULL


def test_sticks_are_found_where_systems_mount_them(tmp_path: Path) -> None:
    for place in ("a/yuanjiao", "b/c/yuanjiao", "d/e/f/yuanjiao", "g"):
        (tmp_path / place).mkdir(parents=True)
    assert [str(one.relative_to(tmp_path)) for one in places((tmp_path,))] == ["a/yuanjiao", "b/c/yuanjiao"]
    assert places((tmp_path / "nothing",)) == ()
