"""What a room says of a lesson, as prepared phrases: codes that travel in facts; each program has its own words.

A code that a newer program has added is shown as it came.
"""

from typing import Final

UNDERSTOOD: Final = "understood"
SAMPLE: Final = "sample"
EXPERT: Final = "expert"
PRICES: Final = "prices"
LOUDER: Final = "louder"
NO_DISCUSSION: Final = "no_discussion"
"""Excludes all others."""

PHRASES: Final = (UNDERSTOOD, SAMPLE, EXPERT, PRICES, LOUDER, NO_DISCUSSION)
"""In the order in which they stand on the screen."""
