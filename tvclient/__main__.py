"""`python -m tvclient`: read the settings, start the television. The window is `app.py`, the loop is `shell.py`."""

import os
import sys

import structlog

from tvclient.adapters.memory import collect_later, share_heaps
from tvclient.adapters.recent_log import RecentLog
from tvclient.settings import SettingsInvalid, read_settings


def main() -> int:
    """Run until the window is closed.

    Returns:
        The exit status: 0 after an orderly end, 2 for settings that cannot be used.
    """
    try:
        settings = read_settings(sys.argv[1:], os.environ)
    except SettingsInvalid as error:
        print(error, file=sys.stderr)
        return 2
    share_heaps()
    collect_later()
    recent = RecentLog()
    _configure_log(recent)

    from tvclient.app import run  # noqa: PLC0415 - the collector would look through all of it

    return run(settings, recent)


def _configure_log(recent: RecentLog) -> None:
    """One line of JSON for each event on standard error; a failure's local values stay out of it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            recent,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
