"""Which stations are visited: drawn by lot within each township, by a rule that anybody can follow again. Pure.

A station's lot is the SHA-256 of the seed, a bar, and the station's id (UTF-8, hexadecimal). In each township the
stations with the lowest lots are drawn. So neither the order of the list nor the machine matters, only the seed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby


@dataclass(frozen=True, slots=True, order=True)
class Lot:
    """One station of the population."""

    township: str
    number: str
    station: str
    drawn: bool


def lot(seed: str, station: str) -> str:
    """The lot of a station."""
    return sha256(f"{seed}|{station}".encode()).hexdigest()


def sample_size(stations: int, percent: int, least: int) -> int:
    """How many of a township's stations are drawn: a share, rounded up, at least so many, never more than there are."""
    return min(stations, max(least, -(-stations * percent // 100)))


def draw(seed: str, population: Iterable[tuple[str, str]], percent: int, least: int) -> tuple[Lot, ...]:
    """The whole population in order of township and lot; those that were drawn say so.

    Args:
        population: (station, township), each station once.
    """
    lots = sorted((township, lot(seed, station), station) for station, township in set(population))
    found: list[Lot] = []
    for township, several in groupby(lots, key=lambda one: one[0]):
        here = list(several)
        size = sample_size(len(here), percent, least)
        found += [Lot(township, number, station, place < size) for place, (_t, number, station) in enumerate(here)]
    return tuple(found)
