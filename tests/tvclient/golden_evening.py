"""One evening of a village, recorded, and what its replay tells: the golden files of the television's rules.

    python -m tests.tvclient.golden_evening

writes both anew from today's rules. Do so only when a rule was meant to change, and read the difference: it is what
changes in an evening. `test_replay.py` holds the kept recording, replayed, against the kept account.
"""

from datetime import timedelta
from pathlib import Path

from schedules.wire.messages import StationCard
from tests.tvclient.evening import LI, MA, NOON, ROSTER, WANG, Television, airing, stored
from tvclient.core import events
from tvclient.core.account import account
from tvclient.core.events import Key
from tvclient.core.recording import replay
from tvclient.core.tracks import TrackName

FOLDER = Path(__file__).parents[1] / "golden" / "evening"
RECORDING, ACCOUNT = FOLDER / "recording.jsonl", FOLDER / "account.txt"
STEP = timedelta(milliseconds=500)
FIRST = airing(start=NOON, seconds=40, slot="first")
SECOND = airing(start=NOON + timedelta(minutes=20), seconds=40, package="sha256-b", slot="second")


def evening() -> Television:
    """From an empty box to the page after the lesson, as people would go through it."""
    tv = Television(NOON - timedelta(minutes=6), enrolled=False)
    tv.take(events.ServerUnreachable())
    tv.take(events.ClaimOffered("7K4M-92QP", "http://x/claim"))
    tv.take(events.Enrolled())
    tv.take(events.StationChanged(StationCard(id="s", name="马场村站点")))
    tv.take(events.LinkChanged(True))
    tv.take(events.RosterChanged(ROSTER))
    tv.take(events.TimetableChanged((FIRST, SECOND)))
    tv.take(stored(FIRST, SECOND))
    tv.run(NOON - timedelta(seconds=30), timedelta(seconds=10))
    tv.type(WANG.number)
    tv.press(Key.OK, Key.BACK, Key.BACK)
    tv.run(NOON + timedelta(seconds=1), STEP)
    tv.take(events.LessonOpened(FIRST.id, (TrackName("zh", "普通话"),), (TrackName("zh", "中文"),)))
    tv.press(Key.OK)
    tv.run(NOON + timedelta(seconds=8), STEP)
    tv.press(Key.GREEN, Key.RIGHT, Key.OK, Key.OK)
    tv.run(NOON + timedelta(seconds=12), STEP)
    tv.press(Key.BACK, Key.BACK)
    tv.type(MA.number)
    tv.press(Key.OK)
    tv.type(LI.number)
    tv.press(Key.OK, Key.BACK)
    tv.run(NOON + timedelta(seconds=42), STEP)
    tv.press(Key.OK, Key.OK, Key.RIGHT, Key.OK, Key.DOWN, Key.RIGHT, Key.OK, Key.DOWN, Key.DOWN, Key.OK)
    tv.run(NOON + timedelta(seconds=60), STEP)
    tv.press(Key.RIGHT)
    tv.run(SECOND.start - timedelta(minutes=4), timedelta(minutes=1))
    return tv


def told(recording: bytes) -> str:
    """The account of a recording, as the replay prints it."""
    return "".join(f"{line}\n" for line in account(replay(recording)))


def main() -> None:
    """Write both golden files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    recording = evening().recording
    RECORDING.write_bytes(recording)
    ACCOUNT.write_text(told(recording), encoding="utf-8")


if __name__ == "__main__":
    main()
