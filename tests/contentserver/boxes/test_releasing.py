"""Releases: only what a box would take is taken in, the same version never changes, and boxes are told what to run."""

import hashlib
import io
import zipfile
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.adapters.package_store import FolderStore
from contentserver.audit import AuditEntry
from contentserver.boxes import Box, add_release, releasing, rules, uses_of_releases, want_release
from contentserver.boxes.desiring import refresh_desired
from contentserver.boxes.models import ReleaseRow
from contentserver.boxes.placing import replace, stand
from contentserver.boxes.releasing import unwant_release
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.stations import Station
from schedules.wire.messages import Desired, Reported
from schedules.wire.signing import Signer, Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person
from tvclient.kiosk import pack
from tvclient.kiosk.releases import name_of

NEEDS = "0f" * 32
ROOT = Path(pack.__file__).parents[2]


def archive(version: str = "0.3.1", extra: str = "", comment: str | None = None, entry: str = releasing.ENTRY) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(zipfile.ZipInfo(entry), f"print({version!r})\n" * 50)
        if extra:
            out.writestr(zipfile.ZipInfo(extra), "x")
        out.comment = (f"{version} {NEEDS}" if comment is None else comment).encode()
    return made.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "packages", "s" * 40, "")


def _files(store: FolderStore) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in store.folder.rglob("*") if file.is_file()}


def _wanted(box: Box, signer: Signer) -> Desired:
    return Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)


def test_what_the_packer_makes_is_taken_in_once(session: Session, store: FolderStore, tmp_path: Path) -> None:
    pack.pack("0.3.1", tmp_path / "tv.zip", ROOT)
    data = (tmp_path / "tv.zip").read_bytes()
    for new in (True, False):
        row, was_new = add_release(session, data, store, NOW)
        assert was_new is new
    digest = hashlib.sha256(data).hexdigest()
    assert (row.version, row.sha256, row.bytes) == ("0.3.1", digest, len(data))
    assert _files(store) == {f"{digest}.zip": data}
    session.flush()
    assert list(session.scalars(select(AuditEntry.action))) == ["release.added"]


def test_a_known_version_with_other_bytes_is_refused_and_changes_nothing(session: Session, store: FolderStore) -> None:
    add_release(session, archive(), store, NOW)
    before = _files(store)
    with pytest.raises(Conflict):
        add_release(session, archive(extra="tvclient/more.py"), store, NOW)
    assert _files(store) == before
    assert session.scalars(select(ReleaseRow.version)).all() == ["0.3.1"]


def test_an_archive_that_was_lost_comes_back(session: Session, store: FolderStore) -> None:
    row, _new = add_release(session, archive(), store, NOW)
    (store.folder / "releases" / f"{row.sha256}.zip").unlink()
    assert add_release(session, archive(), store, NOW) == (row, False)
    assert _files(store) == {f"{row.sha256}.zip": archive()}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "release_unreadable"),
        (b"PK no archive", "release_unreadable"),
        (b"\0" * (releasing.MAX_BYTES + 1), "release_large"),
        (archive(comment=""), "release_unnamed"),
        (archive(comment="0.3.1"), "release_unnamed"),
        (archive(comment=f"../0.3.1 {NEEDS}"), "release_unnamed"),
        (archive(comment=f"0.3.1 {NEEDS} more"), "release_unnamed"),
        (archive(version="9" * 41), "release_unnamed"),
        (archive(entry="tvclient/main.py"), "release_odd"),
        (archive(extra="contentserver/settings.py"), "release_odd"),
        (archive(extra="../tvclient/x.py"), "release_odd"),
        (archive(extra="tvclient/../../x.py"), "release_odd"),
        (archive(extra="/tvclient/x.py"), "release_odd"),
        (archive(extra="tvclient\\x.py"), "release_odd"),
    ],
    ids=lambda value: value if isinstance(value, str) else "archive",
)
def test_what_no_box_would_take_is_refused(session: Session, store: FolderStore, data: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        add_release(session, data, store, NOW)
    assert refused.value.code == code
    assert session.scalars(select(ReleaseRow)).all() == []
    assert not store.folder.exists()


def test_a_link_and_a_bomb_are_refused(session: Session, store: FolderStore) -> None:
    link, bomb = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(link, "w") as out:
        out.writestr(releasing.ENTRY, "")
        entry = zipfile.ZipInfo("tvclient/link")
        entry.external_attr = 0o120777 << 16
        out.writestr(entry, "/etc/passwd")
        out.comment = f"0.3.1 {NEEDS}".encode()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(releasing.ENTRY, "")
        with out.open("tvclient/zeros", "w", force_zip64=True) as zeros:
            for _ in range(129):
                zeros.write(bytes(1024**2))
        out.comment = f"0.3.1 {NEEDS}".encode()
    for made in (link, bomb):
        with pytest.raises(Rejected) as refused:
            add_release(session, made.getvalue(), store, NOW)
        assert refused.value.code == "release_odd"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.integers(0, len(archive()) - 1), byte=st.integers(0, 255), cut=st.booleans())
