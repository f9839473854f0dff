"""What people read about lessons: states, stages, and why a recording could not be made into a lesson.

Every `media_pipeline.errors.Code` has its sentence here, and says what to do.
"""

from flask_babel import lazy_gettext as _

from contentserver.courses.rules import LessonState
from media_pipeline.errors import Code
from media_pipeline.transcode import Stage

STATES = {
    LessonState.DRAFT: _("Draft"),
    LessonState.TRANSCODING: _("Being prepared"),
    LessonState.FAILED: _("Could not be prepared"),
    LessonState.IN_REVIEW: _("Waits for review"),
    LessonState.APPROVED: _("Approved"),
    LessonState.WITHDRAWN: _("Withdrawn"),
}
MARKS = {
    LessonState.DRAFT: "idle",
    LessonState.TRANSCODING: "work",
    LessonState.FAILED: "bad",
    LessonState.IN_REVIEW: "risk",
    LessonState.APPROVED: "good",
    LessonState.WITHDRAWN: "idle",
}
STAGES = {
    "": _("Waits for its turn"),
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
    "gave_up": _("Three attempts broke off without an answer. Tell the administrator, then try again."),
    "server_fault": _("The server could not read or write a file. Tell the administrator, then try again."),
}
UNKNOWN_FAILURE = _("The recording could not be prepared. Try again; if it repeats, tell the administrator.")


def failure(code: str) -> str:
    """Why a transcode failed, for a person; empty where it did not."""
    return str(FAILURES.get(code, UNKNOWN_FAILURE)) if code else ""
