"""A manifest that vouches for wrong content is found out: every kind of damage that hashes cannot show."""

import io
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from media_pipeline import boxes
from media_pipeline.boxes import Fragment
from media_pipeline.damage import DamageKind as Kind
from media_pipeline.verify import verify_package
from tests.media_pipeline.forger import Forger, patched

LARGE, LOW, SOUND = "90p", "low", "sound/main-1"
MASTER, POSTER, SHEET, INDEX = "master.m3u8", "poster.jpg", "thumbnails/sheet-00.jpg", "thumbnails/index.vtt"
TICKS = 20_000
"""A second of the pictures' clock."""
Forgery = Callable[[Forger], object]


def seg(track: str, number: int) -> str:
    return f"{track}/seg-{number:05d}.m4s"


def moved(forger: Forger, numbers: range, ticks: int) -> None:
    for number in numbers:
        forger.fragments(seg(LARGE, number), lambda _, one, part: boxes.moved(part, one.sequence, ticks))


def swapped(forger: Forger) -> None:
    one, other = (forger.folder / seg(LARGE, number) for number in (1, 2))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def dropped(forger: Forger, number: int) -> None:
    forger.text(f"{LARGE}/index.m3u8", f"#EXTINF:6.000000,\nseg-{number:05d}.m4s\n", "")
    del forger.rendition(LARGE)["segments"][number]


def silenced(forger: Forger) -> None:
    path = f"{SOUND}/index.m3u8"
    lines = (forger.folder / path).read_text().splitlines()
    (forger.folder / path).write_text("\n".join([*lines[:-3], lines[-1], ""]))
    del forger.sound(path)["segments"][-1]


def unflagged(at: int, one: Fragment, part: bytes) -> bytes:
    """The second group's first picture flagged as one that needs others."""
    if at != 1:
        return part
    flags = int.from_bytes(part[part.index(b"trun") + 5 : part.index(b"trun") + 8])
    assert flags & 0x4
    return patched(part, b"trun", 8 + 4 * (flags & 1), (0x1010000).to_bytes(4))


def undone(_: int, one: Fragment, part: bytes) -> bytes:
    """The IDR picture's units turned into ordinary ones, whatever the flags say."""
    changed = bytearray(part)
    at = one.first_sample
    while at < one.first_sample_end:
        if changed[at + 4] & 0x1F == 5:
            changed[at + 4] ^= 4
        at += 4 + int.from_bytes(changed[at : at + 4])
    return bytes(changed)


def divided(forger: Forger) -> None:
    """The large rendition's second segment begins two seconds early; everything else agrees with it."""
    first, second = (forger.folder / seg(LARGE, number) for number in (0, 1))
    data = first.read_bytes()
    at = boxes.split(data)[1][2].offset
    first.write_bytes(data[:at])
    second.write_bytes(data[at:] + second.read_bytes())
    path = f"{LARGE}/index.m3u8"
    forger.text(path, "6.000000,\nseg-00000", "4.000000,\nseg-00000")
    forger.text(path, "6.000000,\nseg-00001", "8.000000,\nseg-00001")
    forger.text(path, "TARGETDURATION:6", "TARGETDURATION:8")


def leaning(at: int, one: Fragment, part: bytes) -> bytes:
    """A segment's first group a tenth longer, its second as much shorter."""
    if at > 1:
        return part
    flags = int.from_bytes(part[part.index(b"tfhd") + 5 : part.index(b"tfhd") + 8])
    assert flags & 0x8
    each, late = one.duration // one.samples, one.duration // 10
    change = late // one.samples
    part = patched(part, b"tfhd", 8 + 2 * (flags & 0x2), (each + change if at == 0 else each - change).to_bytes(4))
    return boxes.moved(part, one.sequence, 0 if at == 0 else late)


def shown(forger: Forger, size: tuple[int, int] = (160, 90), form: str = "PNG") -> Callable[[bytes], bytes]:
    held = io.BytesIO()
    Image.new("RGB", size).save(held, form)
    return lambda _: held.getvalue()


def timescale(forger: Forger) -> None:
    init = (forger.folder / f"{LARGE}/init.mp4").read_bytes()
    forger.data(f"{LARGE}/init.mp4", lambda data: patched(data, b"mdhd", 12, (2 * boxes.timescale(init)).to_bytes(4)))


