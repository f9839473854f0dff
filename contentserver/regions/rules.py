"""The shape of division codes: 2, 4, 6, 9, 12 digits for province, city, county, township, village.

Source: the statistical division codes (GB/T 2260, GB/T 10114). A parent's code is a prefix of its children's.
"""

LENGTHS = (2, 4, 6, 9, 12)
LEVELS = ("province", "city", "county", "township", "village")


def depth_of(code: str) -> int:
    """0 for a province to 4 for a village.

    Raises:
        ValueError: no division code has this length.
    """
    return LENGTHS.index(len(code))


def ancestors_and_self(code: str) -> tuple[str, ...]:
    """The codes from the province down to `code` itself."""
    return tuple(code[:length] for length in LENGTHS[: depth_of(code) + 1])


def in_subtree(code: str, root: str) -> bool:
    """Whether `code` is `root` or lies below it; the empty root holds everything."""
    return code.startswith(root)
