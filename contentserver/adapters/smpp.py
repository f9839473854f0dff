"""Short messages by SMPP 3.4, the protocol that networks' message centres speak; the PDUs are smpplib's.

One transceiver session. All parts of a batch are sent, then their answers read; receipts that come in between are
kept for `collect`, and answered by `acknowledge` alone: what is not kept yet the centre says again.
Source: SMPP Protocol Specification v3.4, 4.4 (submit_sm), 4.6 (deliver_sm), Appendix B (receipts).
"""

import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from smpplib import consts, exceptions, gsm, smpp
from smpplib.client import Client

from contentserver.messaging import Fate, GatewayAway, Incoming, Outgoing, Receipt, Submitted, Way

TIMEOUT_S: Final = 10
NAME_CHARS, PASSWORD_CHARS = 15, 8
QUIET_S: Final = 30
"""After so long without a word the centre is asked whether it is there."""
_LATER: Final = frozenset({consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL, consts.SMPP_ESME_RSYSERR})
_WAYS: Final = {
    "DELIVRD": Way.DELIVERED,
    "EXPIRED": Way.FAILED,
    "DELETED": Way.FAILED,
    "UNDELIV": Way.FAILED,
    "REJECTD": Way.FAILED,
    "UNKNOWN": Way.UNKNOWN,
}
_STATES: Final = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 7: "UNKNOWN", 8: "REJECTD"}
_RECEIPT: Final = re.compile(r"id:(\S+).*?stat:([A-Z]{7})(?:.*?err:(\S+))?", re.DOTALL)
_IS_RECEIPT: Final = 0x04
_WIDE: Final = consts.SMPP_ENCODING_ISO10646


class _Session(Client):
    """Leaves the answer to a deliver_sm to whoever keeps it."""

    def _message_received(self, pdu: Any) -> None:
        self.message_received_handler(pdu=pdu)


@dataclass(slots=True)
class _Came:
    """A deliver_sm: what it says, if anything to us; its sequence number, as long as its connection stands."""

    said: Receipt | Incoming | None
    sequence: int | None


@dataclass(slots=True)
class _Handed:
    """The parts of one message on their way: sequence numbers still to be answered, references, the worst answer."""

    message: Outgoing
    open: set[int] = field(default_factory=set)
    references: list[str] = field(default_factory=list)
    fate: Fate = Fate.TAKEN
    error: str = ""

    @property
    def answer(self) -> Submitted:
        if self.open:
            return Submitted(self.message.id, Fate.UNKNOWN, error="no answer")
        return Submitted(self.message.id, self.fate, tuple(self.references), self.error)


