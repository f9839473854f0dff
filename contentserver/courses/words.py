"""What people read about lessons: states, stages, languages, renditions, and what became of a recording.

Every `media_pipeline.errors.Code` has its sentence here and says what to do; so has every `RemarkCode`.
"""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from contentserver.courses.rules import Decision, LessonState, Origin, ReviewItem
from media_pipeline import languages
from media_pipeline.errors import Code
from media_pipeline.remarks import RemarkCode
from media_pipeline.transcode import Stage

STATES = {
    LessonState.DRAFT: _("Draft"),
    LessonState.TRANSCODING: _("Being prepared"),
    LessonState.FAILED: _("Could not be prepared"),
    LessonState.IN_REVIEW: _("Waits for review"),
    LessonState.RETURNED: _("Sent back to be changed"),
    LessonState.APPROVED: _("Approved"),
    LessonState.WITHDRAWN: _("Withdrawn"),
}
MARKS = {
    LessonState.DRAFT: "idle",
    LessonState.TRANSCODING: "work",
    LessonState.FAILED: "bad",
    LessonState.IN_REVIEW: "risk",
    LessonState.RETURNED: "bad",
    LessonState.APPROVED: "good",
    LessonState.WITHDRAWN: "idle",
}
CHECKLIST = {
    ReviewItem.CONTENT: _("What is taught is right"),
    ReviewItem.FIT: _("Politically and legally fit to air"),
    ReviewItem.READABLE: _("Writing can be read from three metres"),
    ReviewItem.SOUND: _("Every word can be understood"),
    ReviewItem.RIGHTS: _("The rights are cleared"),
}
"""What a person confirms before a lesson is signed, in this order."""
ORIGINS = {
    Origin.OWN: _("Own recording"),
    Origin.ORGANISATION: _("Another organisation"),
    Origin.BROADCASTER: _("Public broadcaster"),
    Origin.OTHER: _("Other"),
}
DECISIONS = {Decision.APPROVED: _("Approved"), Decision.RETURNED: _("Sent back")}
STAGES = {
    "": _("Waits for its turn"),
    "check": _("Comparing what arrived with its checksum"),
    Stage.PROBE: _("Looking at the recording"),
    Stage.SURVEY: _("Watching and listening to all of it once"),
    Stage.SEARCH: _("Trying out how small it can become"),
    Stage.ENCODE: _("Making picture and sound for weak lines"),
    Stage.SEAL: _("Checking and sealing the package"),
    Stage.DONE: _("Done"),
}
FAILURES = {
    Code.NOT_A_VIDEO: _("This file is no video. Choose the recording itself, for example an MP4 file."),
    Code.REFUSED_FORMAT: _("This kind of file is not accepted. Save the recording as MP4 and upload it again."),
    Code.NO_PICTURE: _("The recording has no picture. Look whether the right file was chosen."),
    Code.NO_SOUND: _("The sound file holds no sound. Look whether the right file was chosen."),
    Code.TRUNCATED: _("The recording is cut off before anything can be shown. Copy it from the camera again."),
    Code.TOO_LONG: _("The recording is too long. Cut it into several lessons."),
    Code.TOO_LARGE: _("The picture is too large for a television. Export it with at most 4K."),
    Code.BAD_CAPTIONS: _("The captions file cannot be read. Save it as SRT, ASS or WebVTT and upload it again."),
    Code.MANIFEST_INVALID: _(
        "The finished package did not pass its own check. Try again; if it repeats, tell the administrator."
    ),
    Code.ENCODE_FAILED: _("The conversion broke off. Try again; if it repeats, export the recording anew."),
    Code.BUSY: _("The same recording is being prepared for another lesson. Wait for it, then try again."),
    Code.DISK_FULL: _("The server's disk is full. The administrator must make room; then try again."),
    "checksum_wrong": _("What arrived is not what was sent: the file changed on its way. Bring the recording again."),
    "infected": _("The virus scanner found something in this file. It was put aside. Bring a clean copy of it."),
    "scan_failed": _("The virus scanner could not look at this file. Tell the administrator, then try again."),
    "gave_up": _("Three attempts broke off without an answer. Tell the administrator, then try again."),
    "server_fault": _("The server could not read or write a file. Tell the administrator, then try again."),
}
UNKNOWN_FAILURE = _("The recording could not be prepared. Try again; if it repeats, tell the administrator.")

