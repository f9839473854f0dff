"""Keys that sign, changed under a running server with a real box by TLS: prepared, used, retired, leaked, revoked."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contentserver import boxes, courses, key_commands, trust
from contentserver.adapters.keyring import KeySafe
from contentserver.audit import AuditEntry
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.courses import service as lessons
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict
from contentserver.key_commands import KeyOffice
from media_pipeline.manifest import encode_manifest, package_name
from schedules.airings import PackageName
from schedules.wire.messages import Approval, PackageState
from schedules.wire.signing import NotTrusted, Purpose, Signer, UnknownKey, Verifier, key_id_of, payload_of
from tests.contentserver.readiness.furnishing import air
from tests.demo.stack import ROOT
from tests.integration.conftest import RunningBroker
from tests.integration.office import SecureOffice
from tests.serving import hire
from tests.tvclient.awaiting import eventually
from tests.tvclient.evening import lesson
from tests.tvclient.packing import pack
from tvclient.adapters.household import Household
from tvclient.fleet import DarkBox

COUNTY = "640221"
APPROVALS, TIMETABLES = Purpose.APPROVALS, Purpose.TIMETABLES


class Keys:
    """The office with its keys entered, one box, and one approved lesson that is planned for tomorrow."""

    def __init__(self, office: SecureOffice, data: Path) -> None:
        self.office, self.services, self.data = office, office.services, data
        self.commands = KeyOffice(self.services.settings, self.services.database)
        key_commands.enter_first(self.services.settings)
        with self.services.database.unit_of_work() as session:
            staff = {"li": ("李敏", Role.SCHEDULER, COUNTY), "ma": ("马晓峰", Role.REVIEWER, COUNTY)}
            people = hire(session, staff, clock.now())
            self.li, self.ma = people["li"], people["ma"]
        self.lesson, self.package = self._lesson("看懂化验单", b"a")

    def _lesson(self, title: str, seed: bytes) -> tuple[str, PackageName]:
        files, manifest = pack(seed, 2400, 500, muxed=False)
        data = encode_manifest(manifest)
        name = PackageName(package_name(data))
        for path, content in {**files, "manifest.json": data}.items():
            at = self.services.settings.packages_dir / name / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content)
        now = clock.now()
        with self.services.database.unit_of_work() as session:
            course = Course(title="测土配方施肥", region_code=COUNTY, created_at=now)
            session.add(course)
            session.flush()
            lesson = Lesson(
                course_id=course.id,
                number=1,
                title=title,
                state=LessonState.IN_REVIEW,
                uploader_id=self.li.id,
                created_at=now,
                package_name=name,
                duration_ms=2_400_000,
                package_bytes=10_000,
            )
            session.add(lesson)
            session.flush()
            lessons.approve(session, lesson=lesson, who=self.ma, signer=self.services.signer, now=now)
            tomorrow = clock.local(now + timedelta(days=1)).replace(tzinfo=None, microsecond=0)
            air(session, self.services.signer, self.li, COUNTY, lesson, tomorrow, now)
            return str(lesson.id), name

    def approval(self) -> str:
        """What the server gives boxes as the lesson's approval."""
        with self.services.database.reader() as session:
            return courses.approval_of(session, self.package).jws

    def keys_no(self) -> int:
        with self.services.database.reader() as session:
            return trust.keys_no(session)

    def held(self, box: int = 1) -> int:
        """The set of keys that a box says it has."""
        with self.services.database.reader() as session:
            found = {one.box_id: one.keys_no for one in boxes.holders(session, "")}
            return found[box]

    def verifier(self) -> Verifier:
        """Whoever believes what boxes are to believe now."""
        return Verifier(self.services.introduction.signing_keys)

    def signs(self, purpose: Purpose) -> str:
        return self.services.signer.key_for(purpose).key_id

    @contextmanager
    def box(self) -> Iterator[DarkBox]:
        box = DarkBox(self.office.url, self.data, "")
        box.start()
        try:
            yield box
        finally:
            box.close()

    def stored(self, box: DarkBox) -> bool:
        return household(box).store.report(self.package).state is PackageState.STORED

    def caught_up(self, box: DarkBox, what: str) -> None:
        """Wait until the box has the newest keys, believes what is stored, and has said so."""
        eventually(lambda: self.held() == self.keys_no(), f"{what}: the box has said that it has the keys")
        eventually(lambda: self.stored(box), f"{what}: the lesson is approved on its disk")


