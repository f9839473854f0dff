"""Files of questions: known by their content, written anew, without where they were taken unless somebody agreed."""

import io
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from contentserver.consultations import keeping
from contentserver.consultations.keeping import FileKind
from contentserver.consultations.models import Case, CaseFile
from contentserver.kernel.errors import Rejected
from contentserver.stations import Station
from media_pipeline.encode import program
from tests.contentserver.conftest import NOW

GPS = {1: "N", 2: (38.0, 58.0, 48.0), 3: "E", 4: (106.0, 24.0, 0.0)}
SCRIPT = b"<script>alert(1)</script>"


def photograph(gps: Mapping[int, object] | None = None) -> bytes:
    """A JPEG as a telephone writes it."""
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "a maker"
    if gps:
        exif.get_ifd(0x8825).update(dict(gps))
    Image.new("RGB", (64, 48), "green").save(made, "JPEG", exif=exif)
    return made.getvalue()


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A second of sound, as different telephones record it."""
    folder, found = tmp_path_factory.mktemp("voices"), {}
    for name, codec in (("a.webm", "libopus"), ("a.ogg", "libopus"), ("a.m4a", "aac"), ("a.wav", "pcm_s16le")):
        argv = [program(), "-y", "-loglevel", "error", "-f", "lavfi", "-i", "sine=440:d=1"]
        argv += ["-metadata", "title=a name", "-c:a", codec, str(folder / name)]
        subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
        found[name] = (folder / name).read_bytes()
    return found


def test_a_photograph_is_written_anew_without_what_its_camera_wrote(tmp_path: Path) -> None:
    (kept,) = keeping.keep(tmp_path, [photograph(GPS)])
    assert (kept.kind, kept.place) == (FileKind.PHOTO, "")
    for small in (False, True):
        with Image.open(keeping.file_of(tmp_path, kept.kind, kept.digest, small=small)) as opened:
            assert dict(opened.getexif()) == {}
            assert opened.info.get("exif") is None


def test_where_it_was_taken_is_kept_apart_where_somebody_has_agreed(tmp_path: Path) -> None:
    (kept,) = keeping.keep(tmp_path, [photograph(GPS)], with_place=True)
    assert kept.place == "38.98000,106.40000"
    south = GPS | {1: "S", 3: "W"}
    assert keeping.place_of(photograph(south)) == "-38.98000,-106.40000"


@pytest.mark.parametrize("gps", [None, {1: "N"}, GPS | {2: (999.0, 0.0, 0.0)}, GPS | {2: (1.0, 2.0)}])
def test_a_place_that_cannot_be_read_is_none(gps: Mapping[int, object] | None) -> None:
    assert keeping.place_of(photograph(gps)) == ""
    assert keeping.place_of(b"no picture") == ""


def test_a_script_behind_a_photograph_does_not_come_in(tmp_path: Path) -> None:
    (kept,) = keeping.keep(tmp_path, [photograph() + SCRIPT])
    assert SCRIPT not in keeping.file_of(tmp_path, kept.kind, kept.digest).read_bytes()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xd8\xff" + bytes(40_000_000), "photograph_too_large"),
        (b"OggS" + bytes(13_000_000), "voice_too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>", "photograph_unreadable"),
        (b"<html>" + SCRIPT, "photograph_unreadable"),
        (b"#!/bin/sh\nrm -rf /", "photograph_unreadable"),
        (b"GIF89a" + bytes(100), "photograph_unreadable"),
        (b"", "photograph_unreadable"),
        (b"OggS no sound", "voice_unreadable"),
        (b"ID3 nothing", "voice_unreadable"),
        (b"\0\0\0\x18ftypisom" + bytes(100), "voice_unreadable"),
    ],
)
def test_what_is_too_large_damaged_or_something_else_is_refused_and_not_kept(
    tmp_path: Path, data: bytes, code: str
) -> None:
    with pytest.raises(Rejected, match=code):
        keeping.keep(tmp_path, [data])
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_five_files_are_too_many(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="files_many"):
        keeping.keep(tmp_path, [photograph()] * 5)


@pytest.mark.parametrize("name", ["a.webm", "a.ogg", "a.m4a", "a.wav"])
def test_a_voice_note_becomes_one_that_every_browser_plays(tmp_path: Path, voices: dict[str, bytes], name: str) -> None:
    (kept,) = keeping.keep(tmp_path, [voices[name]])
    made = keeping.file_of(tmp_path, kept.kind, kept.digest).read_bytes()
    assert (kept.kind, made[4:8], kept.bytes) == (FileKind.VOICE, b"ftyp", len(made))
    assert b"a name" not in made
    assert keeping.keep(tmp_path, [voices[name]]) == [kept]


def test_a_film_leaves_its_picture_behind(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    argv = [program(), "-y", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", "-f", "lavfi"]
    argv += ["-i", "sine=440:d=1", "-c:v", "libx264", "-c:a", "aac", str(film)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    (kept,) = keeping.keep(tmp_path / "kept", [film.read_bytes()])
    made = keeping.file_of(tmp_path / "kept", kept.kind, kept.digest).read_bytes()
    assert b"avc1" not in made
    assert b"mp4a" in made


def test_a_file_goes_once_no_row_names_it(session: Session, village: Station, tmp_path: Path) -> None:
    named, lone = (keeping.keep(tmp_path, [photograph() if one else _other()])[0] for one in (True, False))
    facts = {"topic": "rice", "season": "autumn", "desk": "640221", "due_at": NOW, "received_at": NOW, "asked_at": NOW}
    case = Case(station_id=village.id, region_code=village.region_code, number=1, **facts)
    session.add(case)
    session.flush()
    session.add(CaseFile(case_id=case.id, kind="photo", digest=named.digest, bytes=named.bytes, at=NOW))
    session.flush()
    old = keeping.OldFiles(tmp_path)
    old.tidy(session, datetime.now(UTC))
    assert keeping.file_of(tmp_path, "photo", lone.digest).exists()
    old.tidy(session, datetime.now(UTC) + timedelta(hours=2))
    assert not keeping.file_of(tmp_path, "photo", lone.digest).exists()
    assert keeping.file_of(tmp_path, "photo", named.digest).exists()
    assert old.look(session, NOW + timedelta(days=1)).bytes == named.bytes
    assert old.take(session, NOW + timedelta(days=1), 9).things == 1


def _other() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(made, "PNG")
    return made.getvalue()
