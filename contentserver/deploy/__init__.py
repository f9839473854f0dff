"""Configuration of the broker and the web server in front, written from templates beside this file.

The same files serve the demo, the tests and a county's server; only addresses and folders differ.
"""

import base64
import getpass
import grp
import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).parent
_BOX = "yj/v1/boxes/+"
UP = tuple(f"{_BOX}/{word}" for word in ("reported", "online", "proofs", "events", "replies", "clock"))
DOWN = ("yj/v1/layers/#", "yj/v1/alerts/#", *(f"{_BOX}/{word}" for word in ("desired", "acks", "commands", "time")))
"""What crosses a bridge between brokers, and which way (`schedules/wire/topics.py`)."""
TIMES = frozenset({f"{_BOX}/clock", f"{_BOX}/time"})
"""What goes at QoS 0: a question for the time that waits is worth nothing."""
QUEUE, BRIDGED_QUEUE = 100_000, 2_000_000
"""Messages that a broker keeps for a client that is away; for a bridge, those of all its boxes."""
ITERATIONS = 100_000
SEEDED_ITERATIONS = 101
"""As Mosquitto has it: a box's password is 256 random bits, which no guessing finds."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where a program listens: an address of this machine, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Bridge:
    """A broker's way to the one above it, at which the server itself is.

    Attributes:
        name: of its account there.
        authority: PEM of who signed the certificate above; None without TLS.
    """

    name: str
    password: str
    to: Listener
    authority: Path | None = None


@dataclass(frozen=True, slots=True)
class StoreFront:
    """Where nginx fetches packages that lie in an S3 store.

    Attributes:
        secure: by TLS.
        host: the store's address, with its port where it has one.
        path: below which packages lie there, without a slash at its end.
        cache: how much of it nginx keeps, in nginx' words: `20g`.
    """

    secure: bool
    host: str
    path: str
    cache: str = "20g"


def write_broker(
    folder: Path,
    *,
    plain: Listener,
    username: str,
    password: str,
    secure: Listener | None = None,
    certificate: Path | None = None,
    bridge: Bridge | None = None,
) -> Path:
    """Write Mosquitto's configuration, and its first account if it knows none.

    Args:
        plain: without TLS: for the server itself, on the loopback address.
        secure: with TLS, for boxes, by `certificate` (key and certificate in one PEM file).
        bridge: to the broker above, where the server is at that one.

    Returns:
        The configuration's path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    accounts = folder / "dynamic-security.json"
    if not accounts.exists():
        descriptor = os.open(accounts, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(_first_accounts(username, password), file)
    values = {
        "user": getpass.getuser(),
        "plain_host": plain.host,
        "plain_port": str(plain.port),
        "secure_listener": _secure_listener(secure, certificate) if secure and certificate else "",
        "broker_dir": str(folder),
        "dynsec_plugin": str(_plugin()),
        "queued": str(BRIDGED_QUEUE if bridge else QUEUE),
        "bridge": _bridge(bridge) if bridge else "",
    }
    (folder / "mosquitto.conf").touch(0o600)
    return _write(folder / "mosquitto.conf", "mosquitto.conf.in", values)


def _bridge(bridge: Bridge) -> str:
    tls = f"bridge_cafile {bridge.authority}\nbridge_tls_version tlsv1.2\n" if bridge.authority else ""
    values = {
        "name": bridge.name,
        "password": bridge.password,
        "address": f"{bridge.to.host}:{bridge.to.port}",
        "tls": tls,
        "up": "\n".join(f"topic {topic} out {1 - (topic in TIMES)}" for topic in UP),
        "down": "\n".join(f"topic {topic} in {1 - (topic in TIMES)}" for topic in DOWN),
    }
    return Template((TEMPLATES / "mosquitto-bridge.conf.in").read_text()).substitute(values)


def seed_accounts(folder: Path, accounts: Iterable[tuple[str, str, Sequence[str], Sequence[str]]]) -> None:
    """Put boxes' accounts (name, password, topics to write, topics to read) into the file of a broker that is stopped.

    For thousands at once: a running broker writes its whole file after every single account.
    """
    file = folder / "dynamic-security.json"
    known = json.loads(file.read_text())
    for username, password, publish, read in accounts:
        salt = secrets.token_bytes(12)
        digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, SEEDED_ITERATIONS, 64)
        acls = [("publishClientSend", topic) for topic in publish]
        acls += [(kind, topic) for kind in ("subscribeLiteral", "publishClientReceive") for topic in read]
        known["roles"].append(
            {
                "rolename": username,
                "acls": [{"acltype": kind, "topic": topic, "priority": 0, "allow": True} for kind, topic in acls],
            }
        )
        known["clients"].append(
            {
                "username": username,
                "clientid": username,
                "roles": [{"rolename": username}],
                "password": base64.b64encode(digest).decode(),
                "salt": base64.b64encode(salt).decode(),
                "iterations": SEEDED_ITERATIONS,
            }
        )
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(known))
    shutil.copymode(file, draft)
    draft.replace(file)


