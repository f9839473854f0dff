"""A county office in small: the real application on a real port, real words, one real package, and a real browser."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy import select

from contentserver import figures, stations
from contentserver.app import Services
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.courses import service as courses
from contentserver.kernel.auth import Person, Role
from contentserver.members import Member, add_member
from contentserver.stations import Station
from media_pipeline.captions import CaptionInput
from media_pipeline.encode import program
from media_pipeline.transcode import Package, transcode
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import (
    AiringEnded,
    AiringStarted,
    EventBatch,
    EventBody,
    EventRecord,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
)
from schedules.wire.topics import BoxId
from tests.serving import PASSWORD, hire, import_regions, served, services_in

COUNTY, TOWNSHIP, VILLAGE = "640221", "640221203", "640221203205"
STAFF = {
    "li": ("李敏", Role.SCHEDULER, COUNTY),
    "ma": ("马晓峰", Role.REVIEWER, "6402"),
    "wang": ("王立新", Role.COUNTY_STAFF, COUNTY),
    "zhao": ("赵站长", Role.STATION_ADMIN, VILLAGE),
    "chen": ("陈外县", Role.SYSTEM_ADMIN, "640202"),
    "gao": ("高总管", Role.SYSTEM_ADMIN, ""),
}
SHOWN_AT = datetime(2026, 10, 12, 11, 30, tzinfo=UTC)
"""Half past seven in the evening of Monday, 12 October 2026, in Ningxia."""


@dataclass(slots=True)
class Office:
    """The running server and the ids that tests need."""

    url: str
    services: Services
    lesson: str
    waiting_lesson: str
    course: str
    station: str
    session: str

    def lesson_states(self) -> list[str]:
        """The states of all lessons."""
        with self.services.database.reader() as session:
            return list(session.scalars(select(Lesson.state)))


@dataclass(slots=True)
class Watched:
    """A page, and what a browser complained of while it was shown."""

    page: Page
    office: Office
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a path; gives back the status."""
        answer = self.page.goto(self.office.url + path)
        assert answer is not None
        return answer.status

    def sign_in(self, username: str) -> None:
        """Sign in by the form."""
        self.go("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(self.office.url + "/")


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Package]:
    """A short lesson's package and the folder it lies in: two sounds, two captions, two chapters, a silence."""
    folder, source = tmp_path_factory.mktemp("packages"), tmp_path_factory.mktemp("lesson")
    captions = []
    for tag, text in (("zh", "缺哪样补哪样"), ("en", "What is missing is added")):
        file = source / f"{tag}.vtt"
        file.write_text(f"WEBVTT\n\n00:00.000 --> 00:13.000\n{text}\n", encoding="utf-8")
        captions.append(CaptionInput(file, tag))
    return folder, transcode(_two_tongues(source), folder, captions)


def _two_tongues(folder: Path) -> Path:
    """Fourteen seconds of picture; Mandarin falls silent from the sixth to the tenth, Xiang is another tone."""
    marks = ((0, 11000, "取土样"), (11000, 14000, "看懂化验单"))
    chapters = [f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={name}" for start, end, name in marks]
    (folder / "chapters").write_text("\n".join([";FFMETADATA1", *chapters]), encoding="utf-8")
    loud = "not(between(t\\,6\\,10))"
    first = f"aevalsrc=0.2*sin(330*2*PI*t)*{loud}|0.1*sin(440*2*PI*t)*{loud}:d=14"
    argv = [program(), "-y", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=14"]
    for sound in (first, "sine=880:d=14"):
        argv += ["-f", "lavfi", "-i", sound]
    argv += ["-i", str(folder / "chapters"), "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map_chapters", "3"]
    argv += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    argv += ["-metadata:s:a:0", "language=chi", "-metadata:s:a:1", "language=hsn", str(folder / "lesson.mp4")]
    subprocess.run(argv, check=True, timeout=120, stdin=subprocess.DEVNULL)
    return folder / "lesson.mp4"


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, package: tuple[Path, Package]) -> Iterator[Office]:
    """The application with two courses' worth of words, on a free port."""
    services = services_in(tmp_path_factory.mktemp("office"))
    (services.store.folder / package[1].name).symlink_to(package[1].path)
    found = _furnish(services, package[1])
    with served(services) as found.url:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en-US"],
        )
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile at the size of an office's screen."""
    made = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US", timezone_id="Asia/Shanghai")
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def watched(context: BrowserContext, office: Office) -> Iterator[Watched]:
    """A page that fails its test when it breaks the content policy, throws, or asks anybody but the server."""
    found = Watched(context.new_page(), office)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            found.complaints.append(message.text)

    found.page.on("console", hear)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on(
        "request",
        lambda asked: (
            None
            if re.match(rf"(data|blob):|{re.escape(office.url)}/", asked.url)
            else found.complaints.append(f"outside: {asked.url}")
        ),
    )
    yield found
    assert found.complaints == []


