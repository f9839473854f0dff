"""What the county sees: small pictures that are the screen's, a log without secrets; and a remembered volume."""

import io
import random
from pathlib import Path

import structlog
from PIL import Image

from tvclient.adapters.loudness import Loudness
from tvclient.adapters.recent_log import KEPT, RecentLog
from tvclient.adapters.showing import MOST_BYTES, WIDTH, pictured


def test_a_picture_is_small_however_much_there_is_on_it() -> None:
    noise = Image.frombytes("RGB", (1920, 1080), random.Random(3).randbytes(1920 * 1080 * 3))
    calm = Image.new("RGB", (1920, 1080), (30, 120, 60))
    for picture in (noise, calm):
        data = pictured(picture)
        assert len(data) <= MOST_BYTES
        shown = Image.open(io.BytesIO(data))
        assert shown.width <= WIDTH
        assert abs(shown.width / shown.height - 16 / 9) < 0.02
    assert pictured(calm) == pictured(calm.copy())
    red, green, blue = Image.open(io.BytesIO(pictured(calm))).getpixel((10, 10))  # type: ignore[misc]
    assert green > red
    assert green > blue


def test_the_log_keeps_its_last_lines_and_no_code() -> None:
    recent = RecentLog()
    log = structlog.wrap_logger(
        structlog.PrintLogger(io.StringIO()), processors=[recent, structlog.processors.JSONRenderer()]
    )
    log.info("enrolment.offered", claim_code="7K4M-92QP", at=Path("/x"))
    assert "7K4M" not in recent.last(5)
    for number in range(KEPT + 10):
        log.info("line.turn", number=number)
    assert recent.last(2).splitlines() == [
        f'{{"number":{KEPT + 8},"event":"line.turn"}}',
        f'{{"number":{KEPT + 9},"event":"line.turn"}}',
    ]
    assert len(recent.last(10**9).splitlines()) == KEPT


def test_the_volume_is_remembered(tmp_path: Path) -> None:
    assert Loudness(tmp_path / "volume").percent() is None
    Loudness(tmp_path / "volume").keep(40)
    assert Loudness(tmp_path / "volume").percent() == 40
    for damage in ("loud", "400", ""):
        (tmp_path / "volume").write_text(damage)
        assert Loudness(tmp_path / "volume").percent() is None
