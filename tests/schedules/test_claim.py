"""A code that both sides arrive at, and nobody in between."""

from hypothesis import given
from hypothesis import strategies as st

from schedules import claim

stems = st.text(claim.ALPHABET, min_size=claim.STEM_LENGTH, max_size=claim.STEM_LENGTH)
nonces = st.binary(min_size=16, max_size=16).map(bytes.hex)
seen = st.fixed_dictionaries(
    {
        "stem": stems,
        "public_key": st.text("abcXYZ019-_", min_size=43, max_size=43),
        "authority": st.sampled_from(["", "-----BEGIN A-----", "-----BEGIN B-----"]),
        "box_nonce": nonces,
        "server_nonce": nonces,
    }
)


@given(seen)
def test_it_has_eight_characters_that_nobody_mistakes(values: dict[str, str]) -> None:
    code = claim.claim_code(**values)
    assert len(code) == claim.STEM_LENGTH + claim.CHECK_LENGTH
    assert code.startswith(values["stem"])
    assert set(code) <= set(claim.ALPHABET)
    assert not set("01IO") & set(code)


@given(seen)
def test_both_sides_arrive_at_it_from_the_same_things(values: dict[str, str]) -> None:
    assert claim.claim_code(**values) == claim.claim_code(**values)
    wrapped = {**values, "authority": f"\n{values['authority']}\n"}
    assert claim.claim_code(**wrapped) == claim.claim_code(**values)


@given(seen, st.sampled_from(["public_key", "authority", "box_nonce", "server_nonce"]))
def test_whoever_shows_either_side_something_else_meets_it_by_chance_alone(
    values: dict[str, str], changed: str
) -> None:
    codes = {claim.claim_code(**{**values, changed: f"{values[changed]}{number}"}) for number in range(64)}
    assert len(codes) > 56  # of 32,768: some pair among 64 is alike in one of sixteen cases, eight hardly ever


@given(nonces, nonces)
def test_a_commitment_binds_and_tells_nothing(nonce: str, other: str) -> None:
    assert (claim.commitment(nonce) == claim.commitment(other)) == (nonce == other)
    assert nonce not in claim.commitment(nonce)


@given(
    stems.map(lambda stem: stem + "234"), st.lists(st.sampled_from([" ", "-", "—", "　"]), max_size=3), st.booleans()
)
def test_it_is_read_however_it_is_typed(code: str, between: list[str], small: bool) -> None:
    typed = "".join(between).join([code[:4], code[4:]])
    assert claim.typed(typed.lower() if small else typed) == code
    assert claim.typed(claim.shown(code)) == code
