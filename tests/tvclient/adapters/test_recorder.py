"""A recording goes on over a restart, stops when it is full or the disk is, and never touches a file that is none."""

import stat
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.small_disk import fill, small_disk
from tests.tvclient.awaiting import eventually
from tests.tvclient.evening import NOON, ROSTER, village_of
from tvclient.adapters.recorder import Recorder
from tvclient.core import events
from tvclient.core.recording import Beginning, Moment, begun, replay

BEGINNING = Beginning(at=NOON, software="yuanjiao-tv/1")
TICKS = [events.Ticked()] * 50


def record(file: Path, happenings: Iterable[events.Event], limit: int = 10_000_000) -> list[str]:
    """Record a run; why the recording ended before it, if it did."""
    with capture_logs() as said:
        recorder = Recorder(file, BEGINNING, limit)
        for number, event in enumerate(happenings):
            recorder.took(event, NOON + timedelta(seconds=number))
        recorder.close()
    return [line["reason"] for line in said if line["event"] == "recording.ended"]


def read(file: Path) -> list[Moment]:
    return list(replay(file.read_bytes()))


def test_what_was_recorded_is_read_again_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "evening"
    assert record(file, [events.Enrolled(), events.RosterChanged(ROSTER), *TICKS]) == []
    assert [one.event for one in read(file)[1:]] == [events.Enrolled(), events.RosterChanged(ROSTER), *TICKS]
    assert read(file)[-1].at == NOON + timedelta(seconds=51)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_restart_goes_on_behind_what_a_power_cut_left(tmp_path: Path) -> None:
    file = tmp_path / "evening"
    record(file, TICKS)
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    assert record(file, [events.Enrolled()]) == []
    moments = read(file)
    assert [one.event for one in moments] == [None, *TICKS[1:], None, events.Enrolled()]
    assert moments[-2].begins == BEGINNING


def test_a_long_torn_line_is_cut_off_whole(tmp_path: Path) -> None:
    file = tmp_path / "evening"
    record(file, [events.Enrolled(), events.RosterChanged(village_of(400))])
    file.write_bytes(file.read_bytes()[:-9])
    assert record(file, [events.Ticked()]) == []
    assert [one.event for one in read(file)] == [None, events.Enrolled(), None, events.Ticked()]


def test_a_full_recording_says_so_and_stays_within_its_bounds(tmp_path: Path) -> None:
    file = tmp_path / "evening"
    (reason,) = record(file, [events.RosterChanged(village_of(20))] * 50, limit=20_000)
    assert reason == "it is full: 20000 bytes are what a recording may have"
    assert 15_000 < file.stat().st_size <= 20_000
    moments = read(file)
    assert moments[-1].remark == f"The recording stops here: {reason}."
    assert 5 < len(moments) < 50
    kept = file.read_bytes()
    assert record(file, [events.RosterChanged(village_of(20))] * 50, limit=20_000) == [reason]
    assert read(file)[: len(moments)] == moments
    assert kept == file.read_bytes()[: len(kept)]
    assert file.stat().st_size <= 20_000


@pytest.mark.parametrize("there", [b"SQLite format 3\x00", b'{"a": 1}\n', begun(BEGINNING)[:-20], b"\n"])
def test_a_file_that_is_no_recording_is_left_as_it_is(there: bytes, tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(there)
    (reason,) = record(file, TICKS)
    assert "no recording" in reason
    assert file.read_bytes() == there


def test_a_folder_that_is_missing_ends_the_recording_alone(tmp_path: Path) -> None:
    (reason,) = record(tmp_path / "nowhere" / "evening", TICKS)
    assert "No such file" in reason


def test_a_full_disk_ends_the_recording_and_keeps_its_whole_lines(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1024**2) as disk, capture_logs() as said:
        file = disk / "evening"
        recorder = Recorder(file, BEGINNING)
        fill(disk, leave=40_000)
        for _ in range(50):
            recorder.took(events.RosterChanged(village_of(100)), NOON)
        eventually(lambda: any(line["event"] == "recording.ended" for line in said), "the recording ends")
        recorder.took(events.Ticked(), NOON)
        recorder.close()
        moments = read(file)
    assert "No space left" in next(line["reason"] for line in said if line["event"] == "recording.ended")
    assert 1 <= len(moments) < 50
    assert {type(one.event) for one in moments[1:]} <= {events.RosterChanged}
