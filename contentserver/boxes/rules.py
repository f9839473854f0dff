"""Decisions about boxes: claim codes, expiry, who may publish and read which topic. Pure."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from schedules.airings import LayerId
from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.topics import BoxId

OFFER_LIFETIME = timedelta(hours=24)
WRONG_CODES_ALLOWED = 8
WRONG_CODES_WINDOW = timedelta(minutes=10)
PRESENCE_KEPT = timedelta(days=30)


def normal_claim_code(typed: str) -> str:
    """What somebody typed, without spaces and dashes, in capitals."""
    return "".join(typed.split()).replace("-", "").replace("—", "").upper()


def shown_claim_code(code: str) -> str:
    """XXXX-XXXX."""
    return f"{code[:4]}-{code[4:]}"


def expired(expires_at: datetime, now: datetime) -> bool:
    """Whether an offer no longer holds."""
    return now >= expires_at


def broker_username(box: BoxId) -> str:
    """The box's name at the broker; also its client id, so that a stolen name cannot connect beside it."""
    return f"box-{box}"


def credential(secret: str, use: str, box: BoxId, credential_no: int) -> str:
    """A box's secret for one use (`broker`, `http`), derived by HMAC-SHA256 and therefore stored nowhere.

    The server can give it to a wiped broker again, and to a box whose first answer was lost.
    """
    return hmac.new(secret.encode(), f"{use}:{box}:{credential_no}".encode(), hashlib.sha256).hexdigest()


def layers_of(region_codes: tuple[str, ...]) -> tuple[LayerId, ...]:
    """The layers a box follows: its region's and every one above, highest first."""
    return tuple(region_layer(code) for code in region_codes)


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """A box at the broker: name (also its only client id), password, the literal topics it may write and read."""

    username: str
    password: str
    publish: tuple[str, ...]
    read: tuple[str, ...]


def account_fingerprint(account: BrokerAccount) -> str:
    """Equal for equal accounts: name, password, topics."""
    return hashlib.sha256(repr(account).encode()).hexdigest()


def broker_account(secret: str, box: BoxId, credential_no: int, layers: tuple[LayerId, ...]) -> BrokerAccount:
    """The account a box needs to follow some layers."""
    return BrokerAccount(
        username=broker_username(box),
        password=credential(secret, "broker", box, credential_no),
        publish=(topics.reported(box), topics.proofs(box), topics.online(box), topics.events(box)),
        read=(
            topics.desired(box),
            topics.acks(box),
            *(name(layer) for layer in layers for name in (topics.layer, topics.alerts)),
        ),
    )
