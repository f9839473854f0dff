"""Boxes' accounts at the brokers to which boxes connect: the server's own broker, or those of counties, each by itself.

What is published crosses the bridge between brokers; accounts do not, so the link speaks with every broker that has
some. One that cannot be reached holds up nothing else: an account is noted as kept when all of them have it.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy.exc import DBAPIError

from contentserver import boxes
from contentserver.adapters.broker import Broker
from contentserver.app import Services
from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.kernel.errors import BrokerUnavailable
from contentserver.settings import Settings

AT_ONCE = 100

log = structlog.get_logger()


class BoxAccounts:
    """The accounts of one server's boxes. Used by the link's loop alone."""

    def __init__(self, services: Services, own: Broker, doors: Sequence[Broker] = ()) -> None:
        """`doors`: the brokers of boxes, where that is not the server's own."""
        self._services, self._own = services, own
        self._doors = [(door, threading.Event()) for door in doors]

    def start(self) -> None:
        """Connect to the brokers of boxes; the server's own is connected by the link."""
        for door, anew in self._doors:
            door.start((), lambda _topic, _payload: None, anew.set)

    def stop(self) -> None:
        """End the connections."""
        for door, _anew in self._doors:
            door.stop()

    def keep(self, due_boxes: Sequence[Box], everything: bool) -> None:
        """Give the brokers the accounts that they lack.

        Args:
            everything: the server's own broker may have been wiped.

        Raises:
            BrokerUnavailable: the server's own broker has the accounts, and does not answer.
        """
        secret = self._services.settings.secret_key
        if not self._doors:
            at_broker = self._own.account_names() if everything else None
            for some in _parts(boxes.accounts_due(due_boxes, secret, at_broker)):
                self._own.keep_accounts([account for _box, account in some])
                self._note(some, everywhere=True)
            return
        for some in _parts(boxes.accounts_due(due_boxes, secret, None)):
            accounts = [account for _box, account in some]
            done = [_tried(door, partial(door.keep_accounts, accounts)) for door, _anew in self._doors]
            self._note(some, everywhere=all(done))

    def renew(self) -> None:
        """Where a broker of boxes was away, it may have been wiped: it is asked, and given what it lacks."""
        for door, anew in self._doors:
            if anew.is_set() and door.connected.is_set():
                anew.clear()
                try:
                    if not _tried(door, partial(self._fill, door)):
                        anew.set()
                except DBAPIError:
                    anew.set()
                    raise

    def drop(self) -> None:
        """Boxes whose enrolment ended were told so; now the brokers forget them and cut their connections."""
        with self._services.database.reader() as session:
            ended = boxes.accounts_to_drop(session, clock.now())
        for box in ended:
            name = boxes.broker_account(box, self._services.settings.secret_key).username
            if not self._doors:
                self._own.drop_account(name)
            gone = [_tried(door, partial(door.drop_account, name)) for door, _anew in self._doors]
            if not all(gone):
                continue
            with self._services.database.unit_of_work() as session:
                boxes.account_is_dropped(session, box.id)
            log.info("link.dropped", box=box.id)

    def _fill(self, door: Broker) -> None:
        names = door.account_names()
        with self._services.database.reader() as session:
            everybody = boxes.due_boxes(session, everything=True)
        lacking = boxes.accounts_due(everybody, self._services.settings.secret_key, names)
        for some in _parts(lacking):
            door.keep_accounts([account for _box, account in some])
        log.info("link.door_filled", accounts=len(lacking))

    def _note(self, some: Sequence[tuple[Box, boxes.BrokerAccount]], everywhere: bool) -> None:
        with self._services.database.unit_of_work() as session:
            for box, account in some:
                if everywhere:
                    boxes.account_is_kept(session, box.id, account, self._services.settings.secret_key)
                else:
                    boxes.account_is_lacking(session, box.id)


def doors_of(settings: Settings) -> list[Broker]:
    """The brokers of boxes that the settings name, not yet connected."""
    found = []
    for url in filter(None, settings.box_brokers.split(",")):
        parts = urlsplit(url)
        found.append(
            Broker(
                parts.hostname or "",
                parts.port or 1883,
                unquote(parts.username or ""),
                unquote(parts.password or ""),
                client_id="contentserver-accounts",
                lasting=False,
                authority=str(settings.authority_file) if parts.scheme == "mqtts" else "",
            )
        )
    return found


def _parts(
    due: Sequence[tuple[Box, boxes.BrokerAccount]],
) -> list[Sequence[tuple[Box, boxes.BrokerAccount]]]:
    return [due[first : first + AT_ONCE] for first in range(0, len(due), AT_ONCE)]


def _tried(door: Broker, task: Callable[[], None]) -> bool:
    """Whether a broker of boxes did something; one that is away is not waited for."""
    if not door.connected.is_set():
        return False
    try:
        task()
    except BrokerUnavailable as error:
        log.warning("link.door_away", error=str(error))
        return False
    return True
