"""The manifest: canonical, named by its bytes, deaf to what it does not know, strict about paths."""

import hashlib
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.errors import Code, ManifestInvalid
from media_pipeline.manifest import (
    MadeWith,
    Manifest,
    PackageFile,
    Rendition,
    SourceFacts,
    decode_manifest,
    encode_manifest,
    is_package_path,
    package_name,
)

digests = st.binary(min_size=0, max_size=4).map(lambda seed: hashlib.sha256(seed).hexdigest())
paths = st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9-]{1,8}\.(m4s|vtt|jpg)){0,1}", fullmatch=True)
files = st.lists(
    st.builds(PackageFile, path=paths, bytes=st.integers(0, 2**40), sha256=digests), unique_by=lambda f: f.path
)


def manifest(listed: list[PackageFile]) -> Manifest:
    """A manifest of these files and the master playlist."""
    master = PackageFile("master.m3u8", 7, "0" * 64)
    return Manifest(1000, (), (master, *listed), MadeWith("ffmpeg n9", "1"), SourceFacts(1000, 9, "h264"))


@given(files)
def test_what_is_written_is_read(listed: list[PackageFile]) -> None:
    written = encode_manifest(manifest(listed))
    assert decode_manifest(written) == manifest(listed)
    assert encode_manifest(decode_manifest(written)) == written


@given(files)
def test_the_name_is_the_hash_of_the_bytes(listed: list[PackageFile]) -> None:
    written = encode_manifest(manifest(listed))
    assert package_name(written) == "sha256-" + hashlib.sha256(written).hexdigest()


@given(files)
def test_unknown_fields_are_ignored(listed: list[PackageFile]) -> None:
    raw = msgspec.json.decode(encode_manifest(manifest(listed)))
    raw["mood"] = {"calm": True}
    raw["files"][0]["colour"] = 3
    assert decode_manifest(msgspec.json.encode(raw)) == manifest(listed)


@given(st.binary(max_size=200))
def test_rubbish_is_refused_as_such(rubbish: bytes) -> None:
    with pytest.raises(ManifestInvalid) as caught:
        decode_manifest(rubbish)
    assert caught.value.code is Code.MANIFEST_INVALID


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "./a",
        "a/.",
        "",
        "a\\b",
        "a\nb",
        "manifest.json",
        "master.m3u8",
        "a/",
        "nul\0",
    ],
)
def test_paths_that_leave_or_repeat_are_refused(path: str) -> None:
    listed = manifest([PackageFile(path, 1, "0" * 64)])
    with pytest.raises(ManifestInvalid):
        decode_manifest(encode_manifest(listed))


def test_a_higher_format_is_refused() -> None:
    with pytest.raises(ManifestInvalid, match="format 3"):
        decode_manifest(encode_manifest(msgspec.structs.replace(manifest([]), format=3)))


@pytest.mark.parametrize("field", ["playlist", "init", "segments"])
def test_a_rendition_may_only_use_listed_files(field: str) -> None:
    known = {"playlist": "a/index.m3u8", "init": "a/init.mp4", "segments": ("a/seg.m4s",)}
    listed = [PackageFile(path, 1, "0" * 64) for path in ("a/index.m3u8", "a/init.mp4", "a/seg.m4s")]
    rendition = Rendition("a", "video", 2, 2, 25.0, "avc1", 1, 1, "a/index.m3u8", 3, "a/init.mp4", ("a/seg.m4s",))
    whole = msgspec.structs.replace(manifest(listed), renditions=(rendition,))
    assert decode_manifest(encode_manifest(whole)) == whole
    stray = ("b/x",) if isinstance(known[field], tuple) else "b/x"
    broken = msgspec.structs.replace(whole, renditions=(msgspec.structs.replace(rendition, **{field: stray}),))
    with pytest.raises(ManifestInvalid, match="not listed"):
        decode_manifest(encode_manifest(broken))


def test_a_rendition_may_only_name_sounds_that_are_there() -> None:
    rendition = Rendition("a", "video", 2, 2, 25.0, "avc1", 1, 1, "master.m3u8", 3, sound="main")
    with pytest.raises(ManifestInvalid, match="group of sounds"):
        decode_manifest(encode_manifest(msgspec.structs.replace(manifest([]), renditions=(rendition,))))


def test_a_package_of_the_first_format_is_still_read() -> None:
    old = msgspec.structs.replace(manifest([]), format=1)
    assert decode_manifest(encode_manifest(old)).renditions == ()


@given(st.text(max_size=30))
def test_a_package_path_never_leaves(path: str) -> None:
    if is_package_path(path):
        assert not path.startswith("/")
        assert ".." not in path.split("/")


def test_reading_manifests_loads_nothing_heavy() -> None:
    heavy = "{'av', 'ffmpeg', 'imageio_ffmpeg', 'PIL', 'rich', 'subprocess'}"
    told = f"import sys, media_pipeline.manifest; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout.strip() == "[]"