def _furnish(services: Services, package: Package) -> Office:
    now = datetime.now(UTC)
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, COUNTY)
        people = hire(session, STAFF, now)
        course = courses.add_course(
            session,
            title="测土配方施肥",
            subject="种植",
            audience="农户",
            region_code=COUNTY,
            who=people["li"],
            now=now,
        )
        lessons = [_lesson(services, course, title, package, people["li"]) for title in ("看懂化验单", "滩羊冬季补饲")]
        for lesson in lessons:
            session.add(lesson)
            session.flush()
        courses.approve(session, lesson=lessons[0], who=people["ma"], signer=services.signer, now=now)
        station = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
        shown = _show(station, now)
        session.add(shown[0])
        session.flush()
        for number, name in enumerate(("马建国", "王小芳", "杨秀英", "李伟")):
            add_member(session, station.id, name, f"{101 + number}")
        members = session.scalars(select(Member).where(Member.station_id == station.id).order_by(Member.number)).all()
        take_in(session, shown[0], _batch(shown[0], members, lessons[0], shown[1]), now)
        figures.refresh(session)
        return Office(
            url="",
            services=services,
            lesson=str(lessons[0].id),
            waiting_lesson=str(lessons[1].id),
            course=str(course.id),
            station=str(station.id),
            session=f"{shown[1]}/{station.id}",
        )


def _lesson(services: Services, course: Course, title: str, package: Package, who: Person) -> Lesson:
    number = 1 if title == "看懂化验单" else 2
    return Lesson(
        course_id=course.id,
        number=number,
        title=title,
        state=LessonState.IN_REVIEW,
        uploader_id=who.id,
        created_at=datetime.now(UTC),
        package_name=package.name,
        duration_ms=40 * 60_000,
        package_bytes=services.store.size(package.name),
    )


def _show(station: Station, now: datetime) -> tuple[Box, AiringId]:
    box = Box(
        station_id=station.id, public_key="key", http_token_hash="hash", enrolled_at=now, online=True, seen_at=now
    )
    return box, AiringId("5b4c1a3e-0000-5000-8000-000000000001")


def _batch(box: Box, members: Sequence[Member], lesson: Lesson, airing: AiringId) -> EventBatch:
    """Forty minutes shown whole, two seconds late; three of four signed in."""
    card = LessonCard(id=LessonId(str(lesson.id)), title=lesson.title, course="测土配方施肥")
    name, length = PackageName(lesson.package_name or ""), 40 * 60_000
    bodies: list[tuple[int, EventBody]] = [
        (
            2,
            AiringStarted(
                airing=airing, planned_start=SHOWN_AT, duration_ms=length, lesson=card, package=name, late_ms=2000
            ),
        )
    ]
    for member in members[:3]:
        bodies.append((60, SignedIn(airing=airing, lesson=card, member=str(member.id), method=SignInMethod.NUMBER)))
    span = PlaybackSpan(airing=airing, lesson=card, package=name, from_ms=0, to_ms=length, started_at=SHOWN_AT)
    bodies += [(2400, span), (2401, AiringEnded(airing=airing, complete=True))]
    return EventBatch(
        box=BoxId(box.id),
        epoch="first",
        events=tuple(
            EventRecord(
                sequence=number,
                at=SHOWN_AT + timedelta(seconds=second),
                uncertainty_ms=10,
                body=msgspec.Raw(msgspec.json.encode(body)),
            )
            for number, (second, body) in enumerate(bodies, start=1)
        ),
    )
