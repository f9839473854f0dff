"""The television's voice: espeak-ng in a process of its own, started after the tone. No voice is no error.

Says to the core when it reads an alert, so that the screen says so only while it is true. The text goes in by standard
input, never as an argument. Which text is read: `core/alerts.py`; what has the focus: `ui/stage.py`.
"""

import shutil
import subprocess
from collections.abc import Callable
from threading import Condition, Thread
from typing import Final, NamedTuple

import structlog

from tvclient.core.events import Event, VoiceChanged

PROGRAM: Final = "espeak-ng"
TONE_S: Final = 2.8
"""The alert's tone rings that long."""
MOVE_S: Final = 0.25
"""The focus must rest that long before its words are read."""
LONGEST_S: Final = 80.0
WORDS_PER_MINUTE: Final = "150"
VOICES: Final = {"zh": "cmn", "en": "en"}


class _Text(NamedTuple):
    """What is to be read; an alert after its tone, other words when nothing newer came for a moment."""

    words: str
    language: str
    alert: bool


log = structlog.get_logger(__name__)


class EspeakVoice:
    """Reads one text at a time, on a thread of its own."""

    def __init__(self, post: Callable[[Event], None], program: str = PROGRAM, tone_s: float = TONE_S) -> None:
        """Look for the program on PATH; without it every method does nothing."""
        self._post, self._tone_s = post, tone_s
        self._program = shutil.which(program)
        self._wake = Condition()
        self._wanted: _Text | None = None
        self._number = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._thread = Thread(target=self._run, name="voice", daemon=True)
        if self._program is None:
            log.info("voice.absent")
        else:
            self._thread.start()

    def speak(self, text: str, language: str) -> None:
        """See `core.ports.Voice`."""
        self._turn_to(_Text(text, language, alert=True))

    def say(self, text: str, language: str) -> None:
        """See `core.ports.Voice`."""
        self._turn_to(_Text(text, language, alert=False))

    def hush(self) -> None:
        """See `core.ports.Voice`."""
        self._turn_to(None)

    def close(self) -> None:
        """See `core.ports.Voice`."""
        self._closed = True
        self._turn_to(None)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _turn_to(self, wanted: _Text | None) -> None:
        with self._wake:
            self._wanted = wanted
            self._number += 1
            if self._process is not None:
                self._process.kill()
            self._wake.notify_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closed or self._wanted is not None)
                if self._closed:
                    return
                number, wanted = self._number, self._wanted
                self._wanted = None
                if wanted is None or self._turned(number, self._tone_s if wanted.alert else MOVE_S):
                    continue
                process = self._process = self._started(wanted.language)
            if process is not None:
                self._read(process, wanted)

    def _turned(self, number: int, seconds: float) -> bool:
        """Wait so long; whether something else was wanted meanwhile."""
        return self._wake.wait_for(lambda: self._number != number, seconds)

    def _started(self, language: str) -> subprocess.Popen[bytes] | None:
        voice = VOICES.get(language.split("-", maxsplit=1)[0].lower(), VOICES["zh"])
        argv = [self._program or PROGRAM, "-v", voice, "-s", WORDS_PER_MINUTE, "--stdin"]
        try:
            return subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=True
            )
        except OSError as error:
            log.warning("voice.not_started", reason=str(error))
            return None

    def _read(self, process: subprocess.Popen[bytes], text: _Text) -> None:
        if text.alert:
            self._post(VoiceChanged(True))
        try:
            process.communicate(text.words.encode(), timeout=LONGEST_S)
        except (subprocess.TimeoutExpired, OSError) as error:
            log.warning("voice.cut", reason=type(error).__name__)
            process.kill()
            process.wait()
        with self._wake:
            self._process = None
        if text.alert:
            self._post(VoiceChanged(False))
