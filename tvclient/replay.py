"""`python -m tvclient.replay FILE [--until TIME] [--states]`: what a recorded evening showed, line by line.

The evening is stepped again as it was (`core/recording.py`) and told in words (`core/account.py`). Nothing is
played and nothing is asked of any server; one recording and one program always give the same lines.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

from tvclient.core.account import UnclearTime, account, end_of
from tvclient.core.recording import Damaged, Moment, replay


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell a recording.

    Returns:
        The exit status: 0 when it was told to its end, 2 for a file or a time that cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m tvclient.replay", description="What a recorded evening showed.")
    parser.add_argument("file", metavar="FILE", help="written by python -m tvclient --record FILE")
    parser.add_argument(
        "--until", metavar="TIME", help="stop there: 21:30, or 2026-11-23T21:30, by the village's clock"
    )
    parser.add_argument("--states", action="store_true", help="what changed in the state, below each line")
    given = parser.parse_args(arguments)
    try:
        for line in account(_until(replay(Path(given.file).read_bytes()), given.until), states=given.states):
            print(line)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read the lines has seen enough
        return 0
    except OSError as error:
        print(f"{given.file}: {error.strerror or error}.", file=sys.stderr)
        return 2
    except Damaged as error:
        print(f"{given.file}: {error}", file=sys.stderr)
        return 2
    except UnclearTime as error:
        print(f"--until {error}", file=sys.stderr)
        return 2
    return 0


def _until(moments: Iterator[Moment], text: str | None) -> Iterable[Moment]:
    if text is None:
        return moments
    first = next(moments)
    end = end_of(text, first.at)
    return chain([first], _before(moments, end))


def _before(moments: Iterator[Moment], end: datetime) -> Iterator[Moment]:
    for moment in moments:
        if moment.at > end:
            return
        yield moment


if __name__ == "__main__":
    sys.exit(main())
