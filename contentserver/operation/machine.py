"""The doctor looks at the machine: versions, ports, disks, clocks."""

import os
import re
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _

from contentserver.operation import snapshot
from contentserver.operation.asking import Asking
from contentserver.operation.findings import Finding, good, look, wrong
from contentserver.operation.places import sqlite_file
from media_pipeline import encode

OLDEST_POSTGRESQL = 15
OLDEST = {"python": (3, 11), "sqlite": (3, 37), "mosquitto": (2, 0), "nginx": (1, 18), "ffmpeg": (5, 0)}
FREE_LOOK, FREE_WRONG = 5 << 30, 1 << 30
INODES_LOOK = 0.05
YEARS = range(2026, 2100)
CLOCK_LOOK_S, CLOCK_WRONG_S = 1.0, 30.0
_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970: RFC 5905, section 6."""


def versions(asking: Asking) -> Iterator[Finding]:
    """The programs on which everything stands."""
    found = {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}",
        "sqlite": sqlite3.sqlite_version,
        "ffmpeg": _said([encode.program(), "-version"]),
        "mosquitto": _said(["mosquitto", "-h"]),
        "nginx": _said(["nginx", "-v"]),
    }
    for name, version in found.items():
        wanted = ".".join(map(str, OLDEST[name]))
        if not version:
            yield look(
                f"version.{name}",
                _("%(name)s is not on this machine.", name=name),
                _("Install it, unless another machine does its work."),
            )
        elif tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < OLDEST[name]:
            sentence = _("%(name)s is version %(version)s.", name=name, version=version)
            yield wrong(f"version.{name}", sentence, _("Install %(wanted)s or newer.", wanted=wanted))
        else:
            yield good(f"version.{name}", _("%(name)s is version %(version)s.", name=name, version=version))
    if number := snapshot.server_version(asking.settings.database_url):
        yield from _postgresql(number // 10000)


def _postgresql(server: int) -> Iterator[Finding]:
    said = _("PostgreSQL is version %(version)s.", version=str(server))
    if server < OLDEST_POSTGRESQL:
        yield wrong("version.postgresql", said, _("Install %(wanted)s or newer.", wanted=str(OLDEST_POSTGRESQL)))
    else:
        yield good("version.postgresql", said)
    dump = _said(["pg_dump", "--version"])
    if not dump or int(dump.partition(".")[0]) < server:
        yield wrong(
            "version.pg_dump",
            _("pg_dump is missing here, or older than the database."),
            _("Install postgresql-client-%(version)s; without it there is no backup.", version=str(server)),
        )


def _said(command: list[str]) -> str:
    """The first version that a program says of itself; empty where there is no such program."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)
    return found[0] if found else ""


def ports(asking: Asking) -> Iterator[Finding]:
    """Whether somebody listens where the settings say, and who."""
    settings, public = asking.settings, urlsplit(asking.settings.public_url)
    public_port = public.port or (443 if public.scheme == "https" else 80)
    for code, host, port, program in (
        ("broker", settings.broker_host, settings.broker_port, "mosquitto"),
        ("boxes", settings.box_broker_host, settings.box_broker_port, "mosquitto"),
        ("pages", public.hostname or "127.0.0.1", public_port, "nginx"),
    ):
        address = f"{host}:{port}"
        if _listens(host, port):
            who = listener(port) or "?"
            if who in {program, "?"}:
                yield good(f"port.{code}", _("%(address)s answers (%(who)s).", address=address, who=who))
            else:
                yield wrong(
                    f"port.{code}",
                    _("%(address)s is taken by another program: %(who)s.", address=address, who=who),
                    _("End it, or give %(program)s another port: admin write-config.", program=program),
                )
        else:
            yield wrong(
                f"port.{code}",
                _("Nobody answers on %(address)s.", address=address),
                _("Start %(program)s, and look into its log if it does not stay.", program=program),
            )


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=3):
            return True
    except OSError:
        return False


