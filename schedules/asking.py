"""What a room may ask with a remote: topics and prepared sentences, as codes that travel in facts.

Each program has its own words for them. A code that a newer program has added is shown as it came.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SOIL: Final = "soil"
RICE: Final = "rice"
PESTS: Final = "pests"
ANIMALS: Final = "animals"
POLICY: Final = "policy"
OTHER: Final = "other"

TOPICS: Final = (SOIL, RICE, PESTS, ANIMALS, POLICY, OTHER)
"""In the order in which they stand on the screen."""

ANYTHING: Final = ("not_understood", "how_here", "send_expert")
"""Sentences that fit every topic."""
SENTENCES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        SOIL: ("soil_test", "how_much_fertiliser", "salty_soil", *ANYTHING),
        RICE: ("rice_yellow", "rice_water", "rice_seed", *ANYTHING),
        PESTS: ("which_pest", "which_spray", "spots_on_leaves", *ANYTHING),
        ANIMALS: ("animal_ill", "animal_feed", "animal_vaccine", *ANYTHING),
        POLICY: ("which_subsidy", "how_to_apply", "when_paid", *ANYTHING),
        OTHER: ("where_to_sell", "call_back", *ANYTHING),
    }
)
"""Six at most for each topic; the first ones are about it alone."""
