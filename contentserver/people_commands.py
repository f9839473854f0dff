"""`contentserver admin accounts …` and `boxes …`: who signs in and which televisions there are, from the command line.

For days on which the pages cannot be reached, or nobody is left who may do it there.
"""

import argparse
import secrets
import sys
from datetime import timedelta

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from contentserver import accounts, boxes
from contentserver.adapters.bell import ring
from contentserver.adapters.keyring import Keyring, KeySafe
from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from contentserver.kernel.display import moment
from contentserver.kernel.errors import NotFound
from contentserver.regions import subtree_filter
from contentserver.settings import Settings
from contentserver.stations import Station


def add_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    people = commands.add_parser("accounts", help="who may sign in; a lost password or second factor")
    steps = people.add_subparsers(dest="step")
    steps.add_parser("list", help="all accounts")
    for name, words in (
        ("new-password", "read from standard input; without one, one is made and printed"),
        ("forget-factor", "take a lost second factor away"),
        ("close", "nobody signs in with it any more"),
        ("open", "open a closed account again"),
    ):
        steps.add_parser(name, help=words).add_argument("username")
    televisions = commands.add_parser("boxes", help="televisions: which there are, which are silent; end one")
    ways = televisions.add_subparsers(dest="step")
    listing = ways.add_parser("list", help="televisions that are let in")
    listing.add_argument("--region", default="", help="only there (default: everywhere)")
    listing.add_argument("--silent", type=int, default=0, metavar="HOURS", help="only those not heard of for so long")
    ending = ways.add_parser("end", help="end an enrolment; its television says why")
    ending.add_argument("box", type=int, help="its number")
    ending.add_argument("--reason", required=True, help="as its screen says it")
    ending.add_argument("--by", default="", help="account that ends it (default: a system administrator)")


def accounts_command(settings: Settings, given: argparse.Namespace) -> str:
    """Carry out one step about accounts; gives what it did in words."""
    database, now = Database(settings.database_url), clock.now()
    with database.unit_of_work() as session:
        match given.step:
            case "new-password":
                typed = sys.stdin.readline().rstrip("\n")
                password = typed or secrets.token_urlsafe(12)
                accounts.at_machine.new_password(session, given.username, password, now)
                told = "" if typed else f": {password}"
                return f"{given.username} signs in with the new password{told}; everywhere else they are signed out."
            case "forget-factor":
                accounts.at_machine.without_factor(session, given.username, now)
                return f"{given.username} sets up another second factor at the next sign-in, if they need one."
            case "close" | "open":
                accounts.at_machine.set_open(session, given.username, now, is_open=given.step == "open")
                return f"{given.username} is {'open' if given.step == 'open' else 'closed'}."
            case _:
                rows = accounts.at_machine.every_account(session)
    table = Table("account", "name", "role", "region", "second factor", "state")
    for row, has_factor in rows:
        region, factor = row.region_code or "everywhere", "yes" if has_factor else ""
        table.add_row(row.username, row.display_name, row.role, region, factor, "" if row.active else "closed")
    return _printed(table)


def boxes_command(settings: Settings, given: argparse.Namespace) -> str:
    """Carry out one step about televisions; gives what it did in words."""
    database, now = Database(settings.database_url), clock.now()
    if given.step == "end":
        signer = Keyring(database, KeySafe(settings))
        with database.unit_of_work() as session:
            box = session.get(Box, given.box)
            if box is None:
                raise NotFound("box_unknown", f"There is no television {given.box}.")
            who = accounts.named_or_administrator(session, given.by)
            boxes.end_enrolment(session, box, given.reason, who, signer, now)
        ring(settings.data_dir)
        return f"Television {given.box} is told why, and then loses its account."
    region, silent = getattr(given, "region", ""), getattr(given, "silent", 0)
    query = (
        select(Box, Station)
        .join(Station, Station.id == Box.station_id)
        .where(Box.revoked_at.is_(None), subtree_filter(Station.region_code, region))
        .order_by(Station.region_code, Box.id)
    )
    if silent:
        query = query.where(func.coalesce(Box.seen_at, Box.enrolled_at) < now - timedelta(hours=silent))
    table = Table("television", "serial number", "station", "region", "connected", "heard of last")
    with database.reader() as session:
        found = session.execute(query).all()
        for box, station in found:
            last = moment(box.seen_at) if box.seen_at else "never"
            table.add_row(str(box.id), box.serial, station.name, station.region_code, "yes" if box.online else "", last)
    return f"{_printed(table)}{len(found)} television{'' if len(found) == 1 else 's'}."


def _printed(table: Table) -> str:
    console = Console(width=120)
    with console.capture() as printed:
        console.print(table)
    return printed.get()
