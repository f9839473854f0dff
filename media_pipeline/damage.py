"""What can be wrong with a package, each kind in one sentence. Values only; who looks for what: `verify`, `contents`,
`check_tracks`, `check_master`, `check_extras`.
"""

from dataclasses import dataclass
from enum import StrEnum


class DamageKind(StrEnum):
    """The kinds, stable: programs translate them. What each means stands in `MEANINGS`."""

    NO_MANIFEST = "no_manifest"
    BAD_MANIFEST = "bad_manifest"
    WRONG_NAME = "wrong_name"
    MISSING = "missing"
    EXTRA = "extra"
    NOT_A_FILE = "not_a_file"
    WRONG_SIZE = "wrong_size"
    ALTERED = "altered"
    BAD_PLAYLIST = "bad_playlist"
    STRAY_ADDRESS = "stray_address"
    MISSING_TAG = "missing_tag"
    TARGET_TOO_SHORT = "target_too_short"
    WRONG_EXTINF = "wrong_extinf"
    OTHER_SEGMENTS = "other_segments"
    BROKEN_BOXES = "broken_boxes"
    WRONG_INIT = "wrong_init"
    FOREIGN_FRAGMENT = "foreign_fragment"
    GAP = "gap"
    OVERLAP = "overlap"
    MISNUMBERED = "misnumbered"
    NO_KEYFRAME = "no_keyframe"
    MISALIGNED = "misaligned"
    WRONG_LENGTH = "wrong_length"
    SHORT_SOUND = "short_sound"
    BAD_IFRAMES = "bad_iframes"
    WRONG_BANDWIDTH = "wrong_bandwidth"
    WRONG_FACTS = "wrong_facts"
    UNADVERTISED = "unadvertised"
    UNKNOWN_STREAM = "unknown_stream"
    NO_SOUND_GROUP = "no_sound_group"
    NO_DEFAULT_SOUND = "no_default_sound"
    BAD_CAPTIONS = "bad_captions"
    LATE_CAPTIONS = "late_captions"
    BAD_THUMBNAILS = "bad_thumbnails"
    BAD_PICTURE = "bad_picture"


MEANINGS: dict[DamageKind, str] = {
    DamageKind.NO_MANIFEST: "There is no manifest.json.",
    DamageKind.BAD_MANIFEST: "The manifest cannot be read, is of a newer format, or contradicts itself.",
    DamageKind.WRONG_NAME: "The folder is not named by the SHA-256 of its manifest.",
    DamageKind.MISSING: "A listed file is not there.",
    DamageKind.EXTRA: "A file is there that is not listed.",
    DamageKind.NOT_A_FILE: "A listed file is a link, a pipe or a device.",
    DamageKind.WRONG_SIZE: "A file is longer or shorter than listed.",
    DamageKind.ALTERED: "A file's bytes are not those that were made.",
    DamageKind.BAD_PLAYLIST: "A playlist cannot be read, or holds what has no place in a package.",
    DamageKind.STRAY_ADDRESS: "A playlist points at something that is not a file of the package.",
    DamageKind.MISSING_TAG: "A playlist lacks a tag that players need, such as its end, or declares too low a version.",
    DamageKind.TARGET_TOO_SHORT: "A segment lasts longer than EXT-X-TARGETDURATION allows.",
    DamageKind.WRONG_EXTINF: "A playlist says another length of a segment than its fragments have.",
    DamageKind.OTHER_SEGMENTS: "A playlist plays other segments than the manifest lists, or in another order.",
    DamageKind.BROKEN_BOXES: "A segment or initialisation is no fragmented MP4 of one track.",
    DamageKind.WRONG_INIT: "An initialisation is of another codec or picture size than the manifest says.",
    DamageKind.FOREIGN_FRAGMENT: "A fragment belongs to another track than its initialisation describes.",
    DamageKind.GAP: "Between two fragments time is missing, or the first does not begin at zero.",
    DamageKind.OVERLAP: "A fragment begins before the one in front of it ends.",
    DamageKind.MISNUMBERED: "Fragments' sequence numbers do not rise.",
    DamageKind.NO_KEYFRAME: "A group of pictures does not begin with a picture that decoding can begin with.",
    DamageKind.MISALIGNED: "Two renditions have their segments or keyframes at different moments.",
    DamageKind.WRONG_LENGTH: "A track or its captions' playlist lasts clearly longer or shorter than the lesson.",
    DamageKind.SHORT_SOUND: "A sound track ends clearly before the lesson does.",
    DamageKind.BAD_IFRAMES: "The playlist of I-frames names bytes that are not exactly one I-frame with its boxes.",
    DamageKind.WRONG_BANDWIDTH: "A bandwidth that is stated is more than a tenth off what the segments measure.",
    DamageKind.WRONG_FACTS: "The master playlist or the segments contradict what the manifest says.",
    DamageKind.UNADVERTISED: "The master playlist does not offer something that the manifest lists.",
    DamageKind.UNKNOWN_STREAM: "The master playlist offers something that the manifest does not list.",
    DamageKind.NO_SOUND_GROUP: "A variant names a group of sounds that the master playlist does not have.",
    DamageKind.NO_DEFAULT_SOUND: "A group of sounds has no default, or more than one.",
    DamageKind.BAD_CAPTIONS: "Captions are no WebVTT, or empty.",
    DamageKind.LATE_CAPTIONS: "Captions run past the end of the lesson.",
    DamageKind.BAD_THUMBNAILS: "The thumbnails' index is no WebVTT, or points outside the sheets or the lesson.",
    DamageKind.BAD_PICTURE: "The poster or a sheet of thumbnails is no whole JPEG of a sensible size.",
}


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong, where, and how."""

    kind: DamageKind
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}: {self.detail}"