class SmppGateway:
    """A message centre at `smpp://name:password@host:port?source=…`; `smpps` by TLS.

    Numbers are sent with the country's code, 86, as `country` in the address says otherwise.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 2775
        self._name, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._source = asked.get("source", [""])[0]
        self._country = asked.get("country", ["86"])[0]
        self._trust = ssl.create_default_context() if parts.scheme == "smpps" else None
        self._client: Any = None
        self._came: list[_Came] = []
        self._given = 0
        self._handed: dict[int, _Handed] = {}
        self._heard_at = 0.0

    def submit(self, several: Sequence[Outgoing]) -> Sequence[Submitted]:
        """Hand messages over; see `messaging.Gateway`."""
        self._connected()
        handed: list[_Handed] = []
        self._handed = {}
        try:
            for message in several:
                one = _Handed(message)
                handed.append(one)
                for part in self._parts(message):
                    sent = self._client.send_message(**part)
                    one.open.add(sent.sequence)
                    self._handed[sent.sequence] = one
            while any(one.open for one in handed):
                self._read()
        except (exceptions.ConnectionError, OSError) as error:
            self._drop()
            if not any(self._handed):
                raise GatewayAway(str(error) or "the connection broke") from error
        return [one.answer for one in handed]

    def collect(self) -> Sequence[Receipt | Incoming]:
        """Receipts and answers that came; see `messaging.Gateway`."""
        self._connected()
        try:
            self._client.poll()
            if time.monotonic() - self._heard_at > QUIET_S:
                self._client.read_once()  # hears nothing, so it asks whether the centre is there
        except (exceptions.ConnectionError, OSError) as error:
            self._drop()
            raise GatewayAway(str(error) or "the connection broke") from error
        self._given = len(self._came)
        return [one.said for one in self._came if one.said is not None]

    def acknowledge(self) -> None:
        """Answer what the last `collect` gave; see `messaging.Gateway`."""
        given, self._came, self._given = self._came[: self._given], self._came[self._given :], 0
        try:
            for one in given:
                if one.sequence is not None and self._client is not None:
                    answer = smpp.make_pdu("deliver_sm_resp", client=self._client, status=consts.SMPP_ESME_ROK)
                    answer.sequence = one.sequence
                    self._client.send_pdu(answer)
        except (exceptions.ConnectionError, OSError) as error:
            self._drop()
            raise GatewayAway(str(error) or "the connection broke") from error

    def close(self) -> None:
        """Unbind."""
        if self._client is None:
            return
        with suppress(exceptions.ConnectionError, exceptions.PDUError, OSError):
            self._client.unbind()
        self._drop()

    def _connected(self) -> None:
        if self._client is not None:
            return
        if len(self._name) > NAME_CHARS or len(self._password) > PASSWORD_CHARS:
            raise GatewayAway("SMPP knows names of at most 15 characters and passwords of at most 8")
        client = _Session(
            self._host, self._port, timeout=TIMEOUT_S, ssl_context=self._trust, allow_unknown_opt_params=True
        )
        client.set_message_sent_handler(self._answered)
        client.set_message_received_handler(self._received)
        client.set_error_pdu_handler(self._refused)
        try:
            client.connect()
            client.bind_transceiver(system_id=self._name, password=self._password)
        except (exceptions.ConnectionError, exceptions.PDUError, OSError) as error:
            client.disconnect()
            raise GatewayAway(str(error) or "the message centre does not answer") from error
        self._client, self._heard_at = client, time.monotonic()

    def _drop(self) -> None:
        client, self._client = self._client, None
        for one in self._came:
            one.sequence = None
        if client is not None:
            client.disconnect()

    def _read(self) -> None:
        try:
            self._client.read_once(auto_send_enquire_link=False)
        except TimeoutError as error:
            raise exceptions.ConnectionError("no answer") from error

    def _parts(self, message: Outgoing) -> Iterator[dict[str, Any]]:
        parts, coding, esm_class = gsm.make_parts(message.text)
        for part in parts:
            yield {
                "source_addr_ton": consts.SMPP_TON_UNK,
                "source_addr_npi": consts.SMPP_NPI_UNK,
                "source_addr": self._source,
                "dest_addr_ton": consts.SMPP_TON_INTL,
                "dest_addr_npi": consts.SMPP_NPI_ISDN,
                "destination_addr": f"{self._country}{message.to}",
                "short_message": part,
                "data_coding": coding,
                "esm_class": esm_class,
                "registered_delivery": True,
            }

    def _answered(self, pdu: Any) -> None:
        self._heard_at = time.monotonic()
        one = self._handed.get(pdu.sequence)
        if one is not None and not pdu.is_error():  # of an error it is told as well, after `_refused`
            one.open.discard(pdu.sequence)
            one.references.append(_text(pdu.message_id))

    def _refused(self, pdu: Any) -> None:
        self._heard_at = time.monotonic()
        one = self._handed.get(pdu.sequence)
        if one is None:
            return
        one.open.discard(pdu.sequence)
        one.error = consts.DESCRIPTIONS.get(pdu.status, f"error {pdu.status:#x}")
        if one.fate is not Fate.REFUSED:
            one.fate = Fate.LATER if pdu.status in _LATER and not one.references else Fate.REFUSED

    def _received(self, pdu: Any) -> None:
        self._heard_at = time.monotonic()
        self._came.append(_Came(_said(pdu), pdu.sequence))


def _said(pdu: Any) -> Receipt | Incoming | None:
    """What a deliver_sm says; None for a receipt that names no message, or a state on the way."""
    text = _decoded(pdu.short_message or b"", pdu.data_coding or 0)
    if not (pdu.esm_class or 0) & _IS_RECEIPT:
        return Incoming(_text(pdu.source_addr).removeprefix("+"), text)
    found = _RECEIPT.search(text)
    reference = _text(pdu.receipted_message_id) or (found[1] if found else "")
    stated = _STATES.get(pdu.message_state or 0) or (found[2] if found else "")
    error = f"{stated} {found[3] or ''}".strip() if found else stated
    way = _WAYS.get(stated)
    return Receipt(reference, way, "" if way is Way.DELIVERED else error) if reference and way is not None else None


def _text(value: Any) -> str:
    """A C-octet string of a PDU; empty where it has none."""
    raw = value if isinstance(value, bytes) else str(value or "").encode("latin-1", "replace")
    return raw.rstrip(b"\0").decode("latin-1")


def _decoded(raw: bytes, coding: int) -> str:
    return raw.decode("utf-16-be" if coding == _WIDE else "latin-1", "replace")
