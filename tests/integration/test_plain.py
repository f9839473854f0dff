"""Without TLS nobody is answered outside development: neither by nginx nor by the broker, with the shipped settings."""

import argparse
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from contentserver import admin, deploy
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.settings import Settings
from tests.demo.stack import free_port, listens, wait_until
from tests.integration.conftest import RunningBroker
from tvclient.adapters.trust import trusting
from tvclient.settings import SettingsInvalid, read_settings


def _certificate(folder: Path) -> Path:
    authority.make_authority(folder / "authority.pem", clock.now())
    return authority.issue(folder / "authority.pem", folder / "server.pem", ("127.0.0.1",), clock.now()).file


@contextmanager
def _nginx(folder: Path) -> Iterator[tuple[int, int]]:
    """nginx as write-config makes it, before nobody; gives its ports with TLS and without."""
    secure, plain = free_port(), free_port()
    packages = folder / "packages"
    packages.mkdir(parents=True)
    config = deploy.write_web(
        folder / "web",
        secure=deploy.Listener("127.0.0.1", secure),
        plain=deploy.Listener("127.0.0.1", plain),
        certificate=_certificate(folder),
        app_address=f"127.0.0.1:{free_port()}",
        packages=packages,
        static=packages,
    )
    process = subprocess.Popen(["nginx", "-p", str(config.parent), "-c", str(config), "-e", "stderr"])
    try:
        wait_until(lambda: listens(secure) and listens(plain), "nginx", 240)
        yield secure, plain
    finally:
        process.terminate()
        process.wait(10)


def test_whoever_asks_without_tls_is_sent_on_and_told_nothing(tmp_path: Path) -> None:
    with _nginx(tmp_path) as (secure, plain):
        for path in ("/", "/api/v1/time", "/api/v1/box/desired", "/api/v1/authority", "/media/x/y", "/static/main.js"):
            answer = httpx.get(f"http://127.0.0.1:{plain}{path}", headers={"Authorization": "Bearer secret"})
            assert answer.status_code == 301, path
            assert answer.headers["Location"] == f"https://127.0.0.1:{secure}{path}"
        with httpx.Client(verify=trusting((tmp_path / "authority.pem").read_text())) as client:
            assert client.get(f"https://127.0.0.1:{secure}/api/v1/time").status_code == 502  # nobody is behind it here


def test_the_broker_answers_nobody_without_tls_where_boxes_come_in(broker: RunningBroker) -> None:
    said: list[object] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="box-1", protocol=mqtt.MQTTv5)
    client.on_connect = lambda _c, _d, _f, reason, _p: said.append(reason)
    client.connect("127.0.0.1", broker.secure_port)
    while client.loop(0.2) == mqtt.MQTT_ERR_SUCCESS:
        pass
    assert said == []


@pytest.mark.parametrize("address", ["0.0.0.0:1883", "192.0.2.7:1883", "county.example:1883"])
def test_no_configuration_lets_the_broker_listen_without_tls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    key = tmp_path / "key.jwk"
    settings = Settings(
        secret_key="s" * 40,
        database_url=f"sqlite:///{tmp_path}/server.db",
        data_dir=tmp_path / "data",
        broker_password="b" * 20,
        signing_key_file=key,
    )
    _certificate(tmp_path)
    parser = argparse.ArgumentParser()
    admin.add_arguments(parser)
    assert admin.run(settings, parser.parse_args(["write-config", str(tmp_path / "config"), "--mqtt", address])) == 1
    assert "without TLS" in capsys.readouterr().err
    assert not (tmp_path / "config").exists()
    assert admin.run(settings, parser.parse_args(["write-config", str(tmp_path / "config")])) == 0
    listeners = [
        line
        for line in (tmp_path / "config" / "broker" / "mosquitto.conf").read_text().splitlines()
        if line.startswith("listener")
    ]
    assert listeners == ["listener 1883 127.0.0.1", "listener 8883 0.0.0.0"]


def test_a_television_refuses_a_server_without_tls() -> None:
    with pytest.raises(SettingsInvalid, match="without TLS"):
        read_settings(["--server", "http://county.example"], {})
