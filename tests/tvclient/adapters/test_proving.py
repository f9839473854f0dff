"""Proofs: one message for stored and applied where both come soon, never silence, never the same twice."""

from datetime import UTC, datetime, timedelta

from schedules.airings import LayerId
from schedules.wire.messages import LayerProof, Proof
from schedules.wire.topics import BoxId
from tvclient.adapters.proving import APPLIED_WITHIN, Proving

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
LAYER = LayerId("region-640221")


def _has(revision: int, applied: bool, at: datetime = NOW) -> dict[LayerId, LayerProof]:
    return {LAYER: LayerProof(revision=revision, stored_at=at, applied=applied)}


def _told(proving: Proving, proofs: dict[LayerId, LayerProof], now: datetime = NOW) -> list[tuple[int, int]]:
    found: list[Proof] = list(proving.due(proofs, now))
    for proof in found:
        proving.said(proof)
    return [(proof.revision, proof.applied) for proof in found]


def test_stored_and_applied_are_one_message_where_both_come_soon() -> None:
    proving = Proving(BoxId(1))
    assert _told(proving, _has(1, False)) == []
    assert _told(proving, _has(1, True)) == [(1, 1)]
    assert _told(proving, _has(1, True)) == []


def test_what_is_stored_is_said_even_where_it_is_not_applied() -> None:
    proving = Proving(BoxId(1))
    assert _told(proving, _has(1, False), NOW + APPLIED_WITHIN) == [(1, 0)]
    assert _told(proving, _has(1, True), NOW + APPLIED_WITHIN) == [(1, 1)]
    assert _told(proving, _has(2, False), NOW - timedelta(hours=1)) == [(2, 0)]


def test_what_did_not_leave_is_due_again() -> None:
    proving = Proving(BoxId(1))
    assert [proof.revision for proof in proving.due(_has(3, True), NOW)] == [3]
    assert _told(proving, _has(3, True)) == [(3, 3)]


def test_falling_behind_is_fetched_or_said_once_more() -> None:
    proving = Proving(BoxId(1))
    assert _told(proving, _has(3, True)) == [(3, 3)]
    proving.fall_behind(_has(3, True), {LAYER: 3})
    assert not proving.to_fetch
    assert _told(proving, _has(3, True)) == [(3, 3)]
    other = LayerId("region-6402")
    proving.fall_behind(_has(3, True), {LAYER: 4, other: 1})
    assert proving.to_fetch == {LAYER, other}
