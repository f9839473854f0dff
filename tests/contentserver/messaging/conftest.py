"""A village whose members have numbers, and who writes to them."""

import pytest
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person, Role
from contentserver.kernel.sealing import Seal
from contentserver.members import Member, add_member, set_phone
from contentserver.messaging.releasing import ReleaseKind
from contentserver.messaging.rules import Audience, Channel
from contentserver.messaging.service import Draft, Means
from contentserver.stations import Station
from tests.contentserver.conftest import person

COUNTY = "640221"
SEAL = Seal("a secret key of thirty-two characters", "personal data")
MEANS = Means(SEAL, "【远教】")


def draft(text: str = "今晚七点半,{station}放《冬小麦越冬管理》。", **changes: object) -> Draft:
    audience = Audience(**({"region": COUNTY} | changes))  # type: ignore[arg-type]
    return Draft(Channel.SMS, "今晚有课", text, audience)


def villagers(session: Session, station: Station, count: int, *, first: int = 0) -> list[Member]:
    """Members with numbers 13800000000, 13800000001, …"""
    made = []
    for number in range(first, first + count):
        member = add_member(session, station.id, f"村民{number}", str(1000 + number))
        set_phone(session, member, f"138{number:08}", SEAL)
        made.append(member)
    session.flush()
    return made


@pytest.fixture
def writer(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF, COUNTY)


@pytest.fixture
def kind() -> ReleaseKind:
    return ReleaseKind(MEANS)