def test_damage_never_passes_and_never_breaks(place: int, byte: int, cut: bool) -> None:
    """Where a changed byte still makes an archive that says its version, it is one that can be read whole."""
    whole = archive()
    data = whole[:place] if cut else whole[:place] + bytes([byte]) + whole[place + 1 :]
    try:
        version, needs = releasing._examined(data)
    except Rejected:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert opened.comment.decode() == f"{version} {needs}"


def test_boxes_of_a_region_are_told_first_then_all(
    session: Session, village: Station, signer: Signer, store: FolderStore
) -> None:
    elsewhere = next(one for one in stations.stations_in(session, "640221203") if one.id != village.id)
    here, there = enrolled_box(session, village, "here"), enrolled_box(session, elsewhere, "there")
    ended = enrolled_box(session, village, "ended")
    ended.revoked_at = NOW
    row, _new = add_release(session, archive(), store, NOW)
    for box in (here, there):
        refresh_desired(session, box, signer)
    assert want_release(session, "0.3.1", village.region_code, None, signer, NOW) == 1
    told = _wanted(here, signer).release
    assert told is not None
    assert (told.version, told.sha256, told.bytes, told.needs) == (row.version, row.sha256, row.bytes, NEEDS)
    assert name_of(told) == rules.release_name(row.version, row.sha256)
    assert _wanted(there, signer).release is None
    assert want_release(session, "0.3.1", "", None, signer, NOW) == 1
    assert _wanted(there, signer).release == told
    assert want_release(session, "0.3.1", "", None, signer, NOW) == 0
    assert ended.release is None
    with pytest.raises(NotFound):
        want_release(session, "0.3.2", "", None, signer, NOW)
    assert want_release(session, None, village.region_code, None, signer, NOW) == 1
    assert (_wanted(here, signer).release, _wanted(there, signer).release) == (None, told)
    assert unwant_release(session, "0.3.1", "", None, signer, NOW) == 1
    assert there.release is None


def test_many_boxes_are_told_by_the_upkeep(
    session: Session, village: Station, signer: Signer, store: FolderStore
) -> None:
    found = [enrolled_box(session, village, f"key-{number}") for number in range(releasing.AT_ONCE + 1)]
    for box in found:
        refresh_desired(session, box, signer)
    add_release(session, archive(), store, NOW)
    assert want_release(session, "0.3.1", "", None, signer, NOW) == len(found)
    assert _wanted(found[0], signer).release is None
    assert refresh_desired(session, found[0], signer)
    assert _wanted(found[0], signer).release is not None


def test_who_runs_it_and_who_gave_it_up_is_counted(
    session: Session, village: Station, signer: Signer, store: FolderStore
) -> None:
    row, _new = add_release(session, archive(), store, NOW)
    add_release(session, archive("0.3.2"), store, NOW + timedelta(days=1))
    name = rules.release_name(row.version, row.sha256)
    says = {"runs": (name, ""), "gave up": ("", name), "waits": ("", ""), "mute": None, "unasked": (name, "")}
    boxes = {key: enrolled_box(session, village, key) for key in says}
    for key, said in says.items():
        boxes[key].release = None if key == "unasked" else "0.3.1"
        if said is not None:
            report = Reported(box=BoxId(boxes[key].id), epoch="e", at=NOW, release=said[0], release_given_up=said[1])
            boxes[key].reported = msgspec.json.encode(report).decode()
    session.flush()
    (newest, use), unwanted = uses_of_releases(session, "640221")
    assert (newest.release.version, newest.wanted, newest.proved) == ("0.3.2", 0, False)
    assert (use.wanted, use.running, use.waiting, use.elsewhere, unwanted) == (4, 1, 2, 1, 1)
    assert [one.box_id for one in use.given_up] == [boxes["gave up"].id]
    assert releasing.is_proved(session, "0.3.1")
    assert not releasing.is_proved(session, "0.3.2")
    (_newest, elsewhere), none = uses_of_releases(session, "640202")
    assert (elsewhere.wanted, none) == (0, 0)


def test_a_replacing_box_is_to_run_what_the_old_one_was(
    session: Session, village: Station, signer: Signer, store: FolderStore
) -> None:
    add_release(session, archive(), store, NOW)
    old, new = enrolled_box(session, village, "old"), enrolled_box(session, village, "new")
    for box in (old, new):
        stand(session, box, village, NOW)
    old.release = "0.3.1"
    session.flush()
    replace(session, old, new, person(session, Role.SYSTEM_ADMIN), signer, NOW)
    told = _wanted(new, signer).release
    assert told is not None
    assert told.version == "0.3.1"