LANGUAGES = {
    "zh": _("Mandarin"),
    "yue": _("Cantonese"),
    "wuu": _("Wu"),
    "nan": _("Southern Min"),
    "hak": _("Hakka"),
    "hsn": _("Xiang"),
    "gan": _("Gan"),
    "ug": _("Uyghur"),
    "bo": _("Tibetan"),
    "mn": _("Mongolian"),
    "kk": _("Kazakh"),
    "za": _("Zhuang"),
    "ii": _("Yi"),
    "en": _("English"),
}
"""Languages to choose from for captions and sound, by their tags (`media_pipeline.languages`)."""
RENDITIONS = {"low": _("Weak line"), "sound": _("Sound alone")}
QUALITIES = (
    (90, _("Like the recording")),
    (80, _("Clear")),
    (60, _("Readable")),
    (0, _("Coarse")),
)
"""From which VMAF on a picture is called what."""
TRANSFERS = {"smpte2084": "HDR10 (PQ)", "arib-std-b67": "HLG"}
REMARKS = {
    RemarkCode.CUT_SHORT: _("The recording breaks off; what plays was kept. Look whether its end is missing."),
    RemarkCode.TIMES_MENDED: _("Time stamps jumped and were put in order"),
    RemarkCode.PICTURE_DAMAGED: _("The picture is damaged in places. Look at it."),
    RemarkCode.PICTURE_ENDS_EARLY: _("The picture ends before the sound. Look at the end."),
    RemarkCode.SOUND_ENDS_EARLY: _("The sound ends before the picture. Listen to the end."),
    RemarkCode.NO_SOUND: _("The recording has no sound."),
    RemarkCode.SOUND_ALONE: _("There was no moving picture; a still one stands in its place"),
    RemarkCode.SILENCE: _("Silence. Listen to it once."),
    RemarkCode.BLACK: _("A black picture. Look at it once."),
    RemarkCode.DEINTERLACED: _("Interlaced fields were made into whole pictures"),
    RemarkCode.ROTATED: _("The picture was turned upright"),
    RemarkCode.HDR_CONVERTED: _("Bright HDR colours (%(detail)s) were brought to an ordinary television's"),
    RemarkCode.RATE_EVENED: _("Pictures came at uneven times and were brought to an even rate (%(detail)s a second)"),
    RemarkCode.RATE_LOWERED: _("Little moves: the frame rate was lowered, %(detail)s"),
    RemarkCode.DOWNMIXED: _("Sound of many channels (%(detail)s) was made into stereo"),
    RemarkCode.STREAM_IGNORED: _("Left out of the file, as a lesson has no use for it: %(detail)s"),
    RemarkCode.RENDITION_DROPPED: _("Not made, as it would show nothing more or save too little: %(detail)s"),
    RemarkCode.QUALITY_BELOW_FLOOR: _(
        "%(detail)s stays below the quality aimed at, to fit the line. Look whether it can be read."
    ),
    RemarkCode.LOUDNESS_OFF: _("The loudness could not be evened: %(detail)s LUFS. Listen to it once."),
    RemarkCode.CAPTIONS_DECODED: _("The captions' writing was converted from %(detail)s"),
    RemarkCode.CAPTIONS_CONVERTED: _("The captions were made from %(detail)s; colours and positions are gone"),
    RemarkCode.CAPTIONS_WRAPPED: _("Captions wrapped, as their lines were too long: %(count)s"),
    RemarkCode.CAPTIONS_SPLIT: _("Captions shown one after the other, as they had more than two lines: %(count)s"),
    RemarkCode.CAPTIONS_OVERLAPPED: _("Captions that stood on the screen together, parted: %(count)s"),
    RemarkCode.CAPTIONS_DROPPED: _("Captions left out, as they were empty, double or after the end: %(count)s"),
}
"""What was done to a recording and what to look at; `media_pipeline.remarks` says what `detail` and `count` are."""


def failure(code: str) -> str:
    """Why a transcode failed, for a person; empty where it did not."""
    return str(FAILURES.get(code, UNKNOWN_FAILURE)) if code else ""


def remark(code: RemarkCode, *, count: int, detail: str) -> str:
    """A remark's sentence."""
    return str(REMARKS[code]) % {"count": count, "detail": detail}


def language(tag: str) -> str:
    """A language's name for people: in the reader's language where it is known here, else in its own words."""
    return str(LANGUAGES[tag]) if tag in LANGUAGES else languages.name(tag)


def sound(label: str, tag: str) -> str:
    """A sound track's name for people: its own, its language, or its number."""
    if label.isdecimal():
        return str(gettext("Track %(number)s", number=label))
    return language(tag) if tag and label == languages.name(tag) else label


def rendition(name: str) -> str:
    """A rendition's name for people: `720p HEVC` for `720p-hevc`."""
    base, _dash, codec = name.partition("-")
    return f"{RENDITIONS.get(base, base)} {codec.upper()}".strip()


def quality(vmaf: float | None) -> str:
    """What a picture of this VMAF (0 to 100) looks like; empty where it was not measured."""
    return "" if vmaf is None else str(next(name for least, name in QUALITIES if vmaf >= least))
