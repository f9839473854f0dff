"""Scores and proposals, whatever the forms: exact, never zero for what is missing, the same from the same forms."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from contentserver.assessments import schemes
from contentserver.assessments.rules import (
    RANGES,
    Assessor,
    Field,
    FieldType,
    Part,
    Scheme,
    Subjects,
    Tally,
    WrongAnswer,
    points_of,
    proposal,
    ranks,
    read_answers,
    rounded,
    score_of,
)

TYPES = (FieldType.SCALE, FieldType.POINTS, FieldType.YESNO)


def part(code: str, weight: int, least: int = 1, *fields: Field) -> Part:
    """A part with one question out of ten."""
    asked = fields or (Field("q", "问", "Q", FieldType.POINTS),)
    return Part(code, "部", "Part", Assessor.ABOVE, weight, 5, asked, least)


def scheme(*parts: Part) -> Scheme:
    return Scheme(Subjects.STATIONS, parts, 7, 5, zh="式", en="Scheme", recommend_percent=20)


FIELDS = st.lists(st.tuples(st.sampled_from(TYPES), st.integers(1, 20)), min_size=1, max_size=5).map(
    lambda drawn: tuple(Field(f"q{place}", "问", "Q", kind, weight) for place, (kind, weight) in enumerate(drawn))
)
SHOWN = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.none() | st.integers(0, 50), max_size=12)


@st.composite
def forms(draw: st.DrawFn) -> tuple[Part, list[dict[str, int | str]]]:
    """A part with some forms for it."""
    one = part("p", 40, 1, *draw(FIELDS))
    asked: dict[str, st.SearchStrategy[int | str]] = {
        field.name: st.integers(*RANGES[field.type]) for field in one.fields
    }
    form = st.fixed_dictionaries(asked)
    return one, draw(st.lists(form, min_size=1, max_size=8))


@given(forms())
def test_a_part_is_the_mean_of_its_forms_and_lies_between_the_worst_and_the_best(
    drawn: tuple[Part, list[dict[str, int | str]]],
) -> None:
    one, sent = drawn
    points = [points_of(one, form) for form in sent]
    found = score_of(scheme(one), {"p": Tally(len(sent), len(sent), sum(points))}).parts[0].score
    assert found is not None
    by_hand = [
        Fraction(
            100 * sum(field.weight * Fraction(int(form[field.name]), RANGES[field.type][1]) for field in one.fields),
            sum(field.weight for field in one.fields),
        )
        for form in sent
    ]
    assert found == sum(by_hand, Fraction()) / len(by_hand)  # outliers stay, every form counts alike
    assert 0 <= min(by_hand) <= found <= max(by_hand) <= 100


@given(forms(), st.randoms())
def test_the_order_in_which_forms_come_makes_no_difference(
    drawn: tuple[Part, list[dict[str, int | str]]], chance: object
) -> None:
    one, sent = drawn
    again = list(sent)
    chance.shuffle(again)  # type: ignore[attr-defined]
    tallies = [Tally(len(some), 9, sum(points_of(one, form) for form in some)) for some in (sent, again)]
    assert len({score_of(scheme(one), {"p": tally}).score for tally in tallies}) == 1


@given(st.lists(st.tuples(st.integers(1, 100), st.none() | st.integers(0, 10)), min_size=1, max_size=6))
def test_a_missing_part_is_told_and_never_counts_as_zero(drawn: list[tuple[int, int | None]]) -> None:
    parts = [part(f"p{place}", weight) for place, (weight, _value) in enumerate(drawn)]
    came = {f"p{place}": Tally(1, 3, value) for place, (_weight, value) in enumerate(drawn) if value is not None}
    found = score_of(scheme(*parts), came)
    assert [one.code for one in found.missing] == [one.code for one in parts if one.code not in came]
    there = [(weight, value) for weight, value in drawn if value is not None]
    if not there:
        assert found.score is None
        assert found.shown is None
        return
    assert found.score == Fraction(10 * sum(w * v for w, v in there), sum(w for w, _v in there))
    assert min(v for _w, v in there) * 10 <= found.score <= max(v for _w, v in there) * 10


@given(st.integers(0, 10), st.integers(1, 10))
def test_a_part_counts_from_its_least_number_of_forms(sent: int, least: int) -> None:
    found = score_of(scheme(part("p", 100, least)), {"p": Tally(sent, 20, 10 * sent)})
    assert (found.score is None) == (sent < least)
    assert found.score in {None, 100}


@given(st.fractions(0, 100))
def test_a_score_is_rounded_once_to_the_nearest_hundredth_halves_upwards(value: Fraction) -> None:
    off = Fraction(rounded(value), 100) - value
    assert Fraction(-1, 200) < off <= Fraction(1, 200)


@given(SHOWN)
def test_equal_scores_share_a_place_and_the_places_after_them_stay_free(shown: dict[str, int | None]) -> None:
    places = ranks(shown)
    assert set(places) == {one for one, number in shown.items() if number is not None}
    for one, place in places.items():
        better = [other for other in places if (shown[other] or 0) > (shown[one] or 0)]
        assert place == len(better) + 1


@given(SHOWN, st.integers(0, 12))
def test_a_proposal_is_never_too_long_and_never_chooses_among_equals(shown: dict[str, int | None], most: int) -> None:
    sure, border = proposal(shown, most)
    assert len(sure) <= most
    assert len({shown[one] for one in border}) <= 1
    assert not border or len(sure) + len(border) > most
    for one in sure:
        assert all(
            other in sure for other, number in shown.items() if number is not None and number >= (shown[one] or 0)
        )


@given(st.integers(1, 3000), st.integers(0, 100), st.integers(0, 50))
def test_how_many_may_be_recommended(subjects: int, percent: int, most: int) -> None:
    found = Scheme(Subjects.STATIONS, (), 7, 5, zh="式", en="S", recommend_percent=percent, recommend_most=most)
    allowed = found.may_recommend(subjects)
    assert 1 <= allowed <= subjects
    if percent:
        assert allowed <= max(1, subjects * percent // 100)
    if most:
        assert allowed <= most


@given(FIELDS, st.dictionaries(st.sampled_from(["q0", "q1", "q2"]), st.text(max_size=4)))
def test_whatever_is_typed_an_answer_lies_on_its_scale_or_is_told_to_be_wrong(
    fields: tuple[Field, ...], typed: dict[str, str]
) -> None:
    one = part("p", 100, 1, *fields)
    found, wrong = read_answers(one, typed)
    assert set(found) | set(wrong) == {field.name for field in fields}
    assert not set(found) & set(wrong)
    for field in fields:
        if field.name in found:
            first, last = RANGES[field.type]
            assert first <= int(found[field.name]) <= last
    assert 0 <= points_of(one, found) <= one.full


def test_words_are_no_score_and_may_be_left_out() -> None:
    one = part("p", 100, 1, Field("q", "问", "Q", FieldType.YESNO), Field("w", "话", "W", FieldType.TEXT))
    assert read_answers(one, {"q": "1"}) == ({"q": 1}, {})
    assert read_answers(one, {"q": "1", "w": "x" * 501})[1] == {"w": WrongAnswer.LONG}
    assert read_answers(one, {"q": "２"})[1] == {"q": WrongAnswer.OUTSIDE}
    assert points_of(one, {"q": 1, "w": "x"}) == one.full == 10


def test_what_is_shipped_reads_and_is_written_back_the_same() -> None:
    for one in schemes.SCHEMES.shipped.values():
        kept = schemes.SCHEMES.read(schemes.written(one))
        assert schemes.written(kept) == schemes.written(one)
        assert (kept.parts, kept.role, kept.names) == (one.parts, one.role, one.names)
