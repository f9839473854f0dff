"""By what means a box runs: its clock, its line, its disk, its threads. A television has them for itself.

A fleet gives its thousands of boxes other ones (`tvclient/fleet/fleet_means.py`): the parts stay the same, what they
run on differs. Nothing here decides anything.
"""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt

from schedules.wire.signing import Verifier
from schedules.wire.topics import BoxId
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.documents import Documents
from tvclient.adapters.journal import Journal
from tvclient.adapters.link import paho_client
from tvclient.adapters.mirror import Frames
from tvclient.adapters.pacing import AT_ONCE
from tvclient.adapters.recent_log import RecentLog
from tvclient.adapters.reserve import Reserve
from tvclient.adapters.turning import OwnThread, Turn, Turning


class Means:
    """A television's own.

    Attributes:
        frames: where pictures of its screen come from; None for a box without one.
        recent: the last lines of its log; None where nobody keeps them.
        decoding: by what the last picture was decoded (`Reported.decoder`).
    """

    frames: Frames | None = None
    recent: RecentLog | None = None
    decoding: Callable[[], str] = staticmethod(lambda: "")

    def __init__(self, happened: Callable[[], None] = lambda: None) -> None:
        """`happened` is told, from any thread, that something waits for the shell."""
        self._happened = happened

    def clock(self, memory: Path) -> Clock:
        """The machine's clocks."""
        return Clock(memory)

    def journal(self, path: Path, reserve: Reserve) -> Journal:
        """The journal on the machine's disk."""
        return Journal(path, reserve)

    def verifier(self, signing_keys: msgspec.Raw) -> Verifier:
        """Whoever reads what these keys signed."""
        return Verifier(signing_keys)

    def documents(self, folder: Path, verifier: Verifier, box: BoxId) -> Documents:
        """The signed documents on the machine's disk."""
        return Documents(folder, verifier, box)

    def api(self, server: str, http_token: str, authority: str) -> Api:
        """The way to the server over HTTP."""
        return Api(server, http_token, authority=authority)

    def client(self) -> Callable[[str], mqtt.Client]:
        """Makes the client of a broker for a client id."""
        return paho_client

    def run(self, name: str, turn: Turn) -> Turning:
        """Give turns to a part; `line`, `prefetch`, `answer_files`."""
        return OwnThread(name, turn)

    def fetchers(self) -> Executor:
        """Who fetches files, a few side by side."""
        return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetch")

    def opener(self) -> Executor:
        """Who verifies a package before it is shown."""
        return ThreadPoolExecutor(1, thread_name_prefix="open")

    def happened(self) -> None:
        """Something waits for the shell."""
        self._happened()
