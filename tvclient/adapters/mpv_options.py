"""What every libmpv of the television is: bare of configuration, scripts and words; with sound where there is some."""

from typing import Any, Final

BARE: Final[dict[str, Any]] = {
    "ao": "pulse,alsa",
    "audio_fallback_to_null": True,
    "idle": True,
    "config": False,
    "ytdl": False,
    "osc": False,
    "load_scripts": False,
    "load_stats_overlay": False,
    "load_osd_console": False,
    "load_auto_profiles": False,
}
