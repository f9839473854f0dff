"""The day's account, on a real disk."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from schedules.wire.messages import FetchRules
from tvclient.adapters.ration import Ration, Rationed
from tvclient.core.screens import LOCAL_ZONE

NOON = datetime(2026, 11, 25, 12, tzinfo=LOCAL_ZONE)


def spend(ration: Ration, size: int, at: datetime = NOON, *, urgent: bool = False) -> None:
    with ration.share(size, at, urgent=urgent):
        ration.spend(size, at)


def test_what_was_spent_survives_a_restart_and_ends_with_the_day(tmp_path: Path) -> None:
    file = tmp_path / "ration.json"
    spend(Ration(file), 700)
    again = Ration(file)
    assert again.today(NOON) == 700
    spend(again, 50, NOON + timedelta(hours=11, minutes=59))
    assert Ration(file).today(NOON) == 750
    assert Ration(file).today(NOON + timedelta(hours=12)) == 0
    spend(again, 5, NOON + timedelta(hours=12))
    assert Ration(file).today(NOON + timedelta(hours=12)) == 5


def test_nothing_is_begun_that_the_rest_of_the_day_does_not_cover() -> None:
    ration = Ration()
    ration.rules = FetchRules(daily_bytes=1000)
    spend(ration, 600)
    with pytest.raises(Rationed) as error, ration.share(401, NOON, urgent=False):
        pass
    assert error.value.until == NOON + timedelta(hours=12)
    spend(ration, 400)
    with pytest.raises(Rationed), ration.share(0, NOON, urgent=False):
        pass
    spend(ration, 300, urgent=True)
    assert ration.today(NOON) == 1300


def test_transfers_side_by_side_do_not_share_the_same_bytes() -> None:
    ration = Ration()
    ration.rules = FetchRules(daily_bytes=1000)
    with ration.share(600, NOON, urgent=False):
        with pytest.raises(Rationed), ration.share(600, NOON, urgent=False):
            pass
        with ration.share(400, NOON, urgent=False):
            pass
    with ration.share(1000, NOON, urgent=False):
        pass


@pytest.mark.parametrize("text", ["", "{", '{"day":"2026-11-25"}', '{"day":"2026-11-25","spent_bytes":-5}', "[]"])
def test_an_account_that_cannot_be_read_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "ration.json").write_text(text)
    assert Ration(tmp_path / "ration.json").today(NOON) == 0
