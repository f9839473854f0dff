"""What the disk has room for: how good a rendition of each package, and what leaves when it grows full. Pure.

The smallest playable rendition of everything planned comes before a better one of anything. What nothing plans to show
leaves first, the least recently shown first; then better renditions, the latest airing first. The smallest rendition of
what will air stays; only the journal in need may take it (`release`), and nothing takes what plays. Knows no files:
`packages.py` carries it out.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from schedules.airings import PackageName

HIGH, LOW = 0.97, 0.9
"""Of the capacity: above the first, packages leave until the second is reached, so that not every file evicts one."""


class Choice(msgspec.Struct, frozen=True):
    """One rendition, with all that the smallest one needs: bytes that it takes, and those of them already here."""

    needs: int
    stored: int


class Stock(msgspec.Struct, frozen=True):
    """One package whose manifest is here.

    Attributes:
        place: in the order of deadlines; None where nothing plans to show it.
        aired: when it was last opened for a showing, in seconds of any one clock.
        stored: all bytes here, also of renditions that no choice names.
        choices: the smallest playable rendition first, the best last; empty where the box can show none.
        playing: it is open in the player.
    """

    name: PackageName
    place: int | None
    aired: float
    stored: int
    choices: tuple[Choice, ...]
    playing: bool = False


class Drop(msgspec.Struct, frozen=True):
    """Remove a package's files but for those of the choice `keep`; all of it where that is None."""

    name: PackageName
    keep: int | None


def allot(stocks: Iterable[Stock], capacity: int) -> dict[PackageName, int]:
    """Which choice of each planned package there is room for; one that is absent does not fit at all.

    Args:
        capacity: bytes that packages may fill.
    """
    planned = _planned(stocks)
    left = int(capacity * HIGH)
    chosen: dict[PackageName, int] = {}
    for stock in sorted(planned, key=lambda one: one.choices[0].stored < one.choices[0].needs):
        needs = stock.choices[0].needs
        if needs <= left or stock.choices[0].stored >= needs:
            chosen[stock.name] = 0
            left -= needs
    for stock in planned:
        if stock.name in chosen:
            level = max(
                n for n, one in enumerate(stock.choices) if n == 0 or one.needs - stock.choices[0].needs <= left
            )
            chosen[stock.name] = level
            left -= stock.choices[level].needs - stock.choices[0].needs
    return chosen


def overflow(
    stocks: Iterable[Stock], chosen: Mapping[PackageName, int], capacity: int, coming: int = 0
) -> tuple[Drop, ...]:
    """What must leave so that `coming` more bytes stay within the capacity; nothing while there is room.

    Args:
        chosen: as `allot` says.
    """
    stocks = tuple(stocks)
    filled = sum(stock.stored for stock in stocks) + coming
    if filled <= capacity * HIGH:
        return ()
    drops = []
    for stock in _unplanned(stocks):
        if filled <= capacity * LOW:
            break
        drops.append(Drop(stock.name, None))
        filled -= stock.stored
    for stock in reversed(_planned(stocks)):
        keep = chosen.get(stock.name, 0)
        surplus = stock.stored - stock.choices[keep].stored
        if filled > capacity * HIGH and surplus > 0 and not stock.playing:
            drops.append(Drop(stock.name, keep))
            filled -= surplus
    return tuple(drops)


def release(stocks: Iterable[Stock], needed: int) -> tuple[Drop, ...]:
    """What leaves so that the journal gets `needed` bytes; everything but what plays, where that is not enough."""
    drops: dict[PackageName, Drop] = {}
    freed = 0
    for drop, gained in _sacrifices(tuple(stocks)):
        if freed >= needed:
            break
        drops[drop.name] = drop
        freed += gained
    return tuple(drops.values())


def _sacrifices(stocks: tuple[Stock, ...]) -> Iterator[tuple[Drop, int]]:
    for stock in _unplanned(stocks):
        yield Drop(stock.name, None), stock.stored
    latest_first = [stock for stock in reversed(_planned(stocks)) if not stock.playing]
    for stock in latest_first:
        if stock.stored > stock.choices[0].stored:
            yield Drop(stock.name, 0), stock.stored - stock.choices[0].stored
    for stock in latest_first:
        yield Drop(stock.name, None), stock.choices[0].stored


def _planned(stocks: Iterable[Stock]) -> list[Stock]:
    """In the order of deadlines; what the box cannot show needs no room."""
    return sorted((one for one in stocks if one.place is not None and one.choices), key=lambda one: one.place or 0)


def _unplanned(stocks: Iterable[Stock]) -> list[Stock]:
    """The least recently shown first."""
    gone = (one for one in stocks if (one.place is None or not one.choices) and not one.playing)
    return sorted(gone, key=lambda one: one.aired)
