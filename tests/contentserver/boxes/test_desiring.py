"""Of many boxes, each is told what it would have been told alone."""

import msgspec
import pytest
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.boxes import Box, desiring
from contentserver.members import add_member, roster_of
from contentserver.stations import Station, stations_in
from schedules.layers import region_layer
from schedules.wire.messages import Desired, Market, PaperKind
from schedules.wire.signing import Signer
from tests.contentserver.conftest import enrolled_box

LAYER = region_layer("640221")


def _wanted(box: Box) -> Desired:
    return msgspec.json.decode(box.desired_fingerprint, type=Desired)


def test_each_of_many_is_told_of_its_own_station(
    session: Session, village: Station, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desiring, "AT_ONCE", 3)
    houses = stations_in(session, village.region_code[:9])[:4]
    found = [enrolled_box(session, houses[number % 4], f"key {number}") for number in range(8)]
    for number, house in enumerate(houses[:3]):
        for member in range(number):
            add_member(session, house.id, "马建国", f"{101 + member}")
    papers.lay_out(session, PaperKind.MARKET, {houses[1].id: Market(version="")})
    assert desiring.refresh_each(session, found, signer, {found[5].id: {LAYER: 7}}) == 8
    for box in found:
        wanted = _wanted(box)
        assert wanted.station.id == str(box.station_id)
        assert wanted.roster_version == roster_of(session, box.station_id).version
        assert list(wanted.papers) == (["market"] if box.station_id == houses[1].id else [])
        assert wanted.behind == ({LAYER: 7} if box is found[5] else {})
    assert desiring.refresh_each(session, found, signer) == 0, "what was said to be behind stays"
    add_member(session, houses[0].id, "王小芳", "201")
    assert desiring.refresh_each(session, found, signer) == 2
    assert [box.desired_version for box in found] == [2, 1, 1, 1, 2, 1, 1, 1]
    assert not any(desiring.refresh_desired(session, box, signer) for box in found)
