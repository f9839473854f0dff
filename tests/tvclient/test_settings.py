from pathlib import Path

import pytest

from tvclient.core.state import Language
from tvclient.settings import SettingsInvalid, read_settings


def test_the_command_line_is_over_the_environment() -> None:
    settings = read_settings(
        ["--server", "https://a.example/", "--windowed", "1280x720", "--mirror", "8099", "--lang", "en"],
        {"YJ_TV_SERVER": "http://b.example", "YJ_TV_DATA": "/srv/tv", "YJ_TV_LANG": "zh_CN", "YJ_TV_CODECS": "hvc1"},
    )
    assert settings.server == "https://a.example"
    assert settings.data == Path("/srv/tv")
    assert settings.language is Language.EN
    assert settings.window == (1280, 720)
    assert settings.mirror_port == 8099
    assert settings.codecs == {"avc1", "hvc1"}
    assert settings.simple


def test_without_anything_it_is_a_full_screen_in_chinese() -> None:
    settings = read_settings([], {})
    assert (settings.window, settings.language, settings.mirror_port) == (None, Language.ZH, None)
    assert settings.codecs == {"avc1"}


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(SettingsInvalid) as invalid:
        read_settings(
            ["--server", "ftp://x", "--windowed", "big", "--mirror", "0", "--lang", "fr"], {"YJ_TV_CODECS": "mpeg2"}
        )
    assert len(str(invalid.value).splitlines()) == 5
