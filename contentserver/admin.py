"""`contentserver admin …`: set up and look after the server. Each command says what it did, and can be repeated."""

import argparse
import csv
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from contentserver import (
    accounts,
    attendance,
    audit,
    boxes,
    courses,
    deploy,
    deploy_commands,
    figures,
    key_commands,
    ledger,
    members,
    messaging,
    operation,
    people_commands,
    regions,
    retention,
    school,
    stations,
)
from contentserver.adapters.key_files import KeyUnusable
from contentserver.adapters.keyring import Keyring, KeySafe
from contentserver.app import intake_of, introduction_of, package_store, personal_seal
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.display import moment
from contentserver.kernel.errors import Conflict, Refusal, Rejected
from contentserver.settings import Settings
from contentserver.stations import Station

HERE = Path(__file__).parent
OWN_REGIONS = HERE / "regions" / "data" / "regions_6402.csv"
WITHOUT_SETTINGS = frozenset({"saved-settings"})
"""Tasks for a machine that has no settings yet."""
migrate = operation.migrate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(dest="task", required=True)
    commands.add_parser("init", help="bring the database up to date, make the keys and the authority")
    importing = commands.add_parser("import-regions", help="regions from a CSV: code,level,parent,name")
    importing.add_argument("file", type=Path, nargs="?", default=OWN_REGIONS)
    adding = commands.add_parser("add-stations", help="a station for every village below a region")
    adding.add_argument("region")
    account = commands.add_parser("add-account", help="an account; its password is read from standard input")
    account.add_argument("username")
    account.add_argument("display_name")
    account.add_argument("role", choices=[role.value for role in Role])
    account.add_argument("--region", default="", help="root of the person's subtree (default: everywhere)")
    fleet = commands.add_parser("enrol-fleet", help="let in boxes for a trial, without televisions: tvclient.fleet")
    fleet.add_argument("region", help="they are spread over the stations of its subtree")
    fleet.add_argument("boxes", type=int)
    fleet.add_argument("out", type=Path, help="file for their credentials; keep it secret")
    fleet.add_argument("--broker", type=Path, help="folder of a stopped broker's configuration: seed their accounts")
    release = commands.add_parser(
        "add-release", help="take in a release of the television's program: tvclient.kiosk.pack"
    )
    release.add_argument("file", type=Path)
    wanting = commands.add_parser("want-release", help="which release televisions are to run")
    wanting.add_argument("version", help="a release's version; none: each keeps the program that it has")
    wanting.add_argument("--region", default="", help="only in this region (default: everywhere)")
    commands.add_parser("releases", help="all releases: wanted, run and given up by how many boxes")
    expecting = commands.add_parser("expect-boxes", help="announce boxes from a sheet: serial number, station, note")
    expecting.add_argument("file", type=Path)
    expecting.add_argument("--by", default="", help="account that announces them (default: a system administrator)")
    key_commands.add_arguments(
        commands.add_parser("signing-keys", help="the keys that sign, and their change: see docs/keys.md")
    )
    trail = commands.add_parser("audit", help="the audit trail: whether it holds, and its end; see docs/audit.md")
    trails = trail.add_subparsers(dest="trail", required=True)
    verify = trails.add_parser("verify", help="look at every entry; says the first that was altered, and ends with 1")
    verify.add_argument("--head", default="", metavar="HASH", help="a hash that was noted: an entry must have it")
    trails.add_parser("head", help="number and hash of the last entry, to be noted")
    commands.add_parser("rebuild", help="derive sessions from the events again, figures and work books from them")
    commands.add_parser("rebuild-search", help="make anew by what members are found: name, pinyin, initials, number")
    commands.add_parser("restored", help="after restoring a backup: boxes send again everything that they still have")
    commands.add_parser("gateway-addresses", help="where a gateway for short messages calls, with the secret in them")
    old = commands.add_parser("retention", help="what is older than it is kept, by kind; changes nothing unless told")
    old.add_argument("--apply", action="store_true", help="take it away now; otherwise the worker does it at night")
    fleet.add_argument("--plain", action="store_true", help="by the broker's plain listener on this machine")
    _add_imports(commands)
    deploy_commands.add_arguments(commands)
    people_commands.add_arguments(commands)
    operation.add_arguments(commands)


