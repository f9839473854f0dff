"""The page of the keys that sign: the state of each, and how many boxes believe it, by the boxes' own word.

Nothing is changed here: keys are changed on the server's command line (`contentserver admin signing-keys`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import trust
from contentserver.boxes.models import Box
from contentserver.boxes.views import blueprint
from contentserver.boxes.words import KEY_PURPOSES, KEY_STATES
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.pagination import Page, cut
from contentserver.regions import subtree_filter
from contentserver.stations import Station
from contentserver.trust import KeyState, SigningKeyRow
from schedules.wire.signing import Purpose


class _Said(msgspec.Struct, frozen=True):
    keys_no: int = 0


@dataclass(frozen=True, slots=True)
class Holder:
    """A box that is let in, and the set of keys that it says is on its disk."""

    box_id: int
    station: str
    heard_at: datetime | None
    keys_no: int


@dataclass(frozen=True, slots=True)
class Held:
    """One key for one purpose, and how many of the boxes believe it.

    Attributes:
        missing: those that do not, the ones heard from last first; of no interest where it is trusted no more.
    """

    row: SigningKeyRow
    purpose: Purpose
    state: KeyState
    boxes: int
    missing: tuple[Holder, ...]

    @property
    def trusting(self) -> int:
        """How many boxes have proved that they know it."""
        return self.boxes - len(self.missing)


def holders(session: Session, root: str) -> list[Holder]:
    """The boxes of a region's subtree that are let in, those heard from last first."""
    query = (
        select(Box.id, Station.name, Box.seen_at, Box.reported)
        .join(Station, Station.id == Box.station_id)
        .where(Box.revoked_at.is_(None), subtree_filter(Station.region_code, root))
        .order_by(Box.seen_at.desc(), Box.id)
    )
    read = msgspec.json.Decoder(_Said).decode
    return [
        Holder(box_id, station, heard_at, read(reported).keys_no if reported else 0)
        for box_id, station, heard_at, reported in session.execute(query)
    ]


def waited_for(session: Session, keys_no: int, now: datetime) -> list[int]:
    """The boxes that do not know a set yet and were heard from lately: a new key must not sign before they do."""
    return [one.box_id for one in holders(session, "") if trust.holds_up(one.heard_at, one.keys_no, keys_no, now)]


def keys_held(session: Session, root: str) -> list[Held]:
    """All keys, by purpose, the newest first, with the boxes of a region's subtree."""
    boxes = holders(session, root)
    return [
        Held(
            row,
            Purpose(row.purpose),
            KeyState(row.state),
            len(boxes),
            tuple(one for one in boxes if one.keys_no < row.from_no),
        )
        for row in trust.rows(session)
    ]


@blueprint.get("/boxes/keys")
@auth.require(Right.ADMINISTER)
def keys() -> ResponseReturnValue:
    found = keys_held(http.db_session(), auth.person().region_code)
    asked = (request.args.get("lacking", ""), request.args.get("for", ""))
    lacking = next((one for one in found if (one.row.kid, one.row.purpose) == asked), None)
    return render_template(
        "boxes/keys.html",
        found=found,
        lacking=lacking,
        page=_page(lacking.missing) if lacking else None,
        keys_no=trust.keys_no(http.db_session()),
        purposes=KEY_PURPOSES,
        states=KEY_STATES,
        trusted={KeyState.COMING, KeyState.SIGNING, KeyState.RETIRING},
    )


def _page(rows: Sequence[Holder]) -> Page[Holder]:
    return cut(rows, request.args.get("page", 1, type=int))