def listener(port: int) -> str:
    """The program that listens on a port of this machine; empty where it cannot be seen (proc(5))."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:] if Path(table).exists() else ():
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(one.readlink()) in inodes for one in (process / "fd").iterdir()):
                return (process / "comm").read_text().strip()
        except OSError:
            continue
    return ""


def places(asking: Asking) -> Iterator[Finding]:
    """Room, inodes and permission wherever something is written."""
    settings = asking.settings
    folders = [settings.data_dir, settings.packages_dir, settings.uploads_dir, Path(tempfile.gettempdir())]
    database = sqlite_file(settings.database_url)
    folders += [database.resolve().parent] if database is not None else []
    folders += [one for one in (asking.broker, asking.backups) if one is not None]
    seen: set[int] = set()
    for folder in dict.fromkeys(folders):
        if not folder.is_dir():
            yield wrong(
                "place.missing",
                _("%(folder)s is not there.", folder=str(folder)),
                _("Make it, or mount its disk; admin init makes what belongs to the data."),
            )
            continue
        if not os.access(folder, os.W_OK | os.X_OK):
            yield wrong(
                "place.closed",
                _("Nothing can be written into %(folder)s.", folder=str(folder)),
                _("Give it to the user of the programs: chown."),
            )
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield _room(folder)


def _room(folder: Path) -> Finding:
    found = os.statvfs(folder)
    free, inodes = found.f_bavail * found.f_frsize, found.f_favail / found.f_files if found.f_files else 1.0
    said = _(
        "The disk of %(folder)s has %(free)s GB free, and %(inodes)s of a hundred places for files.",
        folder=str(folder),
        free=f"{free / 1e9:.1f}",
        inodes=f"{inodes * 100:.0f}",
    )
    advice = _("Make room: old recordings and backups first. A full disk loses nothing, but nothing new is taken in.")
    if free < FREE_WRONG:
        return wrong("disk.full", said, advice)
    if free < FREE_LOOK or inodes < INODES_LOOK:
        return look("disk.filling", said, advice)
    return good("disk", said)


def clocks(asking: Asking) -> Iterator[Finding]:
    """The clock against the calendar, against what was written before, and against a time server."""
    now = time.time()
    advice = _("Set the clock, and let it be kept: timedatectl set-ntp true. Televisions go by this machine's time.")
    if time.gmtime(now).tm_year not in YEARS:
        said = _("The clock says the year %(year)s.", year=str(time.gmtime(now).tm_year))
        yield wrong("clock.year", said, advice)
    if (ahead := _written(asking) - now) > CLOCK_WRONG_S:
        minutes = str(round(ahead / 60))
        said = _("The clock is behind: files were written %(minutes)s minutes from now.", minutes=minutes)
        yield wrong("clock.behind", said, advice)
    if not asking.ntp:
        yield look(
            "clock.ntp",
            _("The clock says %(time)s; it was compared with no time server.", time=time.strftime("%Y-%m-%d %H:%M:%S")),
            _("Name one: --ntp ntp.aliyun.com"),
        )
        return
    try:
        offset = ntp_offset(asking.ntp)
    except OSError:
        said = _("The time server %(host)s does not answer.", host=asking.ntp)
        yield look("clock.ntp", said, _("Compare the clock by hand, or name another time server."))
        return
    apart = f"{offset:+.3f}"
    said = _("The clock differs from %(host)s by %(seconds)s s.", host=asking.ntp, seconds=apart)
    if abs(offset) > CLOCK_WRONG_S:
        yield wrong("clock.ntp", said, advice)
    elif abs(offset) > CLOCK_LOOK_S:
        yield look("clock.ntp", said, advice)
    else:
        yield good("clock.ntp", said)


def _written(asking: Asking) -> float:
    """When the newest of the files that are written all the time was."""
    database = sqlite_file(asking.settings.database_url)
    files = [asking.settings.queue_file, *([database, database.with_name(f"{database.name}-wal")] if database else [])]
    return max((file.stat().st_mtime for file in files if file.exists()), default=0.0)


def ntp_offset(host: str, port: int = 123) -> float:
    """How many seconds this machine's clock is behind a time server's (RFC 5905, in its simple form).

    Raises:
        OSError: it does not answer.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(3)
        sent = time.time()
        asking.sendto(b"\x23" + 47 * b"\0", (host, port))
        answer = asking.recv(512)
        received = time.time()
    if len(answer) < 48:
        raise OSError("no answer of a time server")
    came, left = (whole - _NTP_EPOCH + part / 2**32 for whole, part in struct.iter_unpack("!II", answer[32:48]))
    return float((came - sent) + (left - received)) / 2