def _add_imports(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rolls = commands.add_parser("import-members", help="members of a village's station from a CSV: name,number[,card]")
    rolls.add_argument("region")
    rolls.add_argument("file", type=Path)
    bringing = commands.add_parser("import", help="recordings of a folder become lessons of a course")
    bringing.add_argument("folder", type=Path)
    bringing.add_argument("--course", required=True, help="its id or its title")
    bringing.add_argument("--by", required=True, help="account that brings them")
    bringing.add_argument("--dry-run", action="store_true", help="look at everything, change nothing")


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Carry out one command; 1 with a sentence where it was refused."""
    tasks: dict[str, Callable[[Settings, argparse.Namespace], str]] = {
        "init": _init,
        "import-regions": _import_regions,
        "add-stations": _add_stations,
        "add-account": _add_account,
        "import-members": _import_members,
        "enrol-fleet": _enrol_fleet,
        "add-release": _add_release,
        "want-release": _want_release,
        "releases": _releases,
        "accounts": people_commands.accounts_command,
        "boxes": people_commands.boxes_command,
        "expect-boxes": _expect_boxes,
        "signing-keys": key_commands.run,
        "audit": _audit,
        "import": _import,
        "rebuild": _rebuild,
        "rebuild-search": lambda found, _given: members.find_everybody(Database(found.database_url)),
        "restored": operation.restored,
        "gateway-addresses": _gateway_addresses,
        "retention": _retention,
        "certificates": deploy_commands.certificates,
        "write-config": deploy_commands.write_config,
        "put-packages": deploy_commands.put_packages,
        "write-county-broker": deploy_commands.write_county_broker,
        "renew-certificates": deploy_commands.renew_certificates,
        "backup": operation.make_backup,
        "verify-backup": operation.verify_backup,
        "restore": operation.restore,
        "to-postgresql": operation.to_postgresql,
    }
    if given.task == "doctor":
        return operation.run_doctor(settings, given)
    return _said(lambda: tasks[given.task](settings, given))


def run_without_settings(given: argparse.Namespace) -> int:
    """Carry out one command of `WITHOUT_SETTINGS`."""
    return _said(lambda: operation.saved_settings(given))


def _said(task: Callable[[], str]) -> int:
    try:
        print(task())
    except Refusal as error:
        print(error.sentence, file=sys.stderr)
        return 1
    except KeyUnusable as error:
        print(error, file=sys.stderr)
        return 1
    except authority.AuthorityMissing as error:
        print(f"{error} is missing or damaged. Restore it: boxes trust it. Without boxes: admin init.", file=sys.stderr)
        return 1
    return 0


def _init(settings: Settings, _given: argparse.Namespace) -> str:
    for folder in (settings.data_dir, settings.packages_dir, settings.uploads_dir):
        folder.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    members.find_everybody(Database(settings.database_url), only_where_missing=True)
    hint = key_commands.enter_first(settings)
    authority.make_authority(settings.authority_file, clock.now())
    if not settings.journal_key_file.exists():
        authority.write_secret(settings.journal_key_file, authority.new_journal_key().encode())
    return f"Database, signing keys, authority and journal key are ready ({settings.keys_dir}).{hint}"


def _audit(settings: Settings, given: argparse.Namespace) -> str:
    database = Database(settings.database_url)
    if given.trail == "head":
        with database.reader() as session:
            number, end = audit.head_of(session)
        return f"{number} {end}"
    found = audit.verify(database, clock.now(), given.head.strip().lower())
    if found.fault is not None:
        raise Conflict("audit_broken", audit.told(found))
    return audit.told(found)


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
            card = (row.get("card") or "").strip()
            try:
                members.add_member(session, station.id, row["name"].strip(), row["number"].strip(), card)
                added += 1
            except Conflict:
                continue
    return f"{added} members were added to {station.name}."


def _enrol_fleet(settings: Settings, given: argparse.Namespace) -> str:
    database, secret = Database(settings.database_url), settings.secret_key
    signer = Keyring(database, KeySafe(settings))
    plain = msgspec.structs.replace(settings, development=given.plain or settings.development)
    introduction = introduction_of(plain, signer)
    with database.unit_of_work() as session:
        places = stations.stations_in(session, given.region)
        if not places:
            raise Rejected("no_stations", "There are no stations in this region; add-stations makes them.")
        made = [
            boxes.enrol_for_trial(
                session, places[number % len(places)], f"{given.region}-{number:05d}", signer, secret, clock.now()
            )
            for number in range(given.boxes)
        ]
        credentials = [boxes.credentials_of(box, secret, introduction) for box in made]
        if given.broker:
            accounts = [boxes.broker_account(box, secret) for box in made]
            deploy.seed_accounts(
                given.broker, [(one.username, one.password, one.publish, one.read) for one in accounts]
            )
            for box, account in zip(made, accounts, strict=True):
                boxes.account_is_kept(session, box.id, account, secret)
    given.out.touch(mode=0o600)
    given.out.write_bytes(msgspec.json.encode(credentials))
    return f"{len(credentials)} boxes may connect: python -m tvclient.fleet --enrolled {given.out}"


def _add_release(settings: Settings, given: argparse.Namespace) -> str:
    store = package_store(settings)
    with Database(settings.database_url).unit_of_work() as session:
        release, new = boxes.add_release(session, _bytes_of(given.file), store, clock.now())
        return f"{release.version} {'was added' if new else 'is there already'}; want-release says who is to run it."


def _want_release(settings: Settings, given: argparse.Namespace) -> str:
    version = None if given.version == "none" else given.version
    database = Database(settings.database_url)
    signer = Keyring(database, KeySafe(settings))
    with database.unit_of_work() as session:
        if given.region:
            regions.region_named(session, given.region)
        changed = boxes.want_release(session, version, given.region, None, signer, clock.now())
    return f"{changed} boxes are to {f'run {version}' if version else 'keep what they have'}; they hear it in a minute."


def _releases(settings: Settings, _given: argparse.Namespace) -> str:
    with Database(settings.database_url).reader() as session:
        uses, unwanted = boxes.uses_of_releases(session, "")
    table = Table("version", "added", "wanted by", "run by", "given up by", "boxes that gave it up")
    for use in uses:
        given_up = ", ".join(str(one.box_id) for one in use.given_up)
        counts = (use.wanted, use.running + use.elsewhere, len(use.given_up))
        table.add_row(use.release.version, moment(use.release.added_at), *map(str, counts), given_up)
    console = Console()
    with console.capture() as printed:
        console.print(table)
    return f"{printed.get()}{unwanted} boxes keep the program that they have."


def _expect_boxes(settings: Settings, given: argparse.Namespace) -> str:
    with Database(settings.database_url).unit_of_work() as session:
        who = accounts.named_or_administrator(session, given.by)
        good, faults = boxes.read_sheet(session, _bytes_of(given.file), who)
        if faults:
            lines = "\n".join(f"row {fault.row}: {fault.serial} {fault.sentence}" for fault in faults)
            raise Rejected("rows_wrong", f"{lines}\nNothing was saved.")
        boxes.announce(session, [one.announcement for one in good], who, clock.now())
    return f"{len(good)} boxes are expected; each is let in once, without a code."


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Rejected("file_unreadable", f"{file} cannot be read: {error.strerror}") from error


def _rebuild(settings: Settings, _given: argparse.Namespace) -> str:
    database = Database(settings.database_url)
    with database.unit_of_work() as session:
        sessions, found = attendance.rebuild(session), figures.rebuild(session)
        lines, differed = school.rebuild(session)
    return (
        f"{sessions} sessions were derived again. "
        f"{found.buckets} figures were computed anew; {found.differed} were other before. "
        f"{lines} lines of the online school were derived again; {differed} were other before. "
        f"{ledger.derive_again(database, ledger.SOURCES, clock.now())} in work books."
    )


def _retention(settings: Settings, given: argparse.Namespace) -> str:
    database = Database(settings.database_url)
    try:
        return retention.on_command_line(database, settings.data_dir, apply=given.apply)
    finally:
        database.engine.dispose()


def _import(settings: Settings, given: argparse.Namespace) -> str:
    database = Database(settings.database_url)
    try:
        intake = intake_of(settings, database, given.by)
        return courses.import_folder(intake, given.folder, given.course, dry=given.dry_run)
    finally:
        database.engine.dispose()


def _gateway_addresses(settings: Settings, _given: argparse.Namespace) -> str:
    token = messaging.gateway_token(personal_seal(settings))
    return "\n".join(f"{settings.public_url}/api/v1/messages/{what}/{token}" for what in ("receipts", "incoming"))
