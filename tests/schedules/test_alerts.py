"""Which alert is shown, and that whatever somebody wrote fits the screen whole: no line too wide, none too many."""

import string
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.alerts import (
    DESCRIPTION_MAX,
    HEADLINE_MAX,
    HEADLINE_WIDTH,
    SHOWN_STEPS,
    SIZES,
    STEP_MAX,
    STEP_WIDTH,
    TEXT_HEIGHT,
    TEXT_WIDTH,
    Sign,
    em_of,
    height_of,
    holds_at,
    in_order,
    length_of,
    lines_of,
    shortened,
    sign_of,
    sizes_of,
    words_shown,
)
from schedules.wire.messages import Alert, AlertKind, Severity, Urgency
from tests.schedules.wire.samples import ALERT, AT

HAN = "冰雹红色预警马场村一带有最大的鸡蛋那么，。！"
anything = st.text(st.sampled_from(HAN + string.ascii_letters + string.digits + " ,.“”（）…"), max_size=400)
words = st.lists(
    st.sampled_from(["hail", "Machang", "thunderstorms", "a", "the", "greenhouses", "冰雹", "，"]), max_size=80
)
texts = anything | words.map(" ".join)
alerts = st.builds(
    Alert,
    id=st.sampled_from("abcdef"),
    sent=st.integers(0, 50).map(lambda n: AT + timedelta(minutes=n)),
    effective=st.integers(0, 50).map(lambda n: AT + timedelta(minutes=n)),
    expires=st.integers(0, 90).map(lambda n: AT + timedelta(minutes=n)),
    headline=texts,
    sender=st.just("x"),
    description=texts,
    instructions=st.lists(texts, max_size=5).map(tuple),
    severity=st.sampled_from(Severity),
    references=st.lists(st.sampled_from("abcdef"), max_size=2).map(tuple),
)


@given(alerts)
def test_whatever_somebody_wrote_fits_the_screen_whole(alert: Alert) -> None:
    headline, description, steps = words_shown(alert)
    assert length_of(headline) <= HEADLINE_MAX
    assert length_of(description) <= DESCRIPTION_MAX
    assert len(steps) <= SHOWN_STEPS
    assert all(step and length_of(step) <= STEP_MAX for step in steps)
    sizes = sizes_of(headline, description, steps)
    assert height_of(headline, description, steps, sizes) <= TEXT_HEIGHT
    for text, size, width in (
        (headline, sizes.headline, HEADLINE_WIDTH),
        (description, sizes.description, TEXT_WIDTH),
        *((step, sizes.step, STEP_WIDTH) for step in steps),
    ):
        lines = lines_of(text, size, width)
        assert all(em_of(line) * size <= width for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(line.strip() == line and line for line in lines)


def test_the_longest_words_that_are_allowed_still_fit() -> None:
    for piece in ("汉", "W", "lorem ipsum ", "Wm@%"):
        headline, description, step = (
            shortened(piece * 300, longest) for longest in (HEADLINE_MAX, DESCRIPTION_MAX, STEP_MAX)
        )
        assert height_of(headline, description, (step,) * 3, SIZES[-1]) <= TEXT_HEIGHT, piece


@given(texts, st.sampled_from(SIZES))
def test_no_line_begins_with_a_closing_mark_of_a_chinese_sentence(text: str, sizes: object) -> None:
    chinese = "".join(char for char in text if char in HAN)
    lines = lines_of(chinese, 68, 1300)
    assert not any(line[0] in "，。！" for line in lines[1:] if chinese[:1] not in "，。！" and "，，，" not in chinese)


def test_lines_break_where_one_reads() -> None:
    text = "19:50 到 21:30，马场村一带有冰雹，最大的有鸡蛋那么大。"
    assert lines_of(text, 68, 1300) == ("19:50 到 21:30，马场村一带有冰雹，最", "大的有鸡蛋那么大。")
    assert lines_of("Red hail warning tonight", 136, 1372) == ("Red hail warning", "tonight")
    assert lines_of("", 68, 1300) == ()
    assert lines_of("甲乙丙丁，戊", 100, 410) == ("甲乙丙", "丁，戊")


def test_a_usual_alert_has_the_sizes_of_the_picture() -> None:
    found = words_shown(ALERT)
    assert found == ("冰雹红色预警", "19:50 到 21:30，马场村一带有冰雹。", ("马上进屋，关好门窗", "牛羊赶进圈"))
    assert sizes_of(*found) == SIZES[0]


def test_what_is_too_long_is_cut_with_an_ellipsis() -> None:
    assert shortened("甲" * 5, 5) == "甲" * 5
    assert shortened("甲" * 6, 5) == "甲" * 4 + "…"
    assert shortened("abc  \n def", 5) == "abc def"
    assert length_of("Hail") == 0.7 + 1.5


@pytest.mark.parametrize(
    ("step", "sign"),
    [
        ("马上进屋，关好门窗", Sign.HOUSE),
        ("牛羊赶进圈", Sign.HERD),
        ("别在树下和大棚里躲", Sign.NO_TREE),
        ("转移到高处", Sign.HIGH),
        ("拨打119", Sign.CALL),
        ("Shut the windows", Sign.HOUSE),
        ("Wait", Sign.DO),
        ("", Sign.DO),
    ],
)
def test_signs_by_their_words(step: str, sign: Sign) -> None:
    assert sign_of(step) is sign


@given(st.lists(alerts, max_size=6), st.integers(0, 100), st.sets(st.sampled_from("abcdef")))
def test_the_order_on_the_screen(some: list[Alert], minute: int, answered: set[str]) -> None:
    now = AT + timedelta(minutes=minute)
    shown = in_order(some, now, answered)
    assert len({alert.id for alert in shown}) == len(shown)
    assert all(holds_at(alert, now) and alert.id not in answered for alert in shown)
    standing = {alert.id: alert for alert in some if holds_at(alert, now)}
    assert not {alert.id for alert in shown} & {one for alert in standing.values() for one in alert.references}
    order = [Severity.EXTREME, Severity.SEVERE, Severity.MODERATE, Severity.MINOR, Severity.UNKNOWN]
    places = [order.index(alert.severity) for alert in shown]
    assert places == sorted(places)
    assert in_order(reversed(shown), now, answered) == shown


def test_it_stands_from_its_hour_to_its_end() -> None:
    hour = timedelta(hours=1)
    one = msgspec.structs.replace(ALERT, effective=AT + hour, expires=AT + 2 * hour)
    assert [holds_at(one, AT + n * hour) for n in range(3)] == [False, True, False]
    assert not holds_at(one, datetime(2020, 1, 1, tzinfo=UTC))
    at_once = msgspec.structs.replace(one, effective=AT)
    assert holds_at(at_once, datetime(2020, 1, 1, tzinfo=UTC)), "the true time is never before it was sent"


def test_words_of_newer_programs_read_as_unknown() -> None:
    data = msgspec.json.encode(ALERT).replace(b'"extreme"', b'"apocalyptic"').replace(b'"hail"', b'"meteor"')
    found = msgspec.json.decode(data.replace(b'"immediate"', b'"yesterday"'), type=Alert)
    assert (found.severity, found.kind, found.urgency) == (Severity.UNKNOWN, AlertKind.OTHER, Urgency.UNKNOWN)
