"""What people set and look up at the television, carried out: preferences, taught remotes, the line, the box itself.

Files are written at once; whoever asks for the line or the box is answered from a thread of its own, since a line that
hangs may take seconds.
"""

import shutil
from collections.abc import Callable
from threading import Lock, Thread

import structlog

from tvclient.adapters.errors import AdapterError, ServerUnreachable
from tvclient.adapters.learnt_keys import LearntKeys
from tvclient.adapters.line import Line
from tvclient.adapters.means import Means
from tvclient.adapters.preferences import PreferencesFile
from tvclient.core import effects, events
from tvclient.core.settled import BoxCard, LineFacts
from tvclient.core.state import Preferences
from tvclient.settings import SOFTWARE, Settings

log = structlog.get_logger(__name__)

Effect = effects.KeepPreferences | effects.KeepKeys | effects.CheckLine | effects.DescribeBox


class Settling:
    """One box's."""

    def __init__(self, settings: Settings, post: Callable[[events.Event], None], means: Means) -> None:
        """Read what is stored under the data folder; answers go to `post`."""
        self._settings, self._post, self._means = settings, post, means
        self._file = PreferencesFile(settings.data / "preferences.json")
        self.learnt = LearntKeys(settings.data / "remotes.json")
        self._looking = Lock()

    def preferences(self) -> Preferences:
        """What was chosen; else what the settings say."""
        return self._file.read(Preferences(self._settings.language, self._settings.simple))

    def carry_out(self, effect: Effect, line: Line) -> None:
        """Do what the core wants; at once, or as an answer later."""
        match effect:
            case effects.KeepPreferences(chosen):
                self._file.keep(chosen)
            case effects.KeepKeys(device, codes):
                self.learnt.keep(device, codes)
            case effects.CheckLine():
                Thread(target=self._check, args=(line,), name="line-check", daemon=True).start()
            case effects.DescribeBox():
                Thread(target=self._describe, args=(line,), name="box-card", daemon=True).start()

    def _check(self, line: Line) -> None:
        if not self._looking.acquire(blocking=False):  # one look at a time; its answer is for both
            return
        try:
            household = line.household
            speed = household.prefetch.line() if household else None
            reached = False
            if household is not None:
                try:
                    household.api.reach()
                    reached = True
                except ServerUnreachable as error:
                    log.info("line.checked", reason=str(error))
                except AdapterError:
                    reached = True
            self._post(events.LineChecked(LineFacts(reached, speed.kbps if speed else None)))
        finally:
            self._looking.release()

    def _describe(self, line: Line) -> None:
        try:
            free: int | None = shutil.disk_usage(self._settings.data).free
        except OSError:
            free = None
        number = int(line.household.box) if line.household else 0
        software = " ".join(part for part in (SOFTWARE, self._settings.release) if part)
        card = BoxCard(number, self._settings.serial, software, free, self._means.decoding())
        self._post(events.BoxDescribed(card))
