"""The doctor looks at the installation: settings, keys, certificates, tables, programs, the broker, backups."""

import hashlib
import re
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from contentserver.adapters.broker import Broker
from contentserver.adapters.key_files import KeyUnusable, read_secret
from contentserver.audit import AuditEntry
from contentserver.boxes import Box
from contentserver.deploy import authority
from contentserver.kernel import clock, pulse
from contentserver.kernel.db import Database
from contentserver.kernel.errors import BrokerUnavailable
from contentserver.operation import moving, store
from contentserver.operation.asking import Asking
from contentserver.operation.findings import Finding, good, look, wrong
from contentserver.operation.places import key_files
from contentserver.operation.restoring import UNFINISHED
from contentserver.operation.schema import head, revision_of

LIMITS = {"max_queued_messages": 100_000, "max_inflight_messages": 1000, "max_packet_size": 4_194_304}
"""What the broker's configuration has at least: `deploy/mosquitto.conf.in`. 0 is no limit."""
QUIET = timedelta(minutes=3)
BACKUP_LOOK, BACKUP_WRONG = timedelta(hours=26), timedelta(days=7)
DAYS_LOOK, DAYS_WRONG = 30, 7


def settings(asking: Asking) -> Iterator[Finding]:
    """What is set as nobody should have it in operation."""
    found = asking.settings
    if found.development:
        yield look(
            "settings.development",
            _("Televisions are told to connect without TLS."),
            _("Take YUANJIAO_DEVELOPMENT away; nobody who listens to the line may read along."),
        )
    if found.second_factor == "off":
        yield look(
            "settings.second_factor",
            _("Nobody is asked for a second factor."),
            _("Set YUANJIAO_SECOND_FACTOR=county."),
        )
    if not found.public_url.startswith("https://"):
        yield look(
            "settings.public_url",
            _("Browsers are sent to %(address)s, without TLS.", address=found.public_url),
            _("Set YUANJIAO_PUBLIC_URL to the address that begins with https."),
        )
    yield good("settings", _("The settings can be read."))


def keys(asking: Asking) -> Iterator[Finding]:
    """Whether the keys are there, and their owner's alone."""
    found = asking.settings
    required = {found.signing_key_file, found.journal_key_file, found.authority_file.with_suffix(".key")}
    faults = []
    for file in sorted({*key_files(found), *required}):
        try:
            read_secret(file)
        except KeyUnusable as error:
            faults.append(error)
    for fault in faults:
        yield wrong(
            "keys",
            _("A key cannot be used: %(fault)s", fault=str(fault)),
            _("Do what it says; keys that are lost come from the newest backup."),
        )
    if not faults:
        yield good("keys", _("All keys are there, and only their owner reads them."))


def certificates(asking: Asking) -> Iterator[Finding]:
    """The certificate in its file, and the one that web server and broker show."""
    found, now = asking.settings, clock.now()
    standing = authority.look_at(found.certificate_file)
    if standing is None:
        yield wrong(
            "certificate.missing",
            _("There is no certificate that can be read: %(file)s.", file=str(found.certificate_file)),
            _("admin certificates --hosts with all names and addresses of this server."),
        )
        return
    left = (standing.until - now).days
    said = _("The certificate serves for another %(days)s days.", days=str(left))
    renew = _("admin renew-certificates, then reload nginx and Mosquitto; better by a timer, see docs/operation.md.")
    if standing.until <= now:
        said = _("The certificate has ended: no television and no browser connects any more.")
        yield wrong("certificate.ended", said, renew)
    elif left < DAYS_WRONG:
        yield wrong("certificate.ends", said, renew)
    elif left < DAYS_LOOK:
        yield look("certificate.ends", said, renew)
    else:
        yield good("certificate", said)
    if not authority.signed_by(found.certificate_file, found.authority_file):
        yield wrong(
            "certificate.chain",
            _("The certificate is not of the authority that televisions trust."),
            _("admin certificates --hosts …, which makes it anew."),
        )
    own = authority.look_at(found.authority_file)
    if own is not None and own.until - now < timedelta(days=365):
        yield look(
            "authority.ends",
            _("The authority itself ends on %(day)s.", day=f"{own.until:%Y-%m-%d}"),
            _("Let every television in anew by a new authority before that day."),
        )
    yield from _hosts(asking, standing)
    yield from _shown(asking, standing)


