"""`python -m tests.demo.samples --out DIR`: make the three sample recordings and say where they are."""

import argparse
import time
from pathlib import Path

from tests.demo.samples import Sample, make_samples


def main() -> None:
    """Make them, one line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo.samples", description="Three sample recordings.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    started = time.monotonic()

    def say(sample: Sample) -> None:
        spent = time.monotonic() - started
        print(
            f"{sample.lesson_title}  {sample.duration_s:.0f} s  {sample.recording}  (after {spent:.0f} s)", flush=True
        )

    make_samples(parser.parse_args().out, say)


if __name__ == "__main__":
    main()
