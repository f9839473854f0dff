"""`contentserver admin certificates` and `write-config`: what web server and broker stand on; see `deploy`."""

import argparse
import hashlib
import hmac
import shlex
import shutil
import subprocess
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from contentserver import deploy
from contentserver.adapters.broker import Broker
from contentserver.adapters.object_store import S3Store
from contentserver.adapters.package_store import RELEASES
from contentserver.app import package_store
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.kernel.errors import BrokerUnavailable, Conflict, Rejected
from contentserver.settings import Settings

STATIC = Path(__file__).parent / "frontend" / "dist"


def add_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    certificates = commands.add_parser("certificates", help="the certificate of web server and broker, made or renewed")
    certificates.add_argument(
        "--hosts", required=True, help="names and addresses, with commas: county.example,192.0.2.7"
    )
    renewing = commands.add_parser("renew-certificates", help="for a timer: renew the certificate before it ends")
    renewing.add_argument("--days", type=int, default=30, help="where fewer are left (default: %(default)s)")
    renewing.add_argument(
        "--reload", metavar="COMMAND", default="", help="run where it was renewed, such as: systemctl reload nginx"
    )
    config = commands.add_parser(
        "write-config", help="write the configuration of broker, nginx, systemd and Prometheus"
    )
    config.add_argument("folder", type=Path)
    config.add_argument("--https", default="0.0.0.0:8443", help="where nginx answers (default: %(default)s)")
    config.add_argument("--http", default="0.0.0.0:8080", help="where it sends on to there (default: %(default)s)")
    config.add_argument("--app", default="127.0.0.1:8000", help="gunicorn, with commas (default: %(default)s)")
    config.add_argument(
        "--piece-cache", default="20g", help="how much nginx keeps of packages in an S3 store (default: %(default)s)"
    )
    config.add_argument("--mqtts", default="0.0.0.0:8883", help="where the broker hears boxes (default: %(default)s)")
    config.add_argument("--mqtt", default="127.0.0.1:1883", help="where it hears the server (default: %(default)s)")
    config.add_argument(
        "--environment", type=Path, default=Path("/etc/yuanjiao/server.env"), help="the settings (default: %(default)s)"
    )
    config.add_argument(
        "--backups", type=Path, default=Path("/var/backups/yuanjiao"), help="for every night (default: %(default)s)"
    )
    config.add_argument(
        "--development", action="store_true", help="pages, and boxes where --mqtt says so, also without TLS"
    )
    commands.add_parser("put-packages", help="packages of the data folder go into the S3 store of the settings")
    county = commands.add_parser("write-county-broker", help="a broker for a county's boxes, bridged to this server's")
    county.add_argument("folder", type=Path, help="where it lies on the county's machine too")
    county.add_argument("--name", required=True, help="of the bridge, one for each county: pingluo")
    county.add_argument("--hosts", required=True, help="of the county's machine, with commas")
    county.add_argument("--to", required=True, help="this server's broker, as the county reaches it: city.example:8883")
    county.add_argument("--mqtts", default="0.0.0.0:8883", help="where it hears boxes (default: %(default)s)")
    county.add_argument("--mqtt", default="127.0.0.1:1883", help="where it hears without TLS (default: %(default)s)")
    county.add_argument("--plain", action="store_true", help="the bridge goes without TLS: on a line of one's own")


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


def renew_certificates(settings: Settings, given: argparse.Namespace) -> str:
    """Renew the certificate, for the hosts that it has, where few days are left; gives what was done in words."""
    now = clock.now()
    if not settings.certificate_file.exists():
        raise Rejected("certificate_missing", "There is no certificate yet: admin certificates --hosts …")
    found = authority.look_at(settings.certificate_file)
    if found is None:
        raise Rejected("certificate_unreadable", "The certificate cannot be read: admin certificates --hosts …")
    if found.until - now > timedelta(days=given.days):
        return f"{settings.certificate_file} serves until {found.until:%Y-%m-%d}; nothing was changed."
    issued = authority.issue(settings.authority_file, settings.certificate_file, found.hosts, now, renew=True)
    said = f"{issued.file} was renewed for {', '.join(found.hosts)} and serves until {issued.until:%Y-%m-%d}."
    if not given.reload:
        return f"{said} Reload nginx and Mosquitto: kill -HUP."
    done = subprocess.run(shlex.split(given.reload), check=False, capture_output=True, text=True)
    if done.returncode:
        raise Conflict("reload_failed", f"{said} But “{given.reload}” failed: {done.stderr.strip()[-300:]}")
    return f"{said} Reloaded."


