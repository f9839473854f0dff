"""What a box has said of its layers, and what it still has to say or to fetch.

A proof says that a revision is durable on the disk, and that the timetable is made of it. Nobody here talks: `line.py`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from schedules.airings import LayerId
from schedules.wire.messages import LayerProof, Proof
from schedules.wire.topics import BoxId

APPLIED_WITHIN = timedelta(seconds=1)
"""So long a proof that a layer is stored waits for the timetable to be made of it: one message instead of two."""


class Proving:
    """One box's words about its layers."""

    def __init__(self, box: BoxId) -> None:
        """Nothing has been said yet."""
        self._box = box
        self._said: dict[LayerId, tuple[int, int]] = {}
        self.to_fetch: set[LayerId] = set()
        """Layers of which the server says that this box lacks a revision."""

    def due(self, proofs: Mapping[LayerId, LayerProof], now: datetime) -> Iterator[Proof]:
        """What has not been said yet; `said` remembers it once it has left."""
        for layer, proof in proofs.items():
            applied = proof.revision if proof.applied else 0
            if self._said.get(layer) == (proof.revision, applied):
                continue
            if applied or now - proof.stored_at >= APPLIED_WITHIN or now < proof.stored_at:
                yield Proof(
                    box=self._box, layer=layer, revision=proof.revision, stored_at=proof.stored_at, applied=applied
                )

    def said(self, proof: Proof) -> None:
        """It has left."""
        self._said[proof.layer] = (proof.revision, proof.applied)

    def fall_behind(self, proofs: Mapping[LayerId, LayerProof], behind: Mapping[LayerId, int]) -> None:
        """The server lacks these proofs: what is not stored is to be fetched, what is stored is due once more."""
        for layer, revision in behind.items():
            if layer in proofs and proofs[layer].revision >= revision:
                self._said.pop(layer, None)
            else:
                self.to_fetch.add(layer)
