"""The virus scanner: ClamAV's own daemon with a signature of ours where it is installed, its protocol everywhere."""

import hashlib
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contentserver.adapters.clamd import Clamd
from contentserver.courses import ScanImpossible, ScannerAway

BAD = b"what a signature of ours knows, and nothing else does"
LIMIT = 1_000_000
Start = Callable[[Path], Iterator[str]]


def speaking(folder: Path) -> Iterator[str]:
    """A small server of the same protocol, on a port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _address = listener.accept()
            except OSError:
                return
            with line, line.makefile("rb") as coming:
                if coming.read(10) != b"zINSTREAM\0":
                    continue
                data = b""
                while (length := struct.unpack("!L", coming.read(4))[0]) and len(data) + length <= LIMIT:
                    data += coming.read(length)
                answer = b"stream: Ours.UNOFFICIAL FOUND" if data == BAD else b"stream: OK"
                line.sendall((b"INSTREAM size limit exceeded. ERROR" if length else answer) + b"\0")
                line.shutdown(socket.SHUT_WR)
                while coming.read(65536):
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def clamav(folder: Path) -> Iterator[str]:
    """The real daemon, on a Unix socket."""
    program = shutil.which("clamd")
    if program is None:
        pytest.skip("clamd is not installed: apt-get install clamav-daemon")
    signatures, place = folder / "signatures", folder / "clamd.sock"
    signatures.mkdir()
    digest = hashlib.md5(BAD, usedforsecurity=False).hexdigest()
    (signatures / "ours.hdb").write_text(f"{digest}:{len(BAD)}:Ours\n")
    lines = [f"DatabaseDirectory {signatures}", f"LocalSocket {place}", "Foreground yes", f"StreamMaxLength {LIMIT}"]
    (folder / "clamd.conf").write_text("\n".join([*lines, "User root"] if folder.owner() == "root" else lines) + "\n")
    argv = [program, "--config-file", str(folder / "clamd.conf")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as daemon:
        assert daemon.stdout is not None
        said = []
        for line in daemon.stdout:
            said.append(line)
            if "Self checking" in line:
                break
        assert place.exists(), said
        yield f"unix://{place}"
        daemon.terminate()


@pytest.fixture(params=[speaking, clamav], ids=["protocol", "clamav"])
def scanner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clamd]:
    for address in request.param(tmp_path):
        yield Clamd(address)


def test_what_a_signature_knows_is_found_and_nothing_else(scanner: Clamd, tmp_path: Path) -> None:
    good, bad, large = tmp_path / "good.mp4", tmp_path / "bad.mp4", tmp_path / "large.mp4"
    good.write_bytes(bytes(900_000))
    bad.write_bytes(BAD)
    large.write_bytes(bytes(3 * LIMIT))
    assert scanner.scan(good) == ""
    assert scanner.scan(bad) == "Ours.UNOFFICIAL"
    with pytest.raises(ScanImpossible, match="limit"):
        scanner.scan(large)
    with pytest.raises(FileNotFoundError):
        scanner.scan(tmp_path / "gone.mp4")


def test_a_scanner_that_does_not_answer_is_away(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"a")
    for address in ("tcp://127.0.0.1:1", f"unix://{tmp_path}/none.sock"):
        with pytest.raises(ScannerAway):
            Clamd(address).scan(tmp_path / "a.mp4")
    with pytest.raises(ValueError, match="tcp://"):
        Clamd("127.0.0.1:3310")
