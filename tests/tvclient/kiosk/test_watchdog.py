"""What systemd hears: that the program is up, and signs of life only while the picture turns."""

import socket
from pathlib import Path

from tvclient.kiosk.watchdog import Watchdog


def test_ready_once_then_signs_of_life(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(address))
        systemd.settimeout(5)
        dog = Watchdog({"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "3000"})
        for _ in range(3):
            dog.turned()
        assert systemd.recv(100) == b"READY=1"
        assert systemd.recv(100) == b"WATCHDOG=1"
        dog.stopping()
        heard = systemd.recv(100)
        while heard == b"WATCHDOG=1":
            heard = systemd.recv(100)
        assert heard == b"STOPPING=1"


def test_without_systemd_nothing_is_said() -> None:
    dog = Watchdog({})
    dog.turned()
    dog.stopping()


def test_a_manager_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    Watchdog({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).turned()