def rated(forger: Forger, name: str, by: float, *, agreed: bool = False) -> None:
    """A bandwidth of the large rendition that is off, in the master playlist and, where agreed, in the manifest."""
    field = {"BANDWIDTH": "peak_bps", "AVERAGE-BANDWIDTH": "average_bps"}[name]
    facts = forger.rendition(LARGE)
    said = facts[field]
    before = ":" if name == "BANDWIDTH" else ","
    forger.text(MASTER, f"{before}{name}={said}", f"{before}{name}={round(said * by)}")
    if agreed:
        facts[field] = round(said * by)


def slowed(forger: Forger) -> None:
    forger.text(MASTER, "FRAME-RATE=20.000", "FRAME-RATE=25.000")
    forger.rendition(LARGE)["frame_rate"] = 25.0


def unlisted(forger: Forger) -> None:
    forger.manifest["renditions"] = [one for one in forger.manifest["renditions"] if one["name"] != LARGE]


def first_range(forger: Forger, length: int, offset: int) -> None:
    path = f"{LOW}/iframes.m3u8"
    line = next(line for line in (forger.folder / path).read_text().splitlines() if "BYTERANGE" in line)
    size = int(line.partition(":")[2].partition("@")[0])
    forger.text(path, line, f"#EXT-X-BYTERANGE:{size + length}@{offset}", 1)


def last_frame_lost(forger: Forger) -> None:
    path = f"{LOW}/iframes.m3u8"
    lines = (forger.folder / path).read_text().splitlines()
    (forger.folder / path).write_text("\n".join([*lines[:-4], lines[-1], ""]))


def two_in_one(forger: Forger) -> None:
    forger.manifest["poster"] = seg(LARGE, 0)


def longer(forger: Forger, milliseconds: int) -> None:
    forger.manifest["duration_ms"] += milliseconds


def still(data: bytes) -> bytes:
    """A first fragment whose samples last no time."""
    _, found = boxes.split(data)
    part = data[: found[0].size]
    flags = int.from_bytes(part[part.index(b"tfhd") + 5 : part.index(b"tfhd") + 8])
    return patched(part, b"tfhd", 8 + 2 * (flags & 0x2), bytes(4)) + data[found[0].size :]


def emptied(forger: Forger) -> None:
    forger.manifest["renditions"] = []


def headless(forger: Forger) -> None:
    facts = forger.rendition(LARGE)
    facts["bytes"] -= (forger.folder / facts["init"]).stat().st_size
    facts["init"] = ""


def relabelled(forger: Forger) -> None:
    forger.sound(f"{SOUND}/index.m3u8")["label"] = "Latin"


def heavier(forger: Forger) -> Path:
    forger.rendition(LARGE)["bytes"] += 1
    return forger.named()


def codec(data: bytes) -> bytes:
    return patched(data, b"avcC", 3, b"\x33")


def text(path: str, old: str, new: str, times: int = -1) -> Forgery:
    return lambda forger: forger.text(path, old, new, times)


def without(path: str, *holding: str) -> Forgery:
    return lambda forger: forger.without_lines(path, *holding)


def data(path: str, change: Callable[[bytes], bytes]) -> Forgery:
    return lambda forger: forger.data(path, change)


def fragments(path: str, change: Callable[[int, Fragment, bytes], bytes]) -> Forgery:
    return lambda forger: forger.fragments(path, change)


def picture(path: str, size: tuple[int, int], form: str) -> Forgery:
    return lambda forger: forger.data(path, shown(forger, size, form))


