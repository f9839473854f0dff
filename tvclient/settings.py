"""Where the television's few settings come from: the command line over the environment. Frozen and typed.

Read once, by `__main__`; nothing else looks at the environment.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tvclient.core.state import Language

SOFTWARE = "yuanjiao-tv/0.1.0"
_PACKAGE_BUDGET = 16 * 1024**3
_EXTRA_CODECS = frozenset({"hvc1", "av01"})


class SettingsInvalid(ValueError):
    """Everything that is wrong with the settings, one line for each."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this television runs.

    Attributes:
        server: address of the content server, without a trailing slash.
        data: folder of everything the box keeps.
        simple: big type and few things on the screen.
        window: width and height in pixels; None for the full screen.
        mirror_port: loopback port of the live picture with a clickable remote; None for none.
        package_budget: bytes of disk that packages may fill.
        codecs: what the box can show, by RFC 6381's first four letters; H.264 always, HEVC and AV1 where said.
        remote: whether infrared, CEC and USB remotes are read.
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


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Settings of this run.

    Args:
        arguments: the command line without the program's name.
        environment: `YJ_TV_SERVER`, `YJ_TV_DATA`, `YJ_TV_LANG`, `YJ_TV_FULL`, `YJ_TV_SERIAL`, `YJ_TV_PACKAGE_BYTES`,
            `YJ_TV_CODECS` (`hvc1,av01`).

    Raises:
        SettingsInvalid: names every problem at once.
    """
    parser = argparse.ArgumentParser(prog="python -m tvclient", description="The television of a station.")
    parser.add_argument("--server", default=environment.get("YJ_TV_SERVER", "http://127.0.0.1:8080"), metavar="URL")
    parser.add_argument("--data", default=environment.get("YJ_TV_DATA", "var/tv"), metavar="DIR")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--windowed", metavar="WxH", default=None)
    shape.add_argument("--fullscreen", action="store_true")
    parser.add_argument("--mirror", metavar="PORT", default=None)
    parser.add_argument("--lang", default=environment.get("YJ_TV_LANG", Language.ZH.value), metavar="zh_CN|en")
    parser.add_argument("--no-remote", action="store_true", help="leave remotes to other programs")
    given = parser.parse_args(arguments)
    problems: list[str] = []
    settings = Settings(
        server=_server(given.server, problems),
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
    )
    if problems:
        raise SettingsInvalid("\n".join(problems))
    return settings


def _server(text: str, problems: list[str]) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problems.append(f"--server {text}: not an http or https address")
    return text.rstrip("/")


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
