"""What a television imports of the library stays light: the exchange formats and holiday tables stay away from it."""

import subprocess
import sys

HEAVY = ("lxml", "icalendar", "openpyxl", "chinese_calendar", "dateutil", "schedules.exchange", "schedules.programme")
BY_TELEVISION = (
    "schedules.airings schedules.clock schedules.layers schedules.merge schedules.wire.codec tvclient.core.state"
)


def test_a_television_loads_no_exchange_format() -> None:
    code = f"import sys, {', '.join(BY_TELEVISION.split())}; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.strip() == "[]"