def write_web(
    folder: Path,
    *,
    secure: Listener,
    plain: Listener,
    certificate: Path,
    app_address: str,
    packages: Path,
    static: Path,
    development: bool = False,
    store: StoreFront | None = None,
) -> Path:
    """Write nginx's configuration.

    Args:
        app_address: where the web processes listen, with commas.
        store: where packages lie, if not in `packages`.
        secure: where pages and boxes are answered, by `certificate` (key and certificate in one PEM file).
        plain: where a browser is sent on to `secure`; with `development` it is answered there too.

    Returns:
        The configuration's path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "user": f"{getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}",
        "secure": str(secure),
        "secure_port": str(secure.port),
        "plain": str(plain),
        "certificate": str(certificate),
        "app_servers": _servers(app_address),
        "nginx_dir": str(folder),
        "packages_dir": str(packages),
        "static_dir": str(static),
        "object_store": "",
    }
    if store is None:
        _write(folder / "packages.conf", "nginx-folder.conf.in", values)
    else:
        values |= _fetching(folder, store)
        _write(folder / "packages.conf", "nginx-object-store.conf.in", values)
        _write(folder / "piece.conf", "nginx-piece.conf.in", values)
    values["plain_answer"] = Template(_ANSWER_PLAIN if development else _SEND_ON).substitute(values)
    _write(folder / "content.conf", "nginx-content.conf.in", values)
    return _write(folder / "nginx.conf", "nginx.conf.in", values)


def write_units(folder: Path, *, environment: Path, backups: Path, root: Path, writable: Sequence[Path]) -> list[Path]:
    """Write systemd's units for the server's programs, in `systemd` of the folder that has the other configuration.

    Args:
        environment: the file with the settings.
        backups: where the nightly backup goes.
        root: the program's own folder.
        writable: what the programs write to; all else is read-only to them.

    Returns:
        The units, in order of their names.
    """
    target = folder / "systemd"
    target.mkdir(parents=True, exist_ok=True)
    values = {
        "user": getpass.getuser(),
        "group": grp.getgrgid(os.getgid()).gr_name,
        "python": sys.executable,
        "root": str(root),
        "environment": str(environment),
        "backups": str(backups),
        "folder": str(folder),
        "writable": " ".join(str(one) for one in (*writable, folder)),
    }
    found = sorted((TEMPLATES / "units").glob("*.in"))
    return [_write(target / file.stem, f"units/{file.name}", values) for file in found]


def write_monitoring(folder: Path, *, app_address: str) -> Path:
    """Write Prometheus' configuration and alerts, and Grafana's dashboard.

    Returns:
        Prometheus' configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("alerts.yml", "grafana.json"):
        shutil.copyfile(TEMPLATES / "monitoring" / name, folder / name)
    values = {"folder": str(folder), "app_address": '", "'.join(filter(None, app_address.split(",")))}
    return _write(folder / "prometheus.yml", "monitoring/prometheus.yml.in", values)


def _servers(addresses: str) -> str:
    """The web processes as nginx names them: one that does not answer is left alone for some seconds.

    Not after a single fault: one reset at each of two, in the same second, and nobody would be asked at all.
    """
    found = [one.strip() for one in addresses.split(",") if one.strip()]
    return " ".join(f"server {one} max_fails=8 fail_timeout=3s;" for one in found)


def _fetching(folder: Path, store: StoreFront) -> dict[str, str]:
    """What nginx' configuration says of an S3 store."""
    port = "" if ":" in store.host else f":{443 if store.secure else 80}"
    room = f"keys_zone=pieces:32m max_size={store.cache} inactive=30d use_temp_path=off"
    return {
        "store_scheme": "https" if store.secure else "http",
        "store_host": store.host,
        "store_name": store.host.partition(":")[0],
        "store_path": store.path,
        "cache_size": store.cache,
        "object_store": f"    proxy_cache_path {folder}/pieces levels=1:2 {room};\n"
        f"    upstream packagestore {{ server {store.host}{port}; keepalive 16; }}",
    }


_ANSWER_PLAIN = "include $nginx_dir/content.conf;  # development: pages without TLS too"
_SEND_ON = "return 301 https://$$host:$secure_port$$request_uri;"


def _secure_listener(at: Listener, certificate: Path) -> str:
    return (
        f"listener {at.port} {at.host}\ncertfile {certificate}\nkeyfile {certificate}\n"
        "tls_version tlsv1.2\nciphers ECDHE+AESGCM:ECDHE+CHACHA20\n"
    )


def _plugin() -> Path:
    found = sorted(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))
    if not found:
        raise FileNotFoundError("mosquitto_dynamic_security.so: install the package mosquitto")
    return found[0]


def _write(target: Path, template: str, values: Mapping[str, str]) -> Path:
    target.write_text(Template((TEMPLATES / template).read_text()).substitute(values))
    return target


def _first_accounts(username: str, password: str) -> dict[str, object]:
    """Mosquitto's dynamic-security file with the server's own account; nobody else may do anything."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, 64)
    everything = [
        {"acltype": kind, "topic": topic, "priority": 0, "allow": True}
        for kind in ("publishClientSend", "publishClientReceive", "subscribePattern", "unsubscribePattern")
        for topic in ("$CONTROL/dynamic-security/#", "yj/#")
    ]
    everything.append({**everything[0], "acltype": "subscribePattern", "topic": "$share/ingest/yj/#"})
    return {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": False,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [
            {
                "username": username,
                "textname": "content server",
                "roles": [{"rolename": "contentserver"}],
                "password": base64.b64encode(digest).decode(),
                "salt": base64.b64encode(salt).decode(),
                "iterations": ITERATIONS,
            }
        ],
        "roles": [{"rolename": "contentserver", "acls": everything}],
    }
