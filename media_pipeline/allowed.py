"""How a stranger's file may be opened at all, by the prober and by every encoder alike. Pure.

How a program is confined besides is in `confine.py`.
"""

from media_pipeline.recording import Recording
from media_pipeline.remarks import RemarkCode

DEMUXERS = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,rm,mxf,dv,ogg,mp3,wav,flac,aac,amr"
"""Containers that hold their own media. Playlists, scripts, image sequences and text stay out."""

PROTOCOLS = "file,pipe"
"""Protocols that reach nothing but this machine's files."""

MAX_PIXELS = 8192 * 4352
"""No decoder makes room for a larger picture."""

_TRUSTED_STEP_S = 1


def opening(recording: Recording) -> dict[str, str | int]:
    """Options of ffmpeg's input that make it find what the prober found: the same container, the same length."""
    options: dict[str, str | int] = {
        "protocol_whitelist": PROTOCOLS,
        "format_whitelist": DEMUXERS,
        "f": recording.container.split(",", 1)[0],
        "max_pixels": MAX_PIXELS,
    }
    for remark in recording.remarks:
        if remark.code is RemarkCode.TIMES_MENDED and remark.detail == "absent" and recording.picture:
            options["r"] = recording.picture.frame_rate
        elif remark.code is RemarkCode.TIMES_MENDED:  # a time too far from the one before is not believed
            options["dts_error_threshold"] = _TRUSTED_STEP_S
    return options