def _hosts(asking: Asking, standing: authority.Standing) -> Iterator[Finding]:
    needed = {urlsplit(asking.settings.public_url).hostname or "", asking.settings.box_broker_host}
    for host in sorted(needed - set(standing.hosts) - {""}):
        yield wrong(
            "certificate.host",
            _("The certificate does not name %(host)s, under which this server is reached.", host=host),
            _("admin certificates --hosts %(hosts)s", hosts=",".join([*standing.hosts, host])),
        )


def _shown(asking: Asking, standing: authority.Standing) -> Iterator[Finding]:
    """What really is shown: after a renewal programs go on with the old one until they are told."""
    public = urlsplit(asking.settings.public_url)
    places = {"mosquitto": (asking.settings.box_broker_host, asking.settings.box_broker_port)}
    if public.scheme == "https":
        places["nginx"] = (public.hostname or "", public.port or 443)
    for program, place in places.items():
        try:
            shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(place, timeout=3))
        except (OSError, ValueError):
            continue  # that nobody answers was said already
        if hashlib.sha256(shown).digest() != standing.fingerprint:
            yield wrong(
                "certificate.shown",
                _("%(program)s still shows another certificate.", program=program),
                _("Reload it: kill -HUP, or systemctl reload."),
            )


def database(asking: Asking) -> Iterator[Finding]:
    """Whether it answers, has the tables of this program, and the same time."""
    found = Database(asking.settings.database_url)
    try:
        yield from _tables(found)
        yield from _times(found)
    except DBAPIError as error:
        yield wrong(
            "database",
            _("The database does not answer: %(fault)s", fault=str(error.orig)[:200]),
            _("Start it, or put YUANJIAO_DATABASE_URL right."),
        )
    finally:
        found.engine.dispose()
    if (asking.settings.data_dir / UNFINISHED).exists():
        yield wrong(
            "restore.unfinished",
            _("A restore was broken off."),
            _("Empty the data folder, the keys and the database, and restore again."),
        )


def _tables(found: Database) -> Iterator[Finding]:
    revision = revision_of(found.engine)
    with found.engine.connect() as connection:
        if moving.unfinished(connection):
            yield wrong(
                "database.unfinished",
                _("A move into this database was broken off."),
                _("Repeat it: admin to-postgresql with --empty-target."),
            )
    if revision == head():
        yield good("database.revision", _("The database answers; its tables are of this release (%(at)s).", at=head()))
    else:
        yield wrong(
            "database.revision",
            _("The tables are of revision %(at)s, this program wants %(head)s.", at=revision or "—", head=head()),
            _("Stop the programs, make a backup, run admin init, start them."),
        )


def _times(found: Database) -> Iterator[Finding]:
    now = clock.now()
    if found.engine.dialect.name == "postgresql":
        with found.engine.connect() as connection:
            other = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        apart = abs((other - now).total_seconds())
        if apart > 5:
            yield wrong(
                "clock.database",
                _("The database's clock differs by %(seconds)s s.", seconds=f"{apart:.0f}"),
                _("Let both machines keep their clocks by the same time server."),
            )
    with found.reader() as session:
        last = session.scalar(select(func.max(AuditEntry.at)))
    if last is not None and last > now + timedelta(minutes=1):
        yield wrong(
            "clock.audit",
            _("The clock is behind: the audit trail has entries of %(time)s.", time=f"{last:%Y-%m-%d %H:%M} UTC"),
            _("Set the clock before anything is published: timedatectl set-ntp true."),
        )


def programs(asking: Asking) -> Iterator[Finding]:
    """Whether worker and link turn."""
    beats = pulse.last_beats(asking.settings.data_dir)
    for name, command in ((pulse.WORKER, "worker"), (pulse.LINK, "ingest")):
        ago = time.time() - beats[name] if name in beats else None
        if ago is not None and ago < QUIET.total_seconds():
            yield good(f"program.{name}", _("%(program)s is at work.", program=command))
        elif ago is None:
            yield wrong(
                f"program.{name}",
                _("%(program)s has never given a sign of life here.", program=command),
                _("Start it: python -m contentserver %(program)s", program=command),
            )
        else:
            yield wrong(
                f"program.{name}",
                _("%(program)s gave its last sign of life %(minutes)s minutes ago.", program=command,
                  minutes=f"{ago / 60:.0f}"),
                _("Look into its log; start it: python -m contentserver %(program)s", program=command),
            )  # fmt: skip


