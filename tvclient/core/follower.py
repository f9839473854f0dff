"""How a showing keeps to its planned minute: the rule that corrects a picture that is late or early. Pure.

Below 40 ms nothing is done; up to 400 ms the speed is bent by at most a twentieth, which nobody hears; beyond that one
seek. The caller says what was done (`playing.py`).
"""

import msgspec

TOLERATED_MS = 40
SETTLED_MS = 15
"""A bent speed returns to normal only below this, so that it does not flutter."""
BENDABLE_MS = 400
MAX_BEND = 0.05
_STEP = 0.01
_MS_PER_STEP = 40


class Keep(msgspec.Struct, frozen=True):
    """All is well."""


class Bend(msgspec.Struct, frozen=True):
    """Play at this factor of normal speed."""

    factor: float


class Jump(msgspec.Struct, frozen=True):
    """Seek to the live position."""


Correction = Keep | Bend | Jump


def correction(late_ms: int, speed: float) -> Correction:
    """What to do about a picture that is `late_ms` behind its plan (below zero: ahead) at the factor `speed`."""
    distance = abs(late_ms)
    if distance > BENDABLE_MS:
        return Jump()
    bent = speed != 1.0
    if distance < (SETTLED_MS if bent else TOLERATED_MS):
        return Bend(1.0) if bent else Keep()
    steps = max(1, min(round(distance / _MS_PER_STEP), round(MAX_BEND / _STEP)))
    factor = round(1.0 + (steps if late_ms > 0 else -steps) * _STEP, 2)
    return Keep() if factor == speed else Bend(factor)
