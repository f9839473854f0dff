"""`contentserver admin certificates` and `write-config`: what web server and broker stand on; see `deploy`."""

import argparse
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from contentserver import deploy
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.kernel.errors import Rejected
from contentserver.settings import Settings

STATIC = Path(__file__).parent / "frontend" / "dist"


def add_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    certificates = commands.add_parser("certificates", help="the certificate of web server and broker, made or renewed")
    certificates.add_argument(
        "--hosts", required=True, help="names and addresses, with commas: county.example,192.0.2.7"
    )
    config = commands.add_parser("write-config", help="write Mosquitto's and nginx's configuration")
    config.add_argument("folder", type=Path)
    config.add_argument("--https", default="0.0.0.0:8443", help="where nginx answers (default: %(default)s)")
    config.add_argument("--http", default="0.0.0.0:8080", help="where it sends on to there (default: %(default)s)")
    config.add_argument("--app", default="127.0.0.1:8000", help="where gunicorn listens (default: %(default)s)")
    config.add_argument("--mqtts", default="0.0.0.0:8883", help="where the broker hears boxes (default: %(default)s)")
    config.add_argument("--mqtt", default="127.0.0.1:1883", help="where it hears the server (default: %(default)s)")
    config.add_argument(
        "--development", action="store_true", help="pages, and boxes where --mqtt says so, also without TLS"
    )


def certificates(settings: Settings, given: argparse.Namespace) -> str:
    """Make or renew the certificate; gives what was done in words."""
    hosts = tuple(filter(None, (host.strip() for host in given.hosts.split(","))))
    try:
        issued = authority.issue(settings.authority_file, settings.certificate_file, hosts, clock.now())
    except authority.HostInvalid as error:
        raise Rejected("host_invalid", f"Neither a name nor an address: {error}") from error
    until = f"{issued.until:%Y-%m-%d}"
    if issued.outcome is authority.Outcome.KEPT:
        return f"{issued.file} serves until {until}; nothing was changed."
    why = _WHY[issued.outcome]
    return f"{issued.file} was made ({why}) and serves until {until}. Reload nginx and Mosquitto: kill -HUP."


_WHY = {
    authority.Outcome.FIRST: "there was none",
    authority.Outcome.OLD: "the old one ends soon",
    authority.Outcome.OTHER_HOSTS: "the old one was for other hosts",
    authority.Outcome.OTHER_AUTHORITY: "the old one was not this authority's",
}


def write_config(settings: Settings, given: argparse.Namespace) -> str:
    """Write both configurations; gives what was written, and how to start by it."""
    mqtts, mqtt = _listener(given.mqtts, 8883), _listener(given.mqtt, 1883)
    https, http = _listener(given.https, 8443), _listener(given.http, 8080)
    if not given.development and not _is_loopback(mqtt.host):
        raise Rejected(
            "mqtt_plain", f"{mqtt} without TLS could be listened to. Give --mqtt an address of this machine."
        )
    if not settings.certificate_file.exists():
        raise Rejected("certificate_missing", "There is no certificate yet: admin certificates --hosts …")
    folder = given.folder.resolve()
    broker = deploy.write_broker(
        folder / "broker",
        plain=mqtt,
        secure=mqtts,
        certificate=settings.certificate_file.resolve(),
        username=settings.broker_username,
        password=settings.broker_password,
    )
    web = deploy.write_web(
        folder / "web",
        secure=https,
        plain=http,
        certificate=settings.certificate_file.resolve(),
        app_address=given.app,
        packages=settings.packages_dir.resolve(),
        static=STATIC,
        development=given.development,
    )
    return f"{broker}\n{web}"


def _listener(text: str, port: int) -> deploy.Listener:
    try:
        parts = urlsplit(f"//{text}")
        return deploy.Listener(parts.hostname or "127.0.0.1", parts.port or port)
    except ValueError as error:
        raise Rejected("address_invalid", f"{text}: address and port, such as 0.0.0.0:8443") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
