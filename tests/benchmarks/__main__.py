"""`make bench`: run all benchmarks, or the named groups; print a table, write var/bench/results.json."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    books,
    delivering,
    documents,
    encoding,
    endurance,
    evidence,
    faults,
    figures,
    filling,
    finding,
    growing,
    judging,
    keeping,
    memory,
    merging,
    planning,
    reporting,
    rows,
    serving,
    storms,
    television,
    timing,
    working,
)
from tests.benchmarks.measure import Result

OUT = Path(__file__).parents[2] / "var" / "bench" / "results.json"
PAIRS = 7
ENCODING_PAIRS = 1
"""Of each of the four recordings: one takes minutes."""

FAULT_RUNS = 200

GROUPS: dict[str, Callable[[], list[Result]]] = {
    "merging": lambda: merging.run(PAIRS),
    "planning": lambda: planning.run(PAIRS),
    "figures": lambda: figures.run(figures.SIZES),
    "reporting": lambda: reporting.run(100),
    "books": lambda: books.run(40),
    "documents": lambda: documents.run(40),
    "delivering": lambda: [line for boxes in delivering.GOALS for line in delivering.run(boxes, PAIRS)],
    "faults": lambda: faults.run(FAULT_RUNS),
    "judging": lambda: judging.run(20),
    "filling": lambda: filling.run(3),
    "finding": lambda: finding.run(3),
    "serving": lambda: serving.run(3 * PAIRS),
    "working": working.run,
    "keeping": keeping.run,
    "growing": growing.run,
    "rows": rows.run,
    "memory": memory.run,
    "television": television.run,
    "endurance": endurance.run,
    "storms": storms.run,
    "timing": timing.run,
    "evidence": lambda: evidence.run(PAIRS),
    "encoding": lambda: encoding.run(ENCODING_PAIRS, OUT.with_name("encoding.json")),
}


def main() -> int:
    """Run; always 0, because a benchmark is a measurement and no test."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Ratios, side by side in one run.")
    parser.add_argument("group", nargs="*", help=f"any of {', '.join(GROUPS)}; all where none is named")
    parser.add_argument("--events", type=int, nargs="+", metavar="N", help="sizes of the group figures")
    given = parser.parse_args()
    named = given.group
    if unknown := set(named) - set(GROUPS):
        parser.error(f"there is no group {', '.join(sorted(unknown))}")
    if given.events:
        GROUPS["figures"] = lambda: figures.run(given.events)
    results = [line for name in named or GROUPS for line in GROUPS[name]()]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2))
    Console().print(_table(results))
    print(f"Every sample is in {OUT.parent}")
    return 0


def _table(results: list[Result]) -> Table:
    table = Table("what", "ratio or figure", "lowest", "highest", "goal", "against")
    for one in results:
        sign = "≤" if one.better == "lower" else "≥"
        mark = "" if one.met else "  missed"
        figures = tuple(f"{number:.3g}" for number in (one.value, min(one.samples), max(one.samples)))
        goal = "" if one.goal is None else f"{sign} {one.goal:g}{mark}"
        table.add_row(one.name, *figures, goal, one.against)
    return table


if __name__ == "__main__":
    sys.exit(main())
