"""Where the television's few settings come from: the command line over the environment. Frozen and typed.

Read once, by `__main__`; nothing else looks at the environment.
"""

import argparse
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tvclient.core.state import Language

SOFTWARE = "yuanjiao-tv/0.1.0"
_PACKAGE_BUDGET = 16 * 1024**3
_JOURNAL_RESERVE = 64 * 1024**2
_STICKS = "/media:/run/media:/mnt"
_EXTRA_CODECS = frozenset({"hvc1", "av01"})


class SettingsInvalid(ValueError):
    """Everything that is wrong with the settings, one line for each."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this television runs.

    Attributes:
        server: address of the content server, without a trailing slash; by TLS but in development.
        authority: PEM of the certificate authority to believe alone, given by hand; empty where the box learns it at
            first contact and keeps it.
        data: folder of everything the box keeps.
        simple: big type and few things on the screen.
        window: width and height in pixels; None for the full screen.
        mirror_port: loopback port of the live picture with a clickable remote; None for none.
        package_budget: bytes of disk that packages may fill.
        codecs: what the box can show, by RFC 6381's first four letters; H.264 always, HEVC and AV1 where said.
        remote: whether infrared, CEC and USB remotes are read.
        journal_reserve: bytes of disk set aside for the journal; 0 for none.
        sticks: folders below which USB sticks are mounted; empty where sticks are left alone.
        neighbours: whether other boxes of the local network are looked for, and lent to.
        play: one file to play, and nothing else.
        record: where everything that happens is written down, to be replayed; None for nowhere.
        release: the release that runs, empty for the one that was installed; None where no launcher started it.
    """

    server: str
    data: Path
    language: Language = Language.ZH
    simple: bool = True
    window: tuple[int, int] | None = None
    mirror_port: int | None = None
    package_budget: int = _PACKAGE_BUDGET
    codecs: frozenset[str] = frozenset({"avc1"})
    remote: bool = True
    serial: str = ""
    authority: str = ""
    journal_reserve: int = 0
    sticks: tuple[Path, ...] = ()
    neighbours: bool = False
    release: str | None = None
    play: Path | None = None
    record: Path | None = None


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Settings of this run.

    Args:
        arguments: the command line without the program's name.
        environment: `YJ_TV_SERVER`, `YJ_TV_CA`, `YJ_TV_DEVELOPMENT` (1 for a server without TLS), `YJ_TV_DATA`,
            `YJ_TV_LANG`, `YJ_TV_FULL`, `YJ_TV_SERIAL`, `YJ_TV_PACKAGE_BYTES`,
            `YJ_TV_CODECS` (`hvc1,av01`), `YJ_TV_JOURNAL_RESERVE` (bytes), `YJ_TV_STICKS` (folders, with colons
            between), `YJ_TV_NEIGHBOURS` (0 to leave other boxes alone), `YJ_TV_RELEASE` (set by the launcher).

    Raises:
        SettingsInvalid: names every problem at once.
    """
    parser = argparse.ArgumentParser(prog="python -m tvclient", description="The television of a station.")
    parser.add_argument("--server", default=environment.get("YJ_TV_SERVER", "https://127.0.0.1:8443"), metavar="URL")
    parser.add_argument("--ca", default=environment.get("YJ_TV_CA"), metavar="FILE", help="the server's authority, PEM")
    parser.add_argument("--development", action="store_true", default=environment.get("YJ_TV_DEVELOPMENT") == "1")
    parser.add_argument("--data", default=environment.get("YJ_TV_DATA", "var/tv"), metavar="DIR")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--windowed", metavar="WxH", default=None)
    shape.add_argument("--fullscreen", action="store_true")
    parser.add_argument("--mirror", metavar="PORT", default=None)
    parser.add_argument("--lang", default=environment.get("YJ_TV_LANG", Language.ZH.value), metavar="zh_CN|en")
    parser.add_argument("--play", metavar="FILE", help="play one file and say how it went; no server is asked")
    parser.add_argument("--record", metavar="FILE", help="write down what happens, for python -m tvclient.replay")
    parser.add_argument("--no-remote", action="store_true", help="leave remotes to other programs")
    given = parser.parse_args(arguments)
    problems: list[str] = []
    settings = Settings(
        server=_server(given.server, given.development, problems),
        authority=_authority(given.ca, problems),
        data=Path(given.data).expanduser().resolve(),
        language=_language(given.lang, problems),
        simple=environment.get("YJ_TV_FULL", "") == "",
        window=_window(given.windowed, problems),
        mirror_port=_number(given.mirror, "--mirror", 65535, problems),
        package_budget=_number(environment.get("YJ_TV_PACKAGE_BYTES"), "YJ_TV_PACKAGE_BYTES", 2**50, problems)
        or _PACKAGE_BUDGET,
        codecs=_codecs(environment.get("YJ_TV_CODECS", ""), problems),
        remote=not given.no_remote,
        serial=environment.get("YJ_TV_SERIAL", ""),
        neighbours=environment.get("YJ_TV_NEIGHBOURS", "1") != "0",
        release=environment.get("YJ_TV_RELEASE"),
        play=_file(given.play, problems),
        record=Path(given.record).expanduser().resolve() if given.record else None,
        journal_reserve=_number(environment.get("YJ_TV_JOURNAL_RESERVE"), "YJ_TV_JOURNAL_RESERVE", 2**40, problems)
        or _JOURNAL_RESERVE,
        sticks=tuple(Path(one) for one in environment.get("YJ_TV_STICKS", _STICKS).split(":") if one),
    )
    if problems:
        raise SettingsInvalid("\n".join(problems))
    return settings


def _file(text: str | None, problems: list[str]) -> Path | None:
    file = Path(text).expanduser().resolve() if text else None
    if file is not None and not file.is_file():
        problems.append(f"--play {text}: no such file")
    return file


def _server(text: str, development: bool, problems: list[str]) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problems.append(f"--server {text}: not an https address")
    elif parts.scheme == "http" and not development:
        problems.append(f"--server {text}: without TLS anybody on the line could play lessons here; only --development")
    return text.rstrip("/")


def _authority(file: str | None, problems: list[str]) -> str:
    if not file:
        return ""
    try:
        pem = Path(file).expanduser().read_text()
        ssl.create_default_context(cadata=pem)
    except (OSError, ValueError, ssl.SSLError) as error:
        problems.append(f"--ca {file}: {error}")
        return ""
    return pem


def _language(text: str, problems: list[str]) -> Language:
    if text not in set(Language):
        problems.append(f"--lang {text}: one of {', '.join(Language)}")
        return Language.ZH
    return Language(text)


def _window(text: str | None, problems: list[str]) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
        problems.append(f"--windowed {text}: width x height, such as 1280x720")
        return None
    return int(width), int(height)


def _number(text: str | None, name: str, highest: int, problems: list[str]) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= highest):
        problems.append(f"{name} {text}: a number from 1 to {highest}")
        return None
    return int(text)


def _codecs(text: str, problems: list[str]) -> frozenset[str]:
    extra = frozenset(filter(None, text.split(",")))
    if not extra <= _EXTRA_CODECS:
        problems.append(f"YJ_TV_CODECS {text}: {', '.join(sorted(_EXTRA_CODECS))}, with commas between")
    return frozenset({"avc1"}) | extra
