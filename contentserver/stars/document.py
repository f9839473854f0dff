"""The rules of stars as a document that people write: TOML, read whole, every fault named with its line. Pure.

The shipped document, `data/rules.toml`, is its own description. What a fault is called: `words.py`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from contentserver.stars.rules import MOST_STARS, Criterion, Rules, Weighed

SHIPPED: Final = Path(__file__).parent / "data" / "rules.toml"
LONGEST: Final = 20_000
"""Characters of a document."""
TITLE_LONGEST, ITEM_LONGEST, MOST_ITEMS = 60, 60, 20
STAR_NAMES: Final = ("one", "two", "three", "four", "five")
WHOLE: Final = 100
"""All weights together, and the most points there are."""
MOST_HOURS: Final = 1000
_KEYS: Final = {
    "": ("title", "criteria", "stars", "needs", "inspection", "appeal"),
    "criteria": tuple(Criterion),
    "stars": STAR_NAMES,
    "needs": STAR_NAMES,
    "inspection": ("percent", "least", "items"),
    "appeal": ("days",),
}
_HEAD = re.compile(r"\s*\[\s*([\w.\- ]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")
_AT_LINE = re.compile(r"line (\d+)")


class FaultKind(StrEnum):
    """What can be wrong with a document."""

    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    MISSING = "missing"
    NOT_A_TABLE = "not_a_table"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_TEXT = "not_a_text"
    NOT_ITEMS = "not_items"
    WEIGHTS = "weights"
    NONE_ABOVE_FULL = "none_above_full"
    NOT_RISING = "not_rising"
    NOT_WEIGHED = "not_weighed"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong. `line` counts from 1; `name` is the key as one writes it; `least`, `most`: its range."""

    line: int
    kind: FaultKind
    name: str = ""
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """The rules, or why there are none."""

    rules: Rules | None
    faults: tuple[Fault, ...] = ()


def read(text: str) -> Read:
    """Read a document; every fault that can be found at once is."""
    if len(text) > LONGEST:
        return Read(None, (Fault(1, FaultKind.TOO_LONG, most=LONGEST),))
    try:
        parsed = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        return Read(None, (Fault(int(found[1]) if found else text.count("\n") + 1, FaultKind.UNREADABLE),))
    reader = _Reader(text)
    rules = reader.rules(parsed)
    return Read(None if reader.faults else rules, tuple(sorted(reader.faults)))


@cache
def shipped() -> str:
    """The document that the product comes with."""
    return SHIPPED.read_text(encoding="utf-8")


