"""A group that is deleted in the very moment in which a notice to it is published: one of the two is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID

import pytest

from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Database
from contentserver.notices import group_uses, service
from contentserver.notices.rules import Fault
from contentserver.notices.service import NoticeRefused
from contentserver.regions import Region
from contentserver.stations import groups
from contentserver.stations.groups import GroupUsed
from contentserver.stations.rules import GroupWords
from tests.contentserver.conftest import NOW, person
from tests.contentserver.notices.samples import words

PROVINCE = "64"


@pytest.fixture
def draft(database: Database) -> tuple[Person, UUID, UUID]:
    """Who writes, a group, and a draft that goes to it."""
    with database.unit_of_work() as session:
        session.add(Region(code=PROVINCE, level="province", parent_code=None, name="宁夏"))
        session.flush()
        who = person(session, Role.SCHEDULER, PROVINCE)
        group = groups.make(session, GroupWords(region_code=PROVINCE, name="农场"), who, NOW)
        row = service.draft(session, words(regions=(), groups=(group.id,)), who, NOW)
        return who, group.id, row.id


def test_who_publishes_first_keeps_the_group(database: Database, draft: tuple[Person, UUID, UUID]) -> None:
    who, group, notice = draft
    begun = Event()

    def remove() -> None:
        begun.set()
        with database.unit_of_work() as session:
            groups.remove(session, groups.group_with(session, group), group_uses, who, NOW)

    with ThreadPoolExecutor() as pool:
        with database.unit_of_work() as session:
            service.publish(session, service.notice_with(session, notice), who, NOW)
            removing = pool.submit(remove)
            assert begun.wait(10)
        with pytest.raises(GroupUsed):
            removing.result(30)


def test_who_deletes_first_keeps_the_draft_a_draft(database: Database, draft: tuple[Person, UUID, UUID]) -> None:
    who, group, notice = draft
    begun = Event()

    def publish() -> None:
        begun.set()
        with database.unit_of_work() as session:
            service.publish(session, service.notice_with(session, notice), who, NOW)

    with ThreadPoolExecutor() as pool:
        with database.unit_of_work() as session:
            groups.remove(session, groups.group_with(session, group), group_uses, who, NOW)
            publishing = pool.submit(publish)
            assert begun.wait(10)
        with pytest.raises(NoticeRefused) as told:
            publishing.result(30)
    assert told.value.faults[0].fault is Fault.GROUP_GONE
