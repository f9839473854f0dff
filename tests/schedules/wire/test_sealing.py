"""A sealed journal: read by one server only, written by one box only, and nothing else passes."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.deploy.authority import journal_public_key, new_journal_key
from schedules.wire.messages import EventBatch, EventRecord, StationEntered
from schedules.wire.sealing import (
    FORM,
    MAX_FILE_BYTES,
    ROWS,
    BadSeal,
    batch_of,
    claimed_box,
    file_name,
    seal,
    unseal,
)
from schedules.wire.signing import Signer, new_private_jwk
from schedules.wire.topics import BoxId

SERVER, BOX = new_journal_key(), Signer(new_private_jwk())
BATCH = EventBatch(
    box=BoxId(17),
    epoch="0f3a99c2d1",
    events=(
        EventRecord(
            sequence=1,
            at=datetime(2026, 11, 23, tzinfo=UTC),
            uncertainty_ms=3,
            body=msgspec.Raw(msgspec.json.encode(StationEntered(station="s"))),
        ),
    ),
)
SEALED = seal(BOX.sign(BATCH), journal_public_key(SERVER))


def test_what_was_sealed_is_read_by_the_server_and_by_nobody_else() -> None:
    signed = unseal(SEALED, SERVER)
    assert claimed_box(signed) == 17
    assert batch_of(signed, BOX.public_jwk["x"]) == BATCH
    assert b"station" not in SEALED
    with pytest.raises(BadSeal):
        unseal(SEALED, new_journal_key())


def test_a_batch_of_another_key_and_another_message_are_not_believed() -> None:
    with pytest.raises(BadSeal):
        batch_of(BOX.sign(BATCH), Signer(new_private_jwk()).public_jwk["x"])
    with pytest.raises(BadSeal):
        batch_of(BOX.sign(StationEntered(station="s")), BOX.public_jwk["x"])


@given(place=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 7))
def test_a_single_changed_bit_is_found(place: int, bit: int) -> None:
    broken = bytearray(SEALED)
    broken[place] ^= 1 << bit
    with pytest.raises(BadSeal):
        unseal(bytes(broken), SERVER)


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda some: FORM + some)))
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(BadSeal):
        unseal(data, SERVER)
    with pytest.raises(BadSeal):
        claimed_box(data)
    with pytest.raises(BadSeal):
        batch_of(data, BOX.public_jwk["x"])


@given(st.text(max_size=50))
def test_what_is_no_key_is_refused(text: str) -> None:
    if len(text) != 43:
        with pytest.raises(BadSeal):
            seal(b"x", text)


def test_more_than_a_file_may_hold_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadSeal):
        unseal(FORM + bytes(MAX_FILE_BYTES), SERVER)


def test_the_same_rows_have_the_same_name() -> None:
    assert file_name(BoxId(17), "0f3a99c2d1", 1, ROWS) == "box-17-0f3a99c2-1-1000.yjj"