def lines_of(text: str) -> dict[str, int]:
    """Where each key and each table stands: `stars.five` at line 47."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := _HEAD.match(line):
            table = head[1].replace(" ", "") + "."
            found.setdefault(table[:-1], number)
            for upper in _above(table[:-1]):
                found.setdefault(upper, number)
        elif key := _KEY.match(line):
            found.setdefault(table + key[1], number)
    return found


def _above(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


class _Reader:
    """Collects faults while it reads."""

    def __init__(self, text: str) -> None:
        self._lines = lines_of(text)
        self.faults: list[Fault] = []

    def rules(self, parsed: Mapping[str, object]) -> Rules:
        self._known("", parsed)
        title = self._text(parsed, "title", TITLE_LONGEST)
        criteria = self._criteria(self._table(parsed, "criteria"))
        thresholds = self._thresholds(self._table(parsed, "stars"))
        needs = self._needs(self._table(parsed, "needs", optional=True), criteria)
        inspection = self._table(parsed, "inspection")
        self._known("inspection", inspection)
        appeal = self._table(parsed, "appeal")
        self._known("appeal", appeal)
        return Rules(
            title=title,
            criteria=criteria,
            thresholds=thresholds,
            needs=needs,
            percent=self._number(inspection, "inspection.percent", 0, 100),
            least=self._number(inspection, "inspection.least", 0, 100),
            items=self._items(inspection),
            appeal_days=self._number(appeal, "appeal.days", 1, 90),
        )

    def _criteria(self, table: Mapping[str, object]) -> tuple[Weighed, ...]:
        self._known("criteria", table)
        before = len(self.faults)
        found = tuple(self._weighed(table, name) for name in Criterion if name in table)
        whole = len(self.faults) == before and self._stands("criteria.")
        if whole and sum(one.weight for one in found) != WHOLE:
            self._add(FaultKind.WEIGHTS, "criteria", least=sum(one.weight for one in found), most=WHOLE)
        return found

    def _weighed(self, criteria: Mapping[str, object], criterion: Criterion) -> Weighed:
        path = f"criteria.{criterion}"
        table = self._table(criteria, path)
        self._known(path, table, ("weight", "none", "full"))
        most = MOST_HOURS if criterion is Criterion.HOURS else 100
        weight = self._number(table, f"{path}.weight", 0, WHOLE)
        none = self._number(table, f"{path}.none", 0, most, usual=0)
        full = self._number(table, f"{path}.full", 1, most)
        if none >= full > 0:
            self._add(FaultKind.NONE_ABOVE_FULL, f"{path}.none")
        return Weighed(criterion, weight, none, full)

    def _thresholds(self, table: Mapping[str, object]) -> tuple[int, ...]:
        self._known("stars", table)
        before = len(self.faults)
        found = tuple(self._number(table, f"stars.{name}", 1, WHOLE) for name in STAR_NAMES)
        if len(self.faults) == before and self._stands("stars."):
            for place in range(1, MOST_STARS):
                if found[place] <= found[place - 1]:
                    self._add(FaultKind.NOT_RISING, f"stars.{STAR_NAMES[place]}")
        return found

    def _needs(
        self, tables: Mapping[str, object], criteria: tuple[Weighed, ...]
    ) -> Mapping[int, tuple[tuple[Criterion, int], ...]]:
        self._known("needs", tables)
        weighed = {one.criterion for one in criteria}
        found: dict[int, tuple[tuple[Criterion, int], ...]] = {}
        for stars, name in enumerate(STAR_NAMES, 1):
            table = self._table(tables, f"needs.{name}", optional=True)
            self._known(f"needs.{name}", table, tuple(Criterion))
            asked = [criterion for criterion in Criterion if criterion in table]
            for criterion in asked:
                if criterion not in weighed:
                    self._add(FaultKind.NOT_WEIGHED, f"needs.{name}.{criterion}")
            if asked:
                found[stars] = tuple((one, self._need(table, name, one)) for one in asked)
        return found

    def _need(self, table: Mapping[str, object], stars: str, criterion: Criterion) -> int:
        most = MOST_HOURS if criterion is Criterion.HOURS else 100
        return self._number(table, f"needs.{stars}.{criterion}", 0, most)

    def _items(self, table: Mapping[str, object]) -> tuple[str, ...]:
        found = table.get("items")
        if found is None:
            if self._stands("inspection.items"):
                self._add(FaultKind.MISSING, "inspection.items")
            return ()
        if (
            not isinstance(found, list)
            or not 1 <= len(found) <= MOST_ITEMS
            or not all(isinstance(one, str) and 1 <= len(one.strip()) <= ITEM_LONGEST for one in found)
            or len(set(found)) != len(found)
        ):
            self._add(FaultKind.NOT_ITEMS, "inspection.items", least=ITEM_LONGEST, most=MOST_ITEMS)
            return ()
        return tuple(one.strip() for one in found)

    def _table(self, parent: Mapping[str, object], path: str, *, optional: bool = False) -> Mapping[str, object]:
        found = parent.get(path.rpartition(".")[2])
        if isinstance(found, dict):
            return found
        if found is not None:
            self._add(FaultKind.NOT_A_TABLE, path)
        elif not optional:
            self._add(FaultKind.MISSING, path)
        return {}

    def _number(
        self, table: Mapping[str, object], path: str, least: int, most: int, *, usual: int | None = None
    ) -> int:
        found = table.get(path.rpartition(".")[2], usual)
        if found is None:
            if self._stands(path):
                self._add(FaultKind.MISSING, path)
        elif not isinstance(found, int) or isinstance(found, bool):
            self._add(FaultKind.NOT_A_NUMBER, path)
        elif not least <= found <= most:
            self._add(FaultKind.OUT_OF_RANGE, path, least=least, most=most)
        else:
            return found
        return 0

    def _text(self, table: Mapping[str, object], path: str, longest: int) -> str:
        found = table.get(path)
        if found is None:
            self._add(FaultKind.MISSING, path)
        elif not isinstance(found, str) or not 1 <= len(found.strip()) <= longest:
            self._add(FaultKind.NOT_A_TEXT, path, most=longest)
        else:
            return found.strip()
        return ""

    def _stands(self, path: str) -> bool:
        """Whether the table of a key is there: one that is missing is one fault, not one for each of its keys."""
        missing = {fault.name for fault in self.faults if fault.kind in (FaultKind.MISSING, FaultKind.NOT_A_TABLE)}
        return path.rpartition(".")[0] not in missing

    def _known(self, path: str, table: Mapping[str, object], keys: tuple[str, ...] | None = None) -> None:
        for key in table:
            if key not in (_KEYS[path] if keys is None else keys):
                self._add(FaultKind.UNKNOWN, f"{path}.{key}" if path else key)

    def _add(self, kind: FaultKind, name: str, *, least: int = 0, most: int = 0) -> None:
        line = next((self._lines[one] for one in (name, *reversed(_above(name))) if one in self._lines), 1)
        self.faults.append(Fault(line, kind, name, least, most))