def household(box: DarkBox) -> Household:
    found = box.shell._line.household
    assert found is not None
    return found


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[SecureOffice]:
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


@pytest.fixture
def keys(office: SecureOffice, tmp_path: Path) -> Keys:
    return Keys(office, tmp_path / "tv")


def test_approvals_have_a_key_of_their_own_from_the_beginning(keys: Keys) -> None:
    assert keys.signs(APPROVALS) != keys.signs(TIMETABLES)
    assert keys.verifier().read(keys.approval().encode(), Approval).package == keys.package
    stolen = Signer(keys.services.signer.key_for(TIMETABLES))
    forged = stolen.sign(payload_of(keys.approval().encode(), Approval))
    with pytest.raises(NotTrusted):
        keys.verifier().read(forged, Approval)


def test_a_rotation_with_a_box_that_was_away(keys: Keys) -> None:
    with keys.box() as box:
        keys.office.welcome(box)
        keys.caught_up(box, "at first")
    first, word = keys.signs(APPROVALS), payload_of(keys.approval().encode(), Approval)
    keys.commands.prepare(APPROVALS, "")
    with pytest.raises(Conflict) as refused:
        keys.commands.use(APPROVALS, "", anyway=False)
    assert "1 boxes" in str(refused.value.sentence)
    assert keys.signs(APPROVALS) == first
    with keys.box() as box:
        keys.caught_up(box, "the new key is known")
    keys.commands.use(APPROVALS, "quan", anyway=False)
    assert keys.signs(APPROVALS) != first
    with keys.box() as box:
        keys.caught_up(box, "the old approval is good still")
    said = keys.commands.retire(APPROVALS, "quan")
    assert "1 approvals" in said
    assert payload_of(keys.approval().encode(), Approval) == word
    with keys.box() as box:
        keys.caught_up(box, "the old key is gone")
        assert first not in bytes(household(box).credentials.signing_keys).decode()
        assert box.shell.state.online
    with keys.services.database.reader() as session:
        entries = {entry.action: entry.account_id for entry in session.scalars(select(AuditEntry))}
    assert entries["approval.signed_anew"] == entries["key.retired"] == entries["key.used"] == keys.office.who.id


def test_the_key_for_timetables_is_changed_under_a_box_that_listens(keys: Keys) -> None:
    with keys.box() as box:
        keys.office.welcome(box)
        keys.caught_up(box, "at first")
        first = keys.signs(TIMETABLES)
        keys.commands.prepare(TIMETABLES, "")
        keys.caught_up(box, "the new key is known")
        keys.commands.use(TIMETABLES, "", anyway=False)
        keys.commands.retire(TIMETABLES, "")
        keys.caught_up(box, "the old key is gone")
        with keys.services.database.reader() as session:
            newest = session.get_one(Box, 1)
            version = newest.desired_version
        eventually(lambda: household(box).documents.desired.version == version, "it follows the new key")  # type: ignore[union-attr]
        assert [layer.revision for layer in household(box).documents.layers()] == [2]
    assert keys.signs(TIMETABLES) != first


def test_a_leaked_key_is_revoked_and_what_it_forges_is_refused(keys: Keys) -> None:
    with keys.box() as box:
        keys.office.welcome(box)
        keys.caught_up(box, "at first")
        leaked = Signer(keys.services.signer.key_for(APPROVALS))
        forged, manifest = _forged(leaked)
        assert household(box).store.trusted(PackageName(package_name(manifest)), manifest, forged) is not None
        said = keys.commands.revoke(leaked.key_id[:10], "quan")
        assert "1 approvals" in said
        keys.caught_up(box, "the leaked key is gone")
        eventually(lambda: household(box).credentials.keys_no == keys.keys_no(), "the box believes the new set")
        assert household(box).store.trusted(PackageName(package_name(manifest)), manifest, forged) is None
    with keys.services.database.reader() as session:
        states = {(row.purpose, row.state) for row in trust.rows(session)}
    assert states == {("approvals", "revoked"), ("approvals", "signing"), ("timetables", "signing")}
    with pytest.raises(UnknownKey):
        keys.verifier().read(forged, Approval)


