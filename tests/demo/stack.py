"""The whole system as real processes under one supervisor, from the broker to the television.

Everything lives in one folder and on free (or given) ports. The demo, its check and the end-to-end tests start this
same stack; what happens on it is told in `story.py`.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
from supervisor.xmlrpc import SupervisorTransport

ROOT = Path(__file__).parents[2]
SERVER_PROGRAMS = ("broker", "web", "server", "worker", "link")
GATEWAY_PASSWORD = "demo"  # of the message centre on the loopback address, which sends nothing anywhere


class Ports(msgspec.Struct, frozen=True):
    """Where the parts listen, on the loopback address."""

    http: int
    """Pages for the browsers of this machine, without TLS."""
    https: int
    app: int
    mqtt: int
    """The content server's own way to the broker."""
    mqtts: int
    mirror: int
    sms: int
    """The message centre: takes short messages, and says what became of each by its number (`tests/smsc.pl`)."""


class NotReady(RuntimeError):
    """A part did not come up in time; the message names it and shows the end of its log."""


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, timeout_s: float, poll_s: float = 0.1) -> None:
    """Wait until `ready()`.

    Raises:
        NotReady: it was not in time.
    """
    deadline = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > deadline:
            raise NotReady(what)
        time.sleep(poll_s)


@dataclass(frozen=True, slots=True)
class Screen:
    """What the television is shown on: the person's own display, or a virtual one."""

    display: str
    virtual: bool


def find_screen() -> Screen:
    """The person's display where there is one, else a free number for a virtual one."""
    own = os.environ.get("DISPLAY", "")
    if own and not os.environ.get("YUANJIAO_VIRTUAL_SCREEN"):
        return Screen(display=own, virtual=False)
    number = next(n for n in range(90, 190) if not Path(f"/tmp/.X11-unix/X{n}").exists())  # noqa: S108  # X's own place
    return Screen(display=f":{number}", virtual=True)


