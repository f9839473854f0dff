"""`contentserver admin …`: set up and look after the server. Each command says what it did, and can be repeated."""

import argparse
import csv
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import func, select

from contentserver import accounts, attendance, boxes, deploy, members, regions, stations
from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Refusal, Rejected
from contentserver.settings import Settings
from contentserver.stations import Station
from schedules.wire.signing import Signer, new_private_jwk

HERE = Path(__file__).parent
OWN_REGIONS = HERE / "regions" / "data" / "regions_6402.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(dest="task", required=True)
    commands.add_parser("init", help="bring the database up to date, make the signing key")
    importing = commands.add_parser("import-regions", help="regions from a CSV: code,level,parent,name")
    importing.add_argument("file", type=Path, nargs="?", default=OWN_REGIONS)
    adding = commands.add_parser("add-stations", help="a station for every village below a region")
    adding.add_argument("region")
    account = commands.add_parser("add-account", help="an account; its password is read from standard input")
    account.add_argument("username")
    account.add_argument("display_name")
    account.add_argument("role", choices=[role.value for role in Role])
    account.add_argument("--region", default="", help="root of the person's subtree (default: everywhere)")
    rolls = commands.add_parser("import-members", help="members of a village's station from a CSV: name,number")
    rolls.add_argument("region")
    rolls.add_argument("file", type=Path)
    fleet = commands.add_parser("enrol-fleet", help="let in boxes for a trial, without televisions: tvclient.fleet")
    fleet.add_argument("region", help="they are spread over the stations of its subtree")
    fleet.add_argument("boxes", type=int)
    fleet.add_argument("out", type=Path, help="file for their credentials; keep it secret")
    fleet.add_argument("--broker", type=Path, help="folder of a stopped broker's configuration: seed their accounts")
    commands.add_parser("rebuild", help="derive every session again from the events")
    commands.add_parser("restored", help="after restoring a backup: boxes send again everything that they still have")
    config = commands.add_parser("write-config", help="write Mosquitto's and nginx's configuration")
    config.add_argument("folder", type=Path)
    config.add_argument("--http", default="0.0.0.0:8080", help="where nginx listens (default: %(default)s)")
    config.add_argument("--app", default="127.0.0.1:8000", help="where gunicorn listens (default: %(default)s)")
    config.add_argument("--mqtt", default="0.0.0.0:1883", help="where the broker listens (default: %(default)s)")


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Carry out one command; 1 with a sentence where it was refused."""
    tasks: dict[str, Callable[[Settings, argparse.Namespace], str]] = {
        "init": _init,
        "import-regions": _import_regions,
        "add-stations": _add_stations,
        "add-account": _add_account,
        "import-members": _import_members,
        "enrol-fleet": _enrol_fleet,
        "rebuild": _rebuild,
        "restored": _restored,
        "write-config": _write_config,
    }
    try:
        print(tasks[given.task](settings, given))
    except Refusal as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0


def migrate(database_url: str, to: str = "head") -> None:
    """Bring the tables to a revision, the newest unless told."""
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.attributes["database_url"] = database_url
    alembic.upgrade(config, to)


def _init(settings: Settings, _given: argparse.Namespace) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    key = settings.signing_key_file
    if key.exists():
        Signer(key.read_bytes())
    else:
        _refuse_a_second_key(settings)
        key.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(new_private_jwk())
    return f"Database and signing key are ready ({key})."


def _refuse_a_second_key(settings: Settings) -> None:
    """Boxes trust the key they were given; with another one they would refuse every timetable."""
    with Database(settings.database_url).reader() as session:
        if session.scalar(select(func.count()).select_from(Box)):
            raise Rejected(
                "signing_key_missing",
                f"Boxes trust a signing key that is not at {settings.signing_key_file}. Restore it.",
            )


def _import_regions(settings: Settings, given: argparse.Namespace) -> str:
    with Database(settings.database_url).unit_of_work() as session, given.file.open(encoding="utf-8-sig") as lines:
        return f"{regions.import_csv(session, lines)} regions are known."


def _add_stations(settings: Settings, given: argparse.Namespace) -> str:
    with Database(settings.database_url).unit_of_work() as session:
        regions.region_named(session, given.region)
        return f"{stations.add_village_stations(session, given.region)} stations were added."


def _add_account(settings: Settings, given: argparse.Namespace) -> str:
    if given.region:
        with Database(settings.database_url).reader() as session:
            regions.region_named(session, given.region)
    password = sys.stdin.readline().rstrip("\n") or secrets.token_urlsafe(9)
    with Database(settings.database_url).unit_of_work() as session:
        try:
            accounts.create_account(
                session,
                username=given.username,
                display_name=given.display_name,
                password=password,
                role=Role(given.role),
                region_code=given.region,
                now=clock.now(),
            )
        except Conflict:
            return f"{given.username} exists already; nothing was changed."
    return f"{given.username} may sign in."


def _import_members(settings: Settings, given: argparse.Namespace) -> str:
    added = 0
    with Database(settings.database_url).unit_of_work() as session, given.file.open(encoding="utf-8-sig") as lines:
        station = session.scalars(select(Station).where(Station.region_code == given.region)).one()
        for row in csv.DictReader(lines):
            try:
                members.add_member(session, station.id, row["name"].strip(), row["number"].strip())
                added += 1
            except Conflict:
                continue
    return f"{added} members were added to {station.name}."


def _enrol_fleet(settings: Settings, given: argparse.Namespace) -> str:
    signer = Signer(settings.signing_key_file.read_bytes())
    secret, host, port = settings.secret_key, settings.box_broker_host, settings.broker_port
    with Database(settings.database_url).unit_of_work() as session:
        places = stations.stations_in(session, given.region)
        if not places:
            raise Rejected("no_stations", "There are no stations in this region; add-stations makes them.")
        made = [
            boxes.enrol_for_trial(
                session, places[number % len(places)], f"{given.region}-{number:05d}", signer, secret, clock.now()
            )
            for number in range(given.boxes)
        ]
        credentials = [boxes.credentials_of(box, secret, host, port, signer) for box in made]
        if given.broker:
            accounts = [boxes.broker_account(box, secret) for box in made]
            deploy.seed_accounts(
                given.broker, [(one.username, one.password, one.publish, one.read) for one in accounts]
            )
            for box, account in zip(made, accounts, strict=True):
                boxes.account_is_kept(session, box.id, account)
    given.out.touch(mode=0o600)
    given.out.write_bytes(msgspec.json.encode(credentials))
    return f"{len(credentials)} boxes may connect: python -m tvclient.fleet --enrolled {given.out}"


def _rebuild(settings: Settings, _given: argparse.Namespace) -> str:
    with Database(settings.database_url).unit_of_work() as session:
        return f"{attendance.rebuild(session)} sessions were derived again."


def _restored(settings: Settings, _given: argparse.Namespace) -> str:
    with Database(settings.database_url).unit_of_work() as session:
        return f"Generation {attendance.begin_generation(session)} begins; boxes send again what they still have."


def _write_config(settings: Settings, given: argparse.Namespace) -> str:
    mqtt, http = urlsplit(f"//{given.mqtt}"), urlsplit(f"//{given.http}")
    broker = deploy.write_broker(
        given.folder.resolve() / "broker",
        host=mqtt.hostname or "",
        port=mqtt.port or 1883,
        username=settings.broker_username,
        password=settings.broker_password,
    )
    web = deploy.write_web(
        given.folder.resolve() / "web",
        host=http.hostname or "",
        port=http.port or 8080,
        app_address=given.app,
        packages=settings.packages_dir.resolve(),
        static=HERE / "frontend" / "dist",
    )
    return f"{broker}\n{web}"
