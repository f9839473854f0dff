"""The demonstration without a person: real keys on the television, then the county's report must tell the truth.

Exits 0 only when the report page, fetched over HTTP, shows the session with its three sign-ins and the seconds
that were really played. Leaves pictures of the television and of the report in var/demo.
"""

import re
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from tests.demo import exchange, office, story, township
from tests.demo.desk import Desk
from tests.demo.people import COUNTY, PASSWORD, SIGNING_IN, STAFF
from tests.demo.stack import ROOT, NotReady, Stack, fresh, wait_until
from tests.demo.story import Evening, StoryBroken

AHEAD = timedelta(seconds=30)
PICTURES = ROOT / "var" / "demo"
SHOWN_AT_LEAST = 0.95
LOOK_AGAIN_S = 27
"""Into the first lesson: by then a chart is on the screen."""
CHROMIUM = "/usr/bin/chromium"


@dataclass(frozen=True, slots=True)
class ReportedSession:
    """A row of the report: people signed in, members expected, seconds shown, seconds planned."""

    present: int
    expected: int
    shown_s: float
    planned_s: float


def run(samples_folder: Path, folder: Path = ROOT / "var" / "demo-check", lessons: int = 3) -> int:
    """Play the whole story on free ports in a fresh folder.

    Args:
        samples_folder: where the sample recordings are kept.
        folder: of the system; emptied first.
        lessons: how many of the samples are prepared, from the first on.

    Raises:
        StoryBroken: the report does not show what happened.
    """
    began = time.monotonic()
    PICTURES.mkdir(parents=True, exist_ok=True)
    samples = story.make_recordings(samples_folder, print)[:lessons]
    with Stack(fresh(folder)) as stack:
        _say(began, "The system is up; regions, stations, accounts, members")
        story.furnish(stack)
        stack.start_television()
        _say(began, f"The television enrolled with the code {story.enrol_television(stack)}")
        evening = story.plan_evening(stack, story.prepare_lessons(stack, samples), AHEAD)
        _say(began, "Published; waiting for the lesson")
        watch(stack, evening)
        found = read_report(stack, evening)
        photograph_report(stack)
        _say(began, "A quiz, a notice, prices, an offer, a question by phone with its answer")
        exchange.furnish(stack, evening.lessons[0])
        _say(began, "A project, an article, a message")
        office.furnish(stack, evening.lessons[0])
        _say(began, "通伏乡: branches and people, a work book, documents, a forum")
        township.furnish(stack)
    _say(began, f"The report shows {found}")
    judge(found, evening)
    _say(began, f"Pictures are in {PICTURES}")
    return 0


def watch(stack: Stack, evening: Evening) -> None:
    """Sit before the television: look at the countdown, sign three people in during the lesson, wait for the end."""
    sleep_until(evening.start - timedelta(seconds=6))
    photograph(stack, "tv-countdown")
    sleep_until(evening.start + timedelta(seconds=5))
    photograph(stack, "tv-playing")
    press(stack, "F2")
    photograph(stack, "tv-names")
    for number in SIGNING_IN:
        for digit in number:
            press(stack, digit)
        if number == SIGNING_IN[0]:
            photograph(stack, "tv-sign-in")
        press(stack, "Return")
        press(stack, "Escape")
    press(stack, "Escape")
    sleep_until(evening.start + timedelta(seconds=LOOK_AGAIN_S))
    photograph(stack, "tv-signed-in")
    sleep_until(evening.end + timedelta(seconds=2))
    photograph(stack, "tv-after")


def press(stack: Stack, key: str) -> None:
    """A real key press in the television's window, through the X server."""
    subprocess.run(["xdotool", "key", key], env={"DISPLAY": stack.screen.display, "PATH": "/usr/bin"}, check=True)
    time.sleep(0.25)  # as fast as a person presses


def photograph(stack: Stack, name: str) -> Path:
    """The television's own framebuffer as a PNG."""
    answer = httpx.get(f"http://127.0.0.1:{stack.ports.mirror}/frame.png", timeout=10)
    answer.raise_for_status()
    file = PICTURES / f"{name}.png"
    file.write_bytes(answer.content)
    return file


def read_report(stack: Stack, evening: Evening) -> ReportedSession:
    """The county report over HTTP, once the lesson's session has arrived whole.

    Raises:
        StoryBroken: it did not within half a minute.
    """
    found: ReportedSession | None = None

    def arrived() -> bool:
        nonlocal found
        found = _session_in(desk.page(f"/reports/attendance?region={COUNTY}"), evening.lessons[0].title)
        return found is not None and found.shown_s >= found.planned_s * SHOWN_AT_LEAST

    with Desk(stack.url, STAFF) as desk:
        try:
            wait_until(arrived, "the report", 30, poll_s=1.0)
        except NotReady as error:
            raise StoryBroken(f"The report does not show the session as it was: {found}") from error
    if found is None:
        raise StoryBroken("The report does not show the session.")
    return found


def _session_in(page: str, lesson: str) -> ReportedSession | None:
    """Read the session's row by its data attributes, which carry exactly what the row's cells show rounded."""
    row = re.search(rf"<tr data-airing=([^>]*)>(?:(?!</tr>).)*{re.escape(lesson)}", page, re.DOTALL)
    numbers = dict(re.findall(r'data-([a-z-]+)="(\d+)"', row[1])) if row else {}
    if not numbers:
        return None
    return ReportedSession(
        present=int(numbers["present"]),
        expected=int(numbers["expected"]),
        shown_s=int(numbers["shown-ms"]) / 1000,
        planned_s=int(numbers["planned-ms"]) / 1000,
    )


def judge(found: ReportedSession, evening: Evening) -> None:
    """Raise StoryBroken unless the report tells what happened."""
    length = evening.lessons[0].duration.total_seconds()
    if found.present != len(SIGNING_IN):
        raise StoryBroken(f"{len(SIGNING_IN)} people signed in, the report shows {found.present}.")
    if not SHOWN_AT_LEAST * length <= found.shown_s <= length + 1:
        raise StoryBroken(f"The lesson has {length:.0f} s, the report shows {found.shown_s:.1f} s.")


def photograph_report(stack: Stack) -> None:
    """The report page in a real browser, as county staff see it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1366, "height": 768}, color_scheme="dark", locale="zh-CN")
        page.goto(f"{stack.url}/sign-in")
        page.fill("[name=username]", STAFF.username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.goto(f"{stack.url}/reports/attendance?region={COUNTY}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(PICTURES / "web-report.png"), full_page=True)
        browser.close()


def sleep_until(instant: datetime) -> None:
    """Wait for an instant; one that is past is not waited for."""
    time.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


def _say(began: float, words: str) -> None:
    print(f"[{time.monotonic() - began:5.0f} s] {words}", flush=True)