_WHY = {
    authority.Outcome.FIRST: "there was none",
    authority.Outcome.OLD: "the old one ends soon",
    authority.Outcome.OTHER_HOSTS: "the old one was for other hosts",
    authority.Outcome.OTHER_AUTHORITY: "the old one was not this authority's",
}


def write_config(settings: Settings, given: argparse.Namespace) -> str:
    """Write the configurations; gives what was written, and how to start by it."""
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
        store=store.front(given.piece_cache) if isinstance(store := package_store(settings), S3Store) else None,
    )
    monitoring = deploy.write_monitoring(folder / "monitoring", app_address=given.app)
    units = deploy.write_units(
        folder,
        environment=given.environment,
        backups=given.backups,
        root=STATIC.parents[2],
        writable=_written_to(settings),
    )
    return "\n".join(str(one) for one in (broker, web, monitoring, *units))


def put_packages(settings: Settings, _given: argparse.Namespace) -> str:
    """Put what lies in the folder into the S3 store; what is there stays, and the folder is left as it was."""
    store = package_store(settings)
    if not isinstance(store, S3Store):
        raise Rejected("no_store", "YUANJIAO_PACKAGES_URL names no store: s3+https://KEY:SECRET@host/bucket")
    try:
        names = sorted(one.name for one in settings.packages_dir.glob("sha256-*"))
        for name in names:
            store.keep(name)
        releases = sorted((settings.packages_dir / RELEASES).glob("*.zip"))
        for file in releases:
            store.keep_release(file.stem, file.read_bytes())
    except OSError as error:
        raise Conflict("store_away", f"Not everything was put; begin again when this is mended: {error}") from error
    return f"{len(names)} packages and {len(releases)} releases are in the store; the folder may go when all goes well."


def write_county_broker(settings: Settings, given: argparse.Namespace) -> str:
    """Write a county's broker, and make the account of its bridge at this server's, which must be running."""
    to = urlsplit(f"//{given.to}")
    password = hmac.new(settings.secret_key.encode(), f"bridge:{given.name}".encode(), hashlib.sha256).hexdigest()
    _make_bridge_account(settings, f"bridge-{given.name}", password)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    hosts = tuple(filter(None, (host.strip() for host in given.hosts.split(","))))
    issued = authority.issue(settings.authority_file, folder / "server.pem", hosts, clock.now())
    shutil.copyfile(settings.authority_file, folder / "authority.pem")
    config = deploy.write_broker(
        folder,
        plain=_listener(given.mqtt, 1883),
        secure=_listener(given.mqtts, 8883),
        certificate=issued.file,
        username=settings.broker_username,
        password=settings.broker_password,
        bridge=deploy.Bridge(
            name=f"bridge-{given.name}",
            password=password,
            to=deploy.Listener(to.hostname or "", to.port or (1883 if given.plain else 8883)),
            authority=None if given.plain else folder / "authority.pem",
        ),
    )
    return (
        f"{config}\nBring the folder to the county's machine, start mosquitto -c {config}, and let this server's link "
        "reach it: YUANJIAO_BOX_BROKERS."
    )


def _make_bridge_account(settings: Settings, name: str, password: str) -> None:
    host, port, user = settings.broker_host, settings.broker_port, settings.broker_username
    broker = Broker(host, port, user, settings.broker_password, f"admin-{name}", lasting=False)
    broker.start((), lambda _topic, _payload: None, lambda: None)
    try:
        if not broker.connected.wait(10):
            raise Conflict("broker_away", "This server's own broker does not answer; start it first.")
        broker.keep_bridge(name, password, deploy.UP, deploy.DOWN)
    except BrokerUnavailable as error:
        raise Conflict("broker_away", f"This server's own broker refused: {error}") from error
    finally:
        broker.stop()


def _written_to(settings: Settings) -> list[Path]:
    """The folders that the programs write to, without those inside another one."""
    folders = {settings.data_dir.resolve(), settings.keys_dir.resolve()}
    database = make_url(settings.database_url)
    if database.get_backend_name() == "sqlite" and database.database:
        folders.add(Path(database.database).resolve().parent)
    if settings.watch_dir:
        folders.add(Path(settings.watch_dir).resolve())
    return sorted(one for one in folders if not any(other in one.parents for other in folders))


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
