"""`make bench`: run all benchmarks, print a table, write var/bench/results.json."""

import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from tests.benchmarks import evidence, merging
from tests.benchmarks.measure import Result

OUT = Path(__file__).parents[2] / "var" / "bench" / "results.json"
PAIRS = 7


def main() -> int:
    """Run; always 0, because a benchmark is a measurement and no test."""
    results = [*merging.run(PAIRS), *evidence.run(PAIRS)]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2))
    Console().print(_table(results))
    print(f"Every sample is in {OUT}")
    return 0


def _table(results: list[Result]) -> Table:
    table = Table("what", "ratio", "lowest", "highest", "goal", "against")
    for one in results:
        sign = "≤" if one.better == "lower" else "≥"
        mark = "" if one.met else "  missed"
        figures = (f"{one.value:.2f}", f"{min(one.samples):.2f}", f"{max(one.samples):.2f}")
        table.add_row(one.name, *figures, f"{sign} {one.goal:g}{mark}", one.against)
    return table


if __name__ == "__main__":
    sys.exit(main())
