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
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).parent
ITERATIONS = 100_000
SEEDED_ITERATIONS = 101
"""As Mosquitto has it: a box's password is 256 random bits, which no guessing finds."""


def write_broker(folder: Path, *, host: str, port: int, username: str, password: str) -> Path:
    """Write Mosquitto's configuration, and its first account if it knows none.

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
        "mqtt_host": host,
        "mqtt_port": str(port),
        "broker_dir": str(folder),
        "dynsec_plugin": str(_plugin()),
    }
    return _write(folder / "mosquitto.conf", "mosquitto.conf.in", values)


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


def write_web(folder: Path, *, host: str, port: int, app_address: str, packages: Path, static: Path) -> Path:
    """Write nginx's configuration.

    Returns:
        The configuration's path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "user": f"{getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}",
        "http_host": host,
        "http_port": str(port),
        "app_address": app_address,
        "nginx_dir": str(folder),
        "packages_dir": str(packages),
        "static_dir": str(static),
    }
    return _write(folder / "nginx.conf", "nginx.conf.in", values)


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
