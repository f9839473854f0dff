"""Keys that say what they are for: what they sign beyond that is not believed; and a private key need not be here."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.wire.messages import Approval, Message, Online
from schedules.wire.signing import (
    BadSignature,
    JwkKey,
    NotTrusted,
    PublicJwk,
    Purpose,
    Signer,
    UnknownKey,
    Verifier,
    jwk_set,
    key_id_of,
    new_private_jwk,
    payload_of,
    purpose_of,
    trusted_for,
)
from tests.schedules.wire.samples import LESSON, MESSAGES, PACKAGE

WORD = Approval(package=PACKAGE, lesson=LESSON, approved_at=datetime(2026, 1, 1, tzinfo=UTC), approved_by="李")
SIGNERS = [Signer(new_private_jwk()) for _ in range(3)]
PURPOSES = st.sets(st.sampled_from(Purpose))


@given(st.lists(PURPOSES, min_size=1, max_size=3), st.integers(0, 2), st.sampled_from(MESSAGES))
def test_exactly_what_a_key_is_for_is_believed(given_for: list[set[Purpose]], by: int, message: Message) -> None:
    known = [trusted_for(SIGNERS[n].public_jwk, purposes) for n, purposes in enumerate(given_for)]
    verifier = Verifier(jwk_set(known))
    token, kind = SIGNERS[by].sign(message), type(message)
    if by >= len(given_for):
        with pytest.raises(UnknownKey):
            verifier.read(token, kind)
    elif purpose_of(kind) in given_for[by]:
        assert verifier.read(token, kind) == message
    else:
        with pytest.raises(NotTrusted, match="not trusted for"):
            verifier.read(token, kind)


def test_a_key_that_is_for_everything_says_nothing_as_keys_always_did() -> None:
    assert trusted_for(SIGNERS[0].public_jwk, Purpose) == SIGNERS[0].public_jwk


def test_keys_of_other_kinds_and_purposes_of_newer_programs_are_passed_over() -> None:
    newer: PublicJwk = {**SIGNERS[1].public_jwk, "yj:for": ["weather"]}
    verifier = Verifier(jwk_set([{"kty": "EC", "crv": "P-256"}, SIGNERS[0].public_jwk, newer]))
    assert verifier.read(SIGNERS[0].sign(WORD), Approval) == WORD
    with pytest.raises(NotTrusted):
        verifier.read(SIGNERS[1].sign(Online(online=True)), Online)


@given(st.binary(max_size=200))
def test_whatever_comes_names_a_key_or_none(rubbish: bytes) -> None:
    assert key_id_of(rubbish) is None or isinstance(key_id_of(rubbish), str)
    with pytest.raises(BadSignature):
        payload_of(rubbish, Approval)


def test_a_token_names_its_key_and_keeps_its_words() -> None:
    token = SIGNERS[0].sign(WORD)
    assert (key_id_of(token), payload_of(token, Approval)) == (SIGNERS[0].key_id, WORD)


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]", b'{"kty":"OKP","crv":"Ed25519","x":"AA"}', b'{"kty":"oct","k":"AA"}']
)
def test_what_is_no_private_key_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="key"):
        JwkKey(text)