TRACKS: Mapping[str, tuple[Forgery, set[Kind], str]] = {
    "a second missing": (partial(moved, numbers=range(2, 6), ticks=TICKS), {Kind.GAP}, seg(LARGE, 2)),
    "half a second twice": (partial(moved, numbers=range(2, 6), ticks=-TICKS // 2), {Kind.OVERLAP}, seg(LARGE, 2)),
    "a late beginning": (partial(moved, numbers=range(6), ticks=TICKS), {Kind.GAP}, seg(LARGE, 0)),
    "a segment left out": (partial(dropped, number=2), {Kind.GAP}, seg(LARGE, 3)),
    "two segments swapped": (swapped, {Kind.GAP, Kind.OVERLAP, Kind.MISNUMBERED}, seg(LARGE, 1)),
    "numbers begin anew": (
        fragments(seg(LARGE, 1), lambda at, _, part: boxes.moved(part, at + 1, 0)),
        {Kind.MISNUMBERED},
        seg(LARGE, 1),
    ),
    "another track": (
        fragments(seg(LARGE, 1), lambda _, one, part: patched(part, b"tfhd", 4, (one.track_id + 1).to_bytes(4))),
        {Kind.FOREIGN_FRAGMENT},
        seg(LARGE, 1),
    ),
    "a group flagged as no beginning": (fragments(seg(LARGE, 1), unflagged), {Kind.NO_KEYFRAME}, seg(LARGE, 1)),
    "a group that only claims to begin": (fragments(seg(LARGE, 0), undone), {Kind.NO_KEYFRAME}, seg(LARGE, 0)),
    "segments divided otherwise": (divided, {Kind.MISALIGNED}, f"{LOW}/index.m3u8"),
    "keyframes elsewhere": (fragments(seg(LARGE, 1), leaning), {Kind.MISALIGNED}, f"{LOW}/index.m3u8"),
    "a segment that is text": (data(seg(LARGE, 1), lambda _: b"GET / HTTP/1.1"), {Kind.BROKEN_BOXES}, seg(LARGE, 1)),
    "a segment cut short": (data(seg(SOUND, 1), lambda was: was[:-1]), {Kind.BROKEN_BOXES}, seg(SOUND, 1)),
    "an empty initialisation": (data(f"{LOW}/init.mp4", lambda _: b""), {Kind.BROKEN_BOXES}, f"{LOW}/init.mp4"),
    "another profile": (data(f"{LARGE}/init.mp4", codec), {Kind.WRONG_INIT}, f"{LARGE}/init.mp4"),
    "another size": (
        data(f"{LARGE}/init.mp4", lambda was: patched(was, b"avc1", 24, (320).to_bytes(2))),
        {Kind.WRONG_INIT},
        f"{LARGE}/init.mp4",
    ),
    "another clock": (timescale, {Kind.WRONG_EXTINF}, f"{LARGE}/index.m3u8"),
    "a wrong length in the manifest": (partial(longer, milliseconds=300), {Kind.WRONG_LENGTH}, f"{LARGE}/index.m3u8"),
    "sound that ends early": (silenced, {Kind.SHORT_SOUND}, f"{SOUND}/index.m3u8"),
    "a wrong weight": (heavier, {Kind.WRONG_FACTS}, "manifest.json"),
    "a frame rate that nothing has": (slowed, {Kind.WRONG_FACTS}, f"{LARGE}/index.m3u8"),
    "one file for two things": (two_in_one, {Kind.BAD_MANIFEST}, "manifest.json"),
    "a fragment without length": (data(seg(LARGE, 0), still), {Kind.BROKEN_BOXES}, seg(LARGE, 0)),
    "nothing to play": (emptied, {Kind.BAD_MANIFEST, Kind.UNKNOWN_STREAM}, "manifest.json"),
    "no initialisation": (headless, {Kind.BAD_MANIFEST}, "manifest.json"),
    "a track that one group names otherwise": (relabelled, {Kind.WRONG_FACTS}, "manifest.json"),
}
PLAYLISTS: Mapping[str, tuple[Forgery, set[Kind], str]] = {
    **{
        f"{path} without {tag}": (without(path, tag), {Kind.MISSING_TAG}, path)
        for path, tags in {
            f"{LARGE}/index.m3u8": ("ENDLIST", "X-VERSION", "INDEPENDENT", "X-MAP", "TARGETDURATION", "PLAYLIST-TYPE"),
            f"{SOUND}/index.m3u8": ("ENDLIST", "X-MAP"),
            f"{LOW}/iframes.m3u8": ("ENDLIST", "I-FRAMES-ONLY", "X-MAP"),
            "captions/zh.m3u8": ("ENDLIST", "TARGETDURATION"),
            MASTER: ("INDEPENDENT", "X-VERSION"),
        }.items()
        for tag in tags
    },
    "too low a version": (text(MASTER, "VERSION:7", "VERSION:3"), {Kind.MISSING_TAG}, MASTER),
    "a length that is wrong": (
        text(f"{LARGE}/index.m3u8", "EXTINF:6.000000", "EXTINF:5.900000", 1),
        {Kind.WRONG_EXTINF},
        f"{LARGE}/index.m3u8",
    ),
    "an I-frame's length that is wrong": (
        text(f"{LOW}/iframes.m3u8", "EXTINF:2.000000", "EXTINF:1.900000", 1),
        {Kind.WRONG_EXTINF},
        f"{LOW}/iframes.m3u8",
    ),
    "a target too short": (
        text(f"{LARGE}/index.m3u8", "TARGETDURATION:6", "TARGETDURATION:5"),
        {Kind.TARGET_TOO_SHORT},
        f"{LARGE}/index.m3u8",
    ),
    "segments in another order": (
        text(f"{SOUND}/index.m3u8", "seg-00001", "seg-00002", 1),
        {Kind.OTHER_SEGMENTS},
        f"{SOUND}/index.m3u8",
    ),
    "another's beginning": (
        text(f"{LARGE}/index.m3u8", 'URI="init.mp4"', 'URI="seg-00000.m4s"'),
        {Kind.OTHER_SEGMENTS},
        f"{LARGE}/index.m3u8",
    ),
    "captions for half the lesson": (
        text("captions/zh.m3u8", "EXTINF:32", "EXTINF:16"),
        {Kind.WRONG_LENGTH},
        "captions/zh.m3u8",
    ),
    **{
        f"{tag} where it has no place": (
            text(f"{LARGE}/index.m3u8", "#EXTINF", f"#EXT-X-{tag}\n#EXTINF", 1),
            {Kind.BAD_PLAYLIST},
            f"{LARGE}/index.m3u8",
        )
        for tag in ("GAP", "DISCONTINUITY", "KEY:METHOD=AES-128")
    },
    "an I-frame cut short": (partial(first_range, length=-1, offset=0), {Kind.BAD_IFRAMES}, f"{LOW}/iframes.m3u8"),
    "an I-frame and more": (partial(first_range, length=9, offset=0), {Kind.BAD_IFRAMES}, f"{LOW}/iframes.m3u8"),
    "no I-frame there": (partial(first_range, length=0, offset=7), {Kind.BAD_IFRAMES}, f"{LOW}/iframes.m3u8"),
    "outside the segment": (partial(first_range, length=0, offset=10**9), {Kind.BAD_IFRAMES}, f"{LOW}/iframes.m3u8"),
    "an I-frame left out": (last_frame_lost, {Kind.BAD_IFRAMES}, f"{LOW}/iframes.m3u8"),
}
OFFERS: Mapping[str, tuple[Forgery, set[Kind], str]] = {
    "a peak too high": (partial(rated, name="BANDWIDTH", by=1.12), {Kind.WRONG_BANDWIDTH}, MASTER),
    "a peak too low": (partial(rated, name="BANDWIDTH", by=0.88), {Kind.WRONG_BANDWIDTH}, MASTER),
    "an average too low": (partial(rated, name="AVERAGE-BANDWIDTH", by=0.8), {Kind.WRONG_BANDWIDTH}, MASTER),
    "a lie that both agree on": (
        partial(rated, name="BANDWIDTH", by=0.5, agreed=True),
        {Kind.WRONG_BANDWIDTH},
        "manifest.json",
    ),
    "no average": (text(MASTER, ",AVERAGE-BANDWIDTH=", ",X-AVERAGE="), {Kind.WRONG_BANDWIDTH}, MASTER),
    "seeking pictures too cheap": (
        text(MASTER, "I-FRAME-STREAM-INF:BANDWIDTH=", "I-FRAME-STREAM-INF:BANDWIDTH=1"),
        {Kind.WRONG_BANDWIDTH},
        MASTER,
    ),
    "another resolution": (text(MASTER, "RESOLUTION=160x90", "RESOLUTION=160x120", 1), {Kind.WRONG_FACTS}, MASTER),
    "another rate": (text(MASTER, "FRAME-RATE=20.000", "FRAME-RATE=25.000"), {Kind.WRONG_FACTS}, MASTER),
    "another codec": (text(MASTER, "mp4a.40.2", "mp4a.40.5", 1), {Kind.WRONG_FACTS}, MASTER),
    "another language": (text(MASTER, 'LANGUAGE="en"', 'LANGUAGE="fr"', 1), {Kind.WRONG_FACTS}, MASTER),
    "other channels": (text(MASTER, 'CHANNELS="2"', 'CHANNELS="6"', 1), {Kind.WRONG_FACTS}, MASTER),
    "captions that no variant names": (text(MASTER, ',SUBTITLES="captions"', "", 1), {Kind.WRONG_FACTS}, MASTER),
    "a rendition unlisted": (unlisted, {Kind.UNKNOWN_STREAM}, MASTER),
    "a rendition offered twice": (
        text(MASTER, f"{LARGE}/index.m3u8", f"{LOW}/index.m3u8"),
        {Kind.UNADVERTISED, Kind.UNKNOWN_STREAM},
        MASTER,
    ),
    "seeking pictures not offered": (without(MASTER, "I-FRAME-STREAM"), {Kind.UNADVERTISED}, MASTER),
    "a sound not offered": (without(MASTER, 'GROUP-ID="main"', f"{SOUND}/"), {Kind.UNADVERTISED}, MASTER),
    "captions not offered": (without(MASTER, "TYPE=SUBTITLES"), {Kind.UNADVERTISED}, MASTER),
    "a group that is not there": (
        text(MASTER, 'AUDIO="main"', 'AUDIO="loud"'),
        {Kind.NO_SOUND_GROUP, Kind.WRONG_FACTS},
        MASTER,
    ),
    "a group left out": (
        without(MASTER, 'GROUP-ID="main"'),
        {Kind.NO_SOUND_GROUP, Kind.UNADVERTISED},
        MASTER,
    ),
    "no default": (text(MASTER, "DEFAULT=YES", "DEFAULT=NO", 1), {Kind.NO_DEFAULT_SOUND}, MASTER),
    "two defaults": (text(MASTER, "DEFAULT=NO", "DEFAULT=YES", 1), {Kind.NO_DEFAULT_SOUND}, MASTER),
}
EXTRAS: Mapping[str, tuple[Forgery, set[Kind], str]] = {
    "captions in another format": (
        data("captions/zh.vtt", lambda _: b"1\n00:00:00,200 --> 00:00:01,000\nhe\n"),
        {Kind.BAD_CAPTIONS},
        "captions/zh.vtt",
    ),
    "captions in another encoding": (
        data("captions/zh.vtt", lambda was: was.decode().encode("gb18030")),
        {Kind.BAD_CAPTIONS},
        "captions/zh.vtt",
    ),
    "captions that say nothing": (
        data("captions/zh.vtt", lambda _: b"WEBVTT\n"),
        {Kind.BAD_CAPTIONS},
        "captions/zh.vtt",
    ),
    "captions after the end": (
        data("captions/zh.vtt", lambda was: was + b"\n00:31.000 --> 00:32.500\nlate\n"),
        {Kind.LATE_CAPTIONS},
        "captions/zh.vtt",
    ),
    "a part outside its sheet": (text(INDEX, "xywh=160,", "xywh=1600,"), {Kind.BAD_THUMBNAILS}, INDEX),
    "a sheet that is not there": (text(INDEX, "sheet-00", "sheet-09", 1), {Kind.BAD_THUMBNAILS}, INDEX),
    "a sheet elsewhere": (text(INDEX, "sheet-00.jpg", "../poster.jpg", 1), {Kind.BAD_THUMBNAILS}, INDEX),
    "an index of nothing": (data(INDEX, lambda _: b"sheet-00.jpg\n"), {Kind.BAD_THUMBNAILS}, INDEX),
    "pictures after the end": (text(INDEX, "--> 00:00:30", "--> 00:01:30"), {Kind.BAD_THUMBNAILS}, INDEX),
    "a smaller sheet": (picture(SHEET, (160, 90), "JPEG"), {Kind.BAD_THUMBNAILS}, INDEX),
    "a poster in another format": (picture(POSTER, (160, 90), "PNG"), {Kind.BAD_PICTURE}, POSTER),
    "a poster cut short": (data(POSTER, lambda was: was[:-9]), {Kind.BAD_PICTURE}, POSTER),
    "an absurd poster": (picture(POSTER, (20_000, 1), "JPEG"), {Kind.BAD_PICTURE}, POSTER),
    "a sheet that is text": (data(SHEET, lambda _: b"\xff\xd8\xff and \xff\xd9"), {Kind.BAD_PICTURE}, SHEET),
}
FORGERIES = {**TRACKS, **PLAYLISTS, **OFFERS, **EXTRAS}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_out(copied: Path, name: str) -> None:
    forge, kinds, path = FORGERIES[name]
    forger = Forger(copied)
    forged = forge(forger)
    found = verify_package(forged if isinstance(forged, Path) else forger.sealed())
    assert {damage.kind for damage in found} == kinds, [str(damage) for damage in found]
    assert path in {damage.path for damage in found}
    assert all(damage.detail for damage in found)


def test_what_is_only_listed_anew_is_whole(copied: Path) -> None:
    assert verify_package(Forger(copied).sealed()) == ()


def test_a_package_of_the_first_format_answers_for_its_files_alone(copied: Path) -> None:
    forger = Forger(copied)
    forger.manifest["format"] = 1
    forger.without_lines(f"{LARGE}/index.m3u8", "ENDLIST")
    assert verify_package(forger.sealed()) == ()


def test_sound_in_the_place_of_pictures(copied: Path) -> None:
    forger = Forger(copied)
    shutil.copyfile(copied / seg(SOUND, 1), copied / seg(LARGE, 1))
    found = verify_package(forger.sealed())
    assert Kind.NO_KEYFRAME in {damage.kind for damage in found if damage.path == seg(LARGE, 1)}
