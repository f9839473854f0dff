"""The look's numbers: contrast of every pair that meets, sizes for three metres, the curve of motion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvclient.core.geometry import HEIGHT, SAFE_X, SAFE_Y, WIDTH, Rect
from tvclient.ui.theme import COLOURS, ROLES, Rgba, ease
from tvclient.ui.widgets.placed import grown

SURFACES = ("night", "field", "ridge", "raised")
TEXTS = [(text, surface) for text in ("paper", "straw", "sprout", "dry") for surface in SURFACES]
PAIRS = [
    ("lamp-ink", "lamp"),
    ("ink", "paper"),
    ("soft-ink", "paper"),
    ("tick-ink", "sprout"),
    ("white", "black"),
    ("green-ink", "green-key"),
    ("yellow-ink", "yellow-key"),
    ("white", "red-key"),
    ("white", "blue-key"),
]


def luminance(colour: Rgba) -> float:
    """WCAG 2.2, relative luminance."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    bright, dark = sorted((luminance(COLOURS[first]), luminance(COLOURS[second])), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "surface"), TEXTS + PAIRS)
def test_text_has_seven_to_one(text: str, surface: str) -> None:
    assert contrast(text, surface) >= 7


@pytest.mark.parametrize("surface", SURFACES)
def test_ring_has_three_to_one(surface: str) -> None:
    assert contrast("lamp", surface) >= 3


def test_type_is_large_enough() -> None:
    assert min(min(role.simple, role.full) for role in ROLES.values()) >= 24
    assert ROLES["body"].simple >= 40
    assert ROLES["body"].full >= 32
    assert ROLES["title"].simple >= 56


@given(st.floats(0, 1), st.floats(0, 1))
def test_motion_runs_from_rest_to_rest(first: float, second: float) -> None:
    assert ease(0) == pytest.approx(0, abs=1e-4)
    assert ease(1) == pytest.approx(1, abs=1e-4)
    low, high = sorted((first, second))
    assert ease(low) <= ease(high) + 1e-6


@given(
    st.integers(SAFE_X, WIDTH - SAFE_X - 100),
    st.integers(SAFE_Y, HEIGHT - SAFE_Y - 60),
    st.integers(40, 900),
    st.integers(40, 600),
)
def test_a_focused_thing_keeps_the_safe_area(x: int, y: int, w: int, h: int) -> None:
    w, h = min(w, WIDTH - SAFE_X - x), min(h, HEIGHT - SAFE_Y - y)
    gx, gy, gw, gh = grown(Rect(x, y, w, h))
    assert gw == pytest.approx(w * 1.05)
    assert gh == pytest.approx(h * 1.05)
    if gw <= WIDTH - 2 * SAFE_X:
        assert gx >= SAFE_X - 0.01
        assert gx + gw <= WIDTH - SAFE_X + 0.01
    if gh <= HEIGHT - 2 * SAFE_Y:
        assert gy >= SAFE_Y - 0.01
        assert gy + gh <= HEIGHT - SAFE_Y + 0.01
