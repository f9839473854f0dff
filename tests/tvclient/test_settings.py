from datetime import UTC, datetime
from pathlib import Path

import pytest

from contentserver.deploy import authority
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


def test_a_server_without_tls_only_in_development() -> None:
    assert read_settings([], {}).server.startswith("https://")
    for arguments, environment in (
        (["--server", "http://county"], {}),
        ([], {"YJ_TV_SERVER": "http://county"}),
        ([], {"YJ_TV_SERVER": "http://county", "YJ_TV_DEVELOPMENT": "0"}),
    ):
        with pytest.raises(SettingsInvalid, match="without TLS"):
            read_settings(arguments, environment)
    assert read_settings(["--server", "http://county", "--development"], {}).server == "http://county"
    assert read_settings([], {"YJ_TV_SERVER": "http://county", "YJ_TV_DEVELOPMENT": "1"}).server == "http://county"


def test_an_authority_by_hand_is_read_or_refused(tmp_path: Path) -> None:
    authority.make_authority(tmp_path / "authority.pem", datetime.now(UTC))
    pem = (tmp_path / "authority.pem").read_text()
    assert read_settings(["--ca", str(tmp_path / "authority.pem")], {}).authority == pem
    assert read_settings([], {"YJ_TV_CA": str(tmp_path / "authority.pem")}).authority == pem
    (tmp_path / "nonsense.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for name in ("nonsense.pem", "absent.pem", "authority.key"):
        with pytest.raises(SettingsInvalid, match="--ca"):
            read_settings(["--ca", str(tmp_path / name)], {})


def test_a_recording_is_asked_for_by_name(tmp_path: Path) -> None:
    assert read_settings([], {}).record is None
    assert read_settings(["--record", str(tmp_path / "evening")], {}).record == tmp_path / "evening"