def test_a_leaked_timetable_key_is_revoked_while_the_box_is_away(keys: Keys) -> None:
    with keys.box() as box:
        keys.office.welcome(box)
        keys.caught_up(box, "at first")
    leaked = keys.signs(TIMETABLES)
    keys.commands.revoke(leaked, "")
    with keys.box() as box:
        keys.caught_up(box, "it came back")
        eventually(lambda: [one.revision for one in household(box).documents.layers()] == [2], "it has the new layer")
        assert leaked not in bytes(household(box).credentials.signing_keys).decode()


def test_an_older_installation_goes_on_with_one_key_and_is_told_how_to_part_them(
    office: SecureOffice, tmp_path: Path
) -> None:
    data = tmp_path / "tv"
    with _dark(office.url, data) as box:
        office.welcome(box)
    hint = key_commands.enter_first(office.services.settings)
    assert "prepare approvals" in hint
    commands = KeyOffice(office.services.settings, office.services.database)
    assert "prepare approvals" in commands.show()
    old = office.services.signer.key_id
    with _dark(office.url, data) as box:
        commands.prepare(APPROVALS, "")
        eventually(lambda: household(box).credentials.keys_no == 1, "the box knows the second key")
        eventually(lambda: not _waited_for(office), "and has said so")
        commands.use(APPROVALS, "", anyway=False)
        commands.retire(APPROVALS, "")
        eventually(lambda: household(box).credentials.keys_no == 2, "the first key signs timetables alone")
    set_of_keys = bytes(household(box).credentials.signing_keys).decode()
    assert old in set_of_keys
    assert '"yj:for":["timetables"]' in set_of_keys
    assert "prepare approvals" not in commands.show()
    assert key_commands.enter_first(office.services.settings) == ""


def test_a_running_process_signs_by_the_key_that_the_command_line_put_in_place(keys: Keys) -> None:
    word = payload_of(keys.approval().encode(), Approval)
    before = keys.services.signer.sign(word)
    _command(keys, "prepare", "approvals")
    assert keys.services.signer.sign(word) == before
    assert "approvals signs" not in _command(keys, "list")
    assert "signs approvals from now on" in _command(keys, "use", "approvals", "--anyway")
    after = keys.services.signer.sign(word)
    assert key_id_of(after) == KeySafe(keys.services.settings).open("file:approvals-key-1.jwk").key_id
    assert keys.verifier().read(before, Approval) == keys.verifier().read(after, Approval) == word


def _command(keys: Keys, *arguments: str) -> str:
    """What the command line says, in a process of its own."""
    settings = keys.services.settings
    environment = {
        "YUANJIAO_SECRET_KEY": settings.secret_key,
        "YUANJIAO_DATABASE_URL": settings.database_url,
        "YUANJIAO_DATA_DIR": str(settings.data_dir),
        "YUANJIAO_BROKER_PASSWORD": settings.broker_password,
        "YUANJIAO_SIGNING_KEY_FILE": str(settings.signing_key_file),
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "contentserver", "admin", "signing-keys", *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def _forged(leaked: Signer) -> tuple[bytes, bytes]:
    """A package of an attacker's own, approved by a key that leaked: its approval and its manifest."""
    _files, made = pack(b"forged", 60, 100, muxed=False)
    manifest = encode_manifest(made)
    word = Approval(
        package=PackageName(package_name(manifest)), lesson=lesson(), approved_at=clock.now(), approved_by="无人"
    )
    return leaked.sign(word), manifest


def _waited_for(office: SecureOffice) -> list[int]:
    with office.services.database.reader() as session:
        return boxes.waited_for(session, 1, clock.now())


@contextmanager
def _dark(url: str, data: Path) -> Iterator[DarkBox]:
    box = DarkBox(url, data, "")
    box.start()
    try:
        yield box
    finally:
        box.close()
