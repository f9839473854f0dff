"""`python -m tests.benchmarks.corpus --out DIR`: make the corpus and say where it is."""

import argparse
import time
from pathlib import Path

from tests.benchmarks.corpus import make_corpus


def main() -> None:
    """Make it, one line for each clip."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.corpus", description="Recordings to encode.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    started = time.monotonic()
    for clip in make_corpus(parser.parse_args().out):
        mbps = clip.recording.stat().st_size * 8e-6 / clip.seconds
        print(f"{clip.name:20} {clip.seconds:5.1f} s  {mbps:5.2f} Mbit/s  {clip.recording}")
    print(f"after {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
