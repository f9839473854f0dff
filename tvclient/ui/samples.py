"""Sample evenings for the gallery and the tests: one State for each thing a screen can say. Invented people only."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from PIL import Image, ImageDraw

from schedules.airings import Airing, AiringId, LessonCard, LessonId, PackageName, Rank, SlotId
from schedules.wire.messages import (
    Alert,
    AlertKind,
    PackageReport,
    PackageState,
    Roster,
    RosterMember,
    Severity,
    StationCard,
)
from tvclient.core.geometry import Direction, FocusId
from tvclient.core.state import (
    Enrolment,
    EnrolmentPhase,
    Language,
    NumberEntry,
    NumberVerdict,
    Playback,
    PlayPhase,
    Screen,
    State,
)

EVENING = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
BACKDROP = PackageName("backdrop")
POSITION_MS = 120_000

_LESSONS = {
    Language.ZH: (
        ("测土配方施肥", "看懂化验单", 3),
        ("滩羊冬季补饲", "羊舍保温三件事", 1),
        ("手机防诈骗三招", "不点、不信、不转", 2),
        ("枸杞冬季修剪", "先看树形再下剪", 1),
    ),
    Language.EN: (
        ("Fertilising by soil test", "Reading the laboratory slip", 3),
        ("Feeding sheep through winter", "Three things about a warm shed", 1),
        ("Three ways against phone fraud", "Do not tap, trust or transfer", 2),
        ("Pruning goji bushes in winter", "Look at the shape first", 1),
    ),
}
_NAMES = ("王桂芳", "马玉兰", "李强", "杨晓东", "丁学军", "欧阳春梅")
_STATIONS = {
    Language.ZH: StationCard(id="s", name="马场村站点", place="一楼活动室"),
    Language.EN: StationCard(id="s", name="Machang village", place="ground-floor hall"),
}
_ALERTS = {
    Language.ZH: (
        "石嘴山市气象台",
        ("冰雹红色预警", "19:50 到 21:30，马场村一带有冰雹，最大的有鸡蛋那么大。"),
        ("马上进屋，关好门窗", "牛羊赶进圈", "别在树下和大棚里躲"),
        ("黄河平罗段洪水橙色预警请沿河村庄做好转移准备",
         "受上游连续强降雨影响，预计今晚二十二点到明天清晨六点，黄河平罗段水位将超过警戒水位一点二米，"
         "沿河低洼地段、滩地大棚和养殖场有被淹的危险，各村干部请立即逐户通知。请互相转告。"),
        ("老人小孩先走，转移到村委会和学校等高处", "拉下电闸，关好煤气，带上身份证和常用的药",
         "走不动的打村里值班电话，等人来接，不要下水"),
    ),
    Language.EN: (
        "Shizuishan weather office",
        ("Red hail warning", "From 19:50 to 21:30 hail around Machang, the largest as big as an egg."),
        ("Go indoors now and shut the windows", "Bring the sheep into the fold", "Do not shelter under trees"),
        ("Orange flood warning for the Yellow River",
         "Heavy rain upstream: from ten tonight until six in the morning the river at Pingluo will stand more than a "
         "metre above its warning mark. Low ground, greenhouses and barns there may be flooded."),
        ("Old people and children first, to the school on high ground", "Switch off power and gas, take papers along",
         "Whoever cannot walk calls the village office and waits"),
    ),
}  # fmt: skip
_CAPTION = {0: "化验单上先看氮、磷、钾三样，\n缺哪样补哪样，不缺的不多施。"}
_SKIES = {"one": ("#46606a", "#e8b45a", "#5a3a22"), "two": ("#1c2c44", "#3a5a78", "#2e5a2c")}


def caption_at(position_ms: int) -> str:
    """One caption, always."""
    return _CAPTION[0] if position_ms else ""


def states(language: Language) -> dict[str, State]:
    """A State for each thing that a screen can say, by name."""
    airings = tuple(_airing(language, place) for place in range(4))
    roster = Roster(
        version="1",
        members=tuple(RosterMember(id=str(i), name=_NAMES[i % 6], number=f"{427 + i:04d}") for i in range(31)),
    )
    packages = {
        airings[0].package: PackageReport(state=PackageState.STORED, stored_bytes=10, wanted_bytes=10),
        airings[1].package: PackageReport(state=PackageState.STORED, stored_bytes=10, wanted_bytes=10),
        airings[2].package: PackageReport(state=PackageState.FETCHING, stored_bytes=7, wanted_bytes=10),
    }
    quiet = State(
        now=EVENING - timedelta(seconds=278),
        enrolment=Enrolment(EnrolmentPhase.ENROLLED),
        language=language,
        online=True,
        station=_STATIONS[language],
        timetable=airings,
        packages=packages,
        roster=roster,
        signed_in={airings[0].id: frozenset(str(i) for i in range(6))},
    )
    playing = replace(
        quiet,
        now=EVENING + timedelta(minutes=2),
        playback=Playback(airings[0], PlayPhase.PLAYING, position_ms=POSITION_MS),
        signed_in={airings[0].id: frozenset(str(i) for i in range(23))},
    )
    typing = replace(playing, over_home=(Screen.SIGN_IN,), sign_in_for=airings[0].id)
    member = roster.members[0]
    today = replace(playing, over_home=(Screen.TODAY,), now=EVENING + timedelta(minutes=12))
    after = replace(
        playing,
        now=airings[0].end + timedelta(seconds=20),
        playback=Playback(airings[0], PlayPhase.ENDED, position_ms=2_400_000),
    )
    hail, flood = _alerts(language, playing.now)
    warned = replace(
        playing,
        playback=None,
        alerts=(hail,),
        alert_shown=hail.id,
        alert_since=playing.now,
        alert_said=1,
        speaking=True,
    )
    offered = Enrolment(EnrolmentPhase.OFFERED, "7K4M-92QP", "https://yuanjiao.example/claim/7K4M92QP")
    nobody = NumberEntry("999", NumberVerdict.NOBODY)
    return {
        "enrolment": State(now=EVENING, language=language, enrolment=offered),
        "enrolment-reaching": State(now=EVENING, language=language),
        "countdown": quiet,
        "broadcast": playing,
        "broadcast-controls": replace(playing, revealed_until=playing.now + timedelta(seconds=4), online=False),
        "broadcast-opening": replace(playing, playback=Playback(airings[0], PlayPhase.CUEING)),
        "broadcast-fetching": replace(playing, playback=None, packages={}),
        "broadcast-failed": replace(
            playing, playback=Playback(airings[0], PlayPhase.FAILED, failure="player_failed", failures=1)
        ),
        "today": today,
        "today-offline": replace(today, online=False),
        "today-side": replace(
            today,
            focus={Screen.TODAY: FocusId(f"airing.{airings[1].id}")},
            blocked=(Direction.RIGHT, 1),
        ),
        "today-empty": replace(today, timetable=(), playback=None, over_home=()),
        "sign-in-empty": typing,
        "sign-in-found": replace(
            typing,
            number=NumberEntry("0427", NumberVerdict.FOUND, member),
            focus={Screen.SIGN_IN: FocusId("confirm")},
        ),
        "sign-in-nobody": replace(typing, number=nobody),
        "sign-in-done": replace(typing, number=NumberEntry(done=member), focus={Screen.SIGN_IN: FocusId("digit.5")}),
        "sign-in-already": replace(
            typing, number=NumberEntry("0427", NumberVerdict.ALREADY, member), focus={Screen.SIGN_IN: FocusId("again")}
        ),
        "after": after,
        "alert": warned,
        "alert-long": replace(warned, alerts=(hail, flood), simple=False, now=flood.sent, speaking=False),
        "alert-quiet": replace(warned, timetable=(), speaking=False),
        "alert-brief": replace(
            warned, alerts=(_brief(hail, AlertKind.COLD),), speaking=False, blocked=(Direction.LEFT, 1)
        ),
    }


def _alerts(language: Language, now: datetime) -> tuple[Alert, Alert]:
    """A usual one, and one whose every word is as long as it may be."""
    sender, usual, steps, longest, long_steps = _ALERTS[language]
    hail = Alert(
        id="hail",
        sent=now - timedelta(minutes=4),
        effective=now - timedelta(minutes=4),
        expires=now + timedelta(hours=2),
        headline=usual[0],
        description=usual[1],
        instructions=steps,
        sender=sender,
        severity=Severity.SEVERE,
        kind=AlertKind.HAIL,
        language=language.value.partition("_")[0],
    )
    flood = msgspec.structs.replace(
        hail,
        id="flood",
        sent=now + timedelta(minutes=1),
        headline=longest[0],
        description=longest[1],
        instructions=long_steps,
        severity=Severity.EXTREME,
        kind=AlertKind.FLOOD,
    )
    return hail, flood


def _brief(alert: Alert, kind: AlertKind) -> Alert:
    """The same in few words, about something else."""
    return msgspec.structs.replace(alert, kind=kind, instructions=alert.instructions[:1], description="")


def _airing(language: Language, place: int) -> Airing:
    course, title, number = _LESSONS[language][place]
    return Airing(
        id=AiringId(f"a{place}"),
        slot=SlotId(f"s{place}"),
        start=EVENING + timedelta(minutes=50 * place),
        duration_ms=40 * 60_000,
        rank=Rank.REGULAR,
        lesson=LessonCard(id=LessonId(f"l{place}"), title=title, course=course, number=number),
        package=PackageName(("one", "two", "three", "four")[place]),
    )


def posters(folder: Path) -> Callable[[PackageName], Path | None]:
    """Two painted posters and a backdrop; the other packages have none."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.png" for name in (*_SKIES, BACKDROP)}
    for name, path in files.items():
        _painted(*_SKIES.get(name, ("#2b2a24", "#4a4436", "#15120e"))).save(path)
    return files.get


def _painted(sky: str, horizon: str, ground: str) -> Image.Image:
    width, height = 1280, 720
    gradient = Image.linear_gradient("L").resize((width, height))
    picture = Image.composite(
        Image.new("RGB", (width, height), horizon), Image.new("RGB", (width, height), sky), gradient
    )
    draw = ImageDraw.Draw(picture)
    draw.ellipse((560, 180, 760, 380), fill="#fff0c8")
    draw.polygon([(0, 380), (260, 300), (520, 370), (860, 270), (1280, 390), (1280, 720), (0, 720)], fill=ground)
    for furrow in range(9):
        draw.line((640 + (furrow - 4) * 40, 400, 640 + (furrow - 4) * 360, 720), fill=sky, width=6)
    return picture