def broker(asking: Asking) -> Iterator[Finding]:
    """Its limits, as they are written down, and its accounts, as it says itself."""
    if asking.broker is None:
        yield look(
            "broker.limits",
            _("The broker's limits were not looked at."),
            _("Name its folder: --broker FOLDER, as given to admin write-config."),
        )
    else:
        yield from _limits(asking.broker / "mosquitto.conf")
    found = asking.settings
    connection = Broker(
        found.broker_host,
        found.broker_port,
        found.broker_username,
        found.broker_password,
        client_id="contentserver-doctor",
        lasting=False,
    )
    connection.start((), lambda _topic, _payload: None, lambda: None)
    try:
        if not connection.connected.wait(5):
            raise BrokerUnavailable
        accounts = connection.account_names()
    except BrokerUnavailable:
        yield wrong(
            "broker.away",
            _("The broker does not let the server in."),
            _("Start it; if it refuses, the password is another: move its dynamic-security.json away, write-config."),
        )
        return
    finally:
        connection.stop()
    store_ = Database(found.database_url)
    with store_.reader() as session:
        boxes = session.scalar(select(func.count()).select_from(Box).where(Box.revoked_at.is_(None))) or 0
    store_.engine.dispose()
    said = _("The broker has %(accounts)s accounts for %(boxes)s televisions.", accounts=str(len(accounts) - 1),
             boxes=str(boxes))  # fmt: skip
    if len(accounts) - 1 < boxes:
        yield look("broker.accounts", said, _("Start ingest: it makes those that are missing within seconds."))
    else:
        yield good("broker.accounts", said)


def _limits(file: Path) -> Iterator[Finding]:
    try:
        lines = dict(re.findall(r"^(\w+)\s+(\S+)", file.read_text(), re.MULTILINE))
    except OSError:
        yield wrong("broker.limits", _("%(file)s cannot be read.", file=str(file)), _("admin write-config makes it."))
        return
    low = [f"{name} {lines.get(name, '—')}" for name, least in LIMITS.items() if not _enough(lines.get(name), least)]
    if lines.get("persistence") != "true":
        low.append(f"persistence {lines.get('persistence', '—')}")
    if low:
        yield wrong(
            "broker.limits",
            _("The broker's limits lose messages: %(limits)s.", limits=", ".join(low)),
            _("admin write-config writes what is needed; then restart Mosquitto."),
        )
    else:
        yield good("broker.limits", _("The broker's limits are as they should be, and it keeps its state."))


def _enough(value: str | None, least: int) -> bool:
    return value is not None and value.isdigit() and (int(value) == 0 or int(value) >= least)


def backups(asking: Asking) -> Iterator[Finding]:
    """How old the newest whole one is."""
    if asking.backups is None:
        yield look(
            "backup",
            _("It was not looked at how old the newest backup is."),
            _("Name the folder: --backups FOLDER"),
        )
        return
    whole = store.generations(asking.backups) if asking.backups.is_dir() else []
    advice = _("Let a timer make one every night, see docs/operation.md. Now: admin backup.")
    if not whole:
        yield wrong("backup", _("There is no whole backup in %(folder)s.", folder=str(asking.backups)), advice)
        return
    made = store.manifest_of(whole[-1])
    age = datetime.now(UTC) - made.made_at
    said = _("The newest backup is %(hours)s hours old.", hours=f"{age / timedelta(hours=1):.0f}")
    if age > BACKUP_WRONG:
        yield wrong("backup", said, advice)
    elif age > BACKUP_LOOK:
        yield look("backup", said, advice)
    else:
        yield good("backup", said)
    if made.sealed is None:
        yield look(
            "backup.keys",
            _("The newest backup has no keys and no settings."),
            _("Keep them elsewhere, or give --passphrase-file: without them no television can be served again."),
        )
