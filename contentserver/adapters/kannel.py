"""Short messages over HTTP, as Kannel's `sendsms` and the providers that imitate it take them.

Receipts come by calls of ours: the address that goes with each message (`messaging/api.py`). Source: Kannel 1.4 User's
Guide, chapter 6, "Setting up a SMS Gateway" (sendsms parameters, answers, delivery reports).
"""

import secrets
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import httpx

from contentserver.messaging import Fate, GatewayAway, Incoming, Outgoing, Receipt, Submitted

TIMEOUT_S: Final = 15
DELIVERED, FAILED, REJECTED = 1, 2, 16
"""Of a delivery report's types, those that are asked for; the others say that it is under way."""


class KannelGateway:
    """A gateway at `kannel+https://name:password@host/cgi-bin/sendsms?from=…`.

    Args:
        receipts: the address to call with a delivery report; the reference and the type are put behind it.
    """

    def __init__(self, url: str, receipts: str) -> None:
        parts = urlsplit(url.removeprefix("kannel+"))
        host = parts.netloc.rpartition("@")[2]
        self._address = urlunsplit((parts.scheme, host, parts.path, "", ""))
        self._fixed = dict(parse_qsl(parts.query)) | {
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
        }
        self._receipts = receipts
        self._http = httpx.Client(timeout=TIMEOUT_S)

    def submit(self, several: Sequence[Outgoing]) -> Sequence[Submitted]:
        """Hand messages over; see `messaging.Gateway`."""
        answers: list[Submitted] = []
        for message in several:
            try:
                answers.append(self._submit(message))
            except httpx.ConnectError as error:
                if not answers:
                    raise GatewayAway(str(error)) from error
                break
            except httpx.HTTPError as error:  # it may have it
                answers.append(Submitted(message.id, Fate.UNKNOWN, error=type(error).__name__))
        return answers

    def collect(self) -> Sequence[Receipt | Incoming]:
        """Nothing: the gateway calls us."""
        return ()

    def acknowledge(self) -> None:
        """Nothing was given."""

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def _submit(self, message: Outgoing) -> Submitted:
        reference = f"{message.id.hex}{secrets.token_hex(4)}"
        asked = self._fixed | {
            "to": message.to,
            "text": message.text,
            "charset": "UTF-8",
            "coding": "0" if message.text.isascii() else "2",
            "dlr-mask": str(DELIVERED | FAILED | REJECTED),
            "dlr-url": f"{self._receipts}?{urlencode({'reference': reference})}&type=%d&answer=%A",
        }
        answer = self._http.get(self._address, params=asked)
        said = answer.text.strip()[:100]
        if answer.is_success:
            return Submitted(message.id, Fate.TAKEN, (reference,))
        if answer.status_code in (401, 403):
            raise GatewayAway(f"{answer.status_code} {said}")
        fate = Fate.LATER if answer.status_code >= 500 or answer.status_code == 429 else Fate.REFUSED
        return Submitted(message.id, fate, error=f"{answer.status_code} {said}")