class Stack:
    """One running system; a context manager that ends every process at its exit."""

    box_broker, box_broker_folder = "broker", "config/broker"
    """The program to which boxes connect, and its folder."""
    measured: tuple[str, ...] = ("broker", "web", "server", "link")
    idle: tuple[str, ...] = ("worker",)
    """What a fleet's day does not need once its lessons are made."""

    def __init__(
        self, folder: Path, ports: Ports | None = None, window: str = "1280x720", database_url: str = ""
    ) -> None:
        """`database_url` names another database than the SQLite file in the folder."""
        self.folder = folder.resolve()
        self.database_url = database_url or f"sqlite:///{self.folder}/server/yuanjiao.db"
        self.ports = ports or Ports(*(free_port() for _name in Ports.__struct_fields__))
        self.screen = find_screen()
        self._window = window
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where browsers of this machine reach the system."""
        return f"http://127.0.0.1:{self.ports.http}"

    @property
    def box_url(self) -> str:
        """Where boxes reach it, by TLS."""
        return f"https://127.0.0.1:{self.ports.https}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings of the content server's programs, as environment variables."""
        return {
            "YUANJIAO_SECRET_KEY": self._secret("secret-key"),
            "YUANJIAO_DATABASE_URL": self.database_url,
            "YUANJIAO_DATA_DIR": f"{self.folder}/server",
            "YUANJIAO_BROKER_PASSWORD": self._secret("broker-password"),
            "YUANJIAO_BROKER_PORT": str(self.ports.mqtt),
            "YUANJIAO_BOX_BROKER_PORT": str(self.ports.mqtts),
            "YUANJIAO_SIGNING_KEY_FILE": f"{self.folder}/server/signing-key.jwk",
            "YUANJIAO_PUBLIC_URL": self.url,
            "YUANJIAO_SECOND_FACTOR": "off",
            "YUANJIAO_ACCEL_PREFIX": "/internal/packages/",
            "YUANJIAO_SMS_GATEWAY": f"smpp://yuanjiao:{GATEWAY_PASSWORD}@127.0.0.1:{self.ports.sms}?source=10690001",
        }

    def __enter__(self) -> "Stack":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exit: object) -> None:
        self.stop()

    def start(self) -> None:
        """Prepare the folder and start everything but the television.

        Raises:
            NotReady: something did not come up.
        """
        for name in ("server", "logs", "secrets"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.admin("init")
        self.admin("certificates", "--hosts", "127.0.0.1,localhost")
        self.write_config()
        config = self.folder / "config" / "supervisord.conf"
        config.write_text(self._supervisor_config())
        self._socket.unlink(missing_ok=True)
        with self.log("supervisor").open("wb") as log:
            self._daemon = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(config)],
                cwd=ROOT,
                env={**os.environ, **self.environment, "DISPLAY": self.screen.display},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_for("server", self._healthy, 120)
        self._wait_for("broker", lambda: listens(self.ports.mqtts), 60)

    def write_config(self) -> None:
        """Write the broker's and the web server's configuration; the broker's accounts are kept where they are."""
        self.admin(
            "write-config", str(self.folder / "config"),
            "--development",
            "--https", f"127.0.0.1:{self.ports.https}",
            "--http", f"127.0.0.1:{self.ports.http}",
            "--app", f"127.0.0.1:{self.ports.app}",
            "--mqtts", f"127.0.0.1:{self.ports.mqtts}",
            "--mqtt", f"127.0.0.1:{self.ports.mqtt}",
        )  # fmt: skip

    def stop(self) -> None:
        """End every process, the television first."""
        daemon, self._daemon = self._daemon, None
        if daemon is None:
            return
        daemon.send_signal(signal.SIGTERM)
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
        for orphan in _session_of(daemon.pid):  # children whose own parent was killed
            with suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)

    def start_television(self) -> None:
        """Show the television, on a virtual screen where there is no other.

        Raises:
            NotReady: its window did not come up.
        """
        if self.screen.virtual:
            self.control("startProcess", "screen")
            number = self.screen.display.removeprefix(":")
            self._wait_for("screen", lambda: Path(f"/tmp/.X11-unix/X{number}").exists(), 10)  # noqa: S108
        self.control("startProcess", "television", False)
        self._wait_for("television", lambda: listens(self.ports.mirror), 90)

    def admin(self, *arguments: str, secret: str = "") -> str:
        """Run `contentserver admin …` on this system; `secret` goes to its standard input. Gives back what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "contentserver", "admin", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            input=secret + "\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            raise NotReady(f"admin {arguments[0]}: {done.stderr.strip()}")
        return done.stdout.strip()

    def pid(self, program: str) -> int:
        """The process id of a part; 0 where it does not run."""
        return int(self.control("getProcessInfo", program)["pid"])

    def kill(self, program: str) -> None:
        """kill -9 a part, where it runs; the supervisor starts it again."""
        if (running := self.pid(program)) > 0:  # signal 9 to process 0 would end this one and all of its group
            with suppress(ProcessLookupError):
                os.kill(running, signal.SIGKILL)

    def log(self, program: str) -> Path:
        """Where a part writes its log."""
        return self.folder / "logs" / f"{program}.log"

    def control(self, method: str, *arguments: object) -> Any:
        """Ask the supervisor (startProcess, stopProcess, getProcessInfo …)."""
        transport = SupervisorTransport(None, None, serverurl=f"unix://{self._socket}")
        try:
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.connection.close()

    @property
    def _socket(self) -> Path:
        return self.folder / "supervisor.sock"

    def _secret(self, name: str) -> str:
        file = self.folder / "secrets" / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(24))
        return file.read_text()

    def _healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def _wait_for(self, program: str, ready: Callable[[], bool], timeout_s: float) -> None:
        try:
            wait_until(ready, program, timeout_s)
        except NotReady as error:
            log = self.log(program)
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            raise NotReady(f"{program} did not come up in {timeout_s:.0f} s.\n{tail}") from error

    def programs(self) -> dict[str, tuple[int, str, bool]]:
        """The parts by name: in which order they start, their command, whether they start by themselves."""
        python, config = sys.executable, self.folder / "config"
        virtual = f"Xvfb {self.screen.display} -screen 0 {self._window}x24 -nolisten tcp"
        television = (
            f"{python} -m tvclient --server {self.box_url} --data {self.folder}/tv --windowed {self._window} "
            f"--mirror {self.ports.mirror}"
        )
        return {
            "broker": (10, f"mosquitto -c {config}/broker/mosquitto.conf", True),
            "web": (20, f"nginx -p {config}/web -c {config}/web/nginx.conf -e stderr", True),
            "server": (30, f"{python} -m contentserver serve --bind 127.0.0.1:{self.ports.app}", True),
            "worker": (30, f"{python} -m contentserver worker", True),
            "link": (30, f"{python} -m contentserver ingest", True),
            "centre": (30, f"perl {ROOT}/tests/smsc.pl {self.ports.sms} yuanjiao {GATEWAY_PASSWORD}", True),
            "screen": (40, virtual, False),
            "television": (50, television, False),
        }

    def _supervisor_config(self) -> str:
        head = (
            f"[supervisord]\nlogfile={self.folder}/logs/supervisord.log\npidfile={self.folder}/supervisord.pid\n"
            f"[unix_http_server]\nfile={self._socket}\nchmod=0700\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
        )
        sections = (
            f"[program:{name}]\ncommand={command}\ndirectory={ROOT}\npriority={priority}\n"
            f"autostart={str(auto).lower()}\nautorestart=true\nstartsecs=1\nstartretries=20\n"
            f"stopasgroup=true\nkillasgroup=true\nstopwaitsecs=8\n"
            f"redirect_stderr=true\nstdout_logfile={self.log(name)}\nstdout_logfile_maxbytes=10MB\n"
            for name, (priority, command, auto) in self.programs().items()
        )
        return head + "".join(sections)


def listens(port: int) -> bool:
    """Whether somebody listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _session_of(leader: int) -> list[int]:
    """The processes of a session, see proc(5)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) == leader:
                found.append(int(stat.parent.name))
    return found


def fresh(folder: Path) -> Path:
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    return folder
