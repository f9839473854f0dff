"""Photographs: known by content, nothing of the camera left, and no file that pretends comes in."""

import io
from pathlib import Path

import pytest
import weasyprint
from PIL import Image

from contentserver.kernel.errors import Rejected
from contentserver.stars import photographs
from tests.contentserver.stars import hostile


def _all(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("data", [hostile.camera_jpeg(), hostile.png(), hostile.webp()], ids=["jpeg", "png", "webp"])
def test_what_is_kept_is_a_jpeg_without_anything_beside_the_picture(tmp_path: Path, data: bytes) -> None:
    kept = photographs.keep(tmp_path, data)
    files = _all(tmp_path)
    assert files == sorted(
        [photographs.file_of(tmp_path, kept.digest), photographs.file_of(tmp_path, kept.digest, small=True)]
    )
    for file in files:
        written = file.read_bytes()
        assert hostile.MARK not in written
        assert b"Exif" not in written
        with Image.open(io.BytesIO(written)) as picture:
            assert picture.format == "JPEG"
            assert len(picture.getexif()) == 0
            assert not {"comment", "xmp", "exif", "icc_profile"} & picture.info.keys()
    assert kept.bytes == photographs.file_of(tmp_path, kept.digest).stat().st_size


def test_a_photograph_stands_upright_and_large_ones_become_smaller(tmp_path: Path) -> None:
    """Orientation 6: the camera was turned; what was left is on top."""
    kept = photographs.keep(tmp_path, hostile.camera_jpeg((4000, 3000), orientation=6))
    assert (kept.width, kept.height) == (1536, 2048)
    with Image.open(photographs.file_of(tmp_path, kept.digest)) as picture:
        top, bottom = picture.getpixel((700, 100)), picture.getpixel((700, 1950))
        assert isinstance(top, tuple)
        assert isinstance(bottom, tuple)
        assert top[0] > 150 > top[2]
        assert bottom[2] > 150 > bottom[0]
    with Image.open(photographs.file_of(tmp_path, kept.digest, small=True)) as small:
        assert max(small.size) == photographs.SMALL_SIDE


def test_what_can_be_seen_through_becomes_white(tmp_path: Path) -> None:
    kept = photographs.keep(tmp_path, hostile.png())
    with Image.open(photographs.file_of(tmp_path, kept.digest)) as picture:
        clear = picture.getpixel((280, 100))
        assert isinstance(clear, tuple)
        assert min(clear) > 240


def test_the_same_picture_twice_is_one_file(tmp_path: Path) -> None:
    first, second = (photographs.keep(tmp_path, hostile.camera_jpeg()) for _ in range(2))
    assert first == second
    assert len(_all(tmp_path)) == 2


@pytest.mark.parametrize("name", hostile.HOSTILE)
def test_nothing_that_pretends_comes_in(tmp_path: Path, name: str) -> None:
    assert weasyprint  # it makes Pillow patient with half pictures, for the whole process
    with pytest.raises(Rejected):
        photographs.keep(tmp_path, hostile.HOSTILE[name])
    assert _all(tmp_path) == []


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        photographs.keep(tmp_path, b"\0" * (photographs.BYTES_MAX + 1))
    assert refused.value.code == "photograph_too_large"
