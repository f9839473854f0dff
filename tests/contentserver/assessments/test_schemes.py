"""Schemes as configuration: the nearest newest holds, each fault is named, rounds under way keep theirs."""

import pytest

from contentserver.assessments import schemes, service
from contentserver.kernel.errors import NotFound, Rejected
from tests.contentserver.assessments.conftest import COUNTY, Hall, refused
from tests.contentserver.conftest import NOW, VILLAGE


def test_a_scheme_that_changes_leaves_rounds_under_way_as_they_are(hall: Hall) -> None:
    row = hall.begun()
    before = schemes.written(service.scheme_of(row))
    text = schemes.written(schemes.SCHEMES.shipped["two_three_one"]).replace("weight = 20", "weight = 60", 1)
    refused(Rejected, "bylaw_wrong", schemes.SCHEMES.adopt, hall.session, "two_three_one", text, hall.staff, NOW)
    text = text.replace("weight = 40", "weight = 20", 2)
    made = schemes.SCHEMES.adopt(hall.session, "two_three_one", text, hall.staff, NOW)
    assert made.version == f"{COUNTY}:1"
    assert schemes.written(service.scheme_of(row)) == before
    hall.send(row, hall.keeper)
    again = schemes.SCHEMES.one(hall.session, VILLAGE, "two_three_one")
    assert [part.weight for part in again.law.parts] == [60, 20, 20]
    assert schemes.SCHEMES.one(hall.session, "640205", "two_three_one").version == ":1"
    ended = schemes.SCHEMES.adopt(hall.session, "two_three_one", text, hall.staff, NOW, ended=True)
    assert ended.law.version == 2
    refused(NotFound, "assessment_scheme_unknown", schemes.SCHEMES.one, hall.session, VILLAGE, "two_three_one")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('assessor = "peers"', 'assessor = "everybody"'),
        ("least = 3", "least = 2"),
        ("weight = 20\n", "weight = 21\n"),
        ("objection_days = 5", "objection_days = 8"),
        ("recommend_percent = 20", "recommend_percent = 0"),
        ('subjects = "stations"', 'subjects = "members"'),
        ('code = "peers"', 'code = "own"'),
        ('name = "useful"', 'name = "part"'),
        ('assessor = "above"', 'assessor = "named"'),
        ('names = "masked"', 'names = "loud"'),
        ('zh = "自评"', 'zh = ""'),
        ("days = 5\n", "days = 500\n"),
        ("[[parts]]", "[[pieces]]"),
        ("zh = ", "zh == "),
    ],
)
def test_each_fault_of_a_scheme_is_named(hall: Hall, old: str, new: str) -> None:
    text = schemes.written(schemes.SCHEMES.shipped["two_three_one"])
    assert old in text
    told = refused(
        Rejected, "bylaw_wrong", schemes.SCHEMES.adopt, hall.session, "own_one", text.replace(old, new), hall.staff, NOW
    )
    assert str(told.sentence)
    assert set(told.fields) == {"document"}


def test_a_scheme_that_names_an_account_asks_it_or_says_that_it_is_not_there(hall: Hall) -> None:
    text = schemes.written(schemes.SCHEMES.shipped["two_three_one"])
    text = text.replace('assessor = "above"', 'assessor = "named"\naccounts = ["second", "nobody.here"]')
    schemes.SCHEMES.adopt(hall.session, "named_one", text, hall.staff, NOW)
    told = refused(Rejected, "account_unknown", hall.begun, VILLAGE, "named_one")
    assert "nobody.here" in str(told.sentence)
    schemes.SCHEMES.adopt(hall.session, "named_one", text.replace(', "nobody.here"', ""), hall.staff, NOW)
    row = hall.begun(VILLAGE, "named_one")
    assert hall.form_of(row, hall.second).part == "above"
