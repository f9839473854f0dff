"""Sample evenings for the gallery and the tests: one State for each thing a screen can say. Invented people only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

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
from tvclient.core.catalogue import course_key
from tvclient.core.gaps import Gap
from tvclient.core.geometry import Direction, FocusId
from tvclient.core.screens import PRIVATE
from tvclient.core.shelves import CourseView
from tvclient.core.state import (
    Chosen,
    Enrolment,
    EnrolmentPhase,
    HeadCount,
    Help,
    Language,
    NameList,
    NumberEntry,
    NumberVerdict,
    Playback,
    PlayPhase,
    Screen,
    State,
    Stick,
    StickPhase,
    StoredLesson,
)
from tvclient.core.tracks import TrackName, Tracks
from tvclient.core.watching import SEEN
from tvclient.ui.asking_samples import asking
from tvclient.ui.document_samples import sent
from tvclient.ui.market_samples import of_market
from tvclient.ui.notice_samples import told
from tvclient.ui.place_samples import places
from tvclient.ui.quiz_samples import quizzes
from tvclient.ui.sample_posters import paint
from tvclient.ui.settings_samples import of_settings

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
_ROLL = (
    "马建国 马秀英 马德福 马志强 马玉兰 马晓东 马金花 马永红 马成林 马小燕 马学军 马桂香 马义 马玉兰 王桂芳 王强 "
    "李强 李秀莲 杨晓东 张翠花 丁学军 赵永刚 吴生财 田玉梅 周文 欧阳春梅 古丽 哈建军 沙志明 陈淑芬 纳伟"
)
_NAMES = tuple(_ROLL.split())
_STATIONS = {
    Language.ZH: StationCard(id="s", name="马场村站点", place="一楼活动室"),
    Language.EN: StationCard(id="s", name="Machang village", place="ground-floor hall"),
}
_ENDED = {
    Language.ZH: "这台机顶盒已由 23 号机顶盒接替，请把它交回县里。",
    Language.EN: "Box 23 stands in its place now. Please hand this one back to the county.",
}
_HELPERS = {Language.ZH: "李敏", Language.EN: "Li Min"}
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
_SUBJECTS = {
    Language.ZH: ("种植", "养殖", "生活", "健康"),
    Language.EN: ("Crops", "Livestock", "Daily life", "Health"),
}
_SUBJECT_OF = (0, 1, 2, 0)
"""Of each course of `_LESSONS`."""
_SCENES = ("one", "two", "three", "four")
_SINGLE = (
    ("ladybird", 0, "瓢虫是帮手", "Ladybirds help"),
    ("terraces", 0, "水稻育秧", "Raising rice seedlings"),
    ("unpainted", 0, "麦田越冬管理", "Wheat through winter"),
    ("market", 2, "手机卖山货", "Selling by phone"),
    ("bulb", 2, "冬季安全用电", "Safe power in winter"),
    ("bowl", 3, "少盐过冬", "Less salt this winter"),
)
"""Lessons that belong to no course: package, subject, title in both languages."""
_SUMMARY = {
    Language.ZH: "化验单怎么看，缺什么补什么；讲一块地从取土样到下种的全过程，最后算一笔账。",
    Language.EN: "How to read the slip and what to add: one field from sampling to sowing, with the sums at the end.",
}
_CAPTION = {0: "化验单上先看氮、磷、钾三样，\n缺哪样补哪样，不缺的不多施。"}


def caption_at(position_ms: int) -> str:
    """One caption, always."""
    return _CAPTION[0] if position_ms else ""


def states(language: Language) -> dict[str, State]:
    """A State for each thing that a screen can say, by name."""
    airings = tuple(_airing(language, place) for place in range(4))
    roster = Roster(
        version="1",
        members=tuple(RosterMember(id=str(i), name=_NAMES[i], number=f"{427 + i:04d}") for i in range(31)),
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
    names = replace(
        typing,
        over_home=(Screen.NAMES,),
        signed_in={airings[0].id: frozenset({"0", "2", "6", "8", "11"})},
        join="https://yuanjiao.example/join/1ZbQ0n4Yv3mPq8sKfJ2x7w",
    )
    member = roster.members[0]
    today = replace(playing, over_home=(Screen.TODAY,), now=EVENING + timedelta(minutes=12))
    after = replace(
        playing,
        now=airings[0].end + timedelta(seconds=20),
        playback=Playback(airings[0], PlayPhase.ENDED, position_ms=2_400_000),
        started=frozenset({airings[0].id}),
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
    asked = Help("h", _HELPERS[language], 15, since=playing.now, shown_since=playing.now)
    helped = replace(asked, ends_at=playing.now + timedelta(minutes=14), heard_at=playing.now)
    ended = Enrolment(EnrolmentPhase.ENDED, reason=_ENDED[language])
    offered = Enrolment(EnrolmentPhase.OFFERED, "7K4M-92QP", "https://yuanjiao.example/claim/7K4M92QP")
    nobody = NumberEntry("999", NumberVerdict.NOBODY)
    return {
        "enrolment": State(now=EVENING, language=language, enrolment=offered),
        "enrolment-reaching": State(now=EVENING, language=language),
        "enrolment-again": replace(
            quiet, enrolment=replace(offered, phase=EnrolmentPhase.AGAIN), timetable=(), online=False
        ),
        "ended": replace(quiet, enrolment=ended, timetable=(), online=False),
        "countdown": quiet,
        "broadcast": playing,
        "broadcast-controls": replace(playing, revealed_until=playing.now + timedelta(seconds=4), online=False),
        "broadcast-languages": replace(
            playing,
            revealed_until=playing.now + timedelta(seconds=4),
            tracks=Tracks((TrackName("cmn", "普通话"), TrackName("hsn", "湘语")), (TrackName("zh", ""),), large=True),
            focus={Screen.BROADCAST: FocusId("sound")},
            online=False,
        ),
        "broadcast-opening": replace(playing, playback=Playback(airings[0], PlayPhase.CUEING)),
        "broadcast-fetching": replace(playing, playback=None, packages={}),
        "broadcast-failed": replace(
            playing, playback=Playback(airings[0], PlayPhase.FAILED, failure="player_failed", failures=1)
        ),
        "broadcast-expired": replace(
            playing,
            playback=None,
            lessons=(StoredLesson(airings[0].package, airings[0].lesson, 1_200_000, expires_at=playing.now),),
        ),
        "broadcast-no-player": replace(playing, playback=Playback(airings[0], PlayPhase.FAILED, failure="no_player")),
        "broadcast-damaged": replace(
            playing, playback=Playback(airings[0], PlayPhase.PLAYING, gaps=(Gap("720p/9.m4s", 0, 10**8),))
        ),
        "broadcast-stick": replace(playing, stick=Stick(StickPhase.COPYING, 2, 12)),
        "today-stick": replace(today, stick=Stick(StickPhase.DONE, 12, 12)),
        "today-stick-pulled": replace(today, stick=Stick(StickPhase.PULLED, 2, 12)),
        "countdown-stick": replace(quiet, stick=Stick(StickPhase.UNWRITABLE, 12, 12)),
        "countdown-full-disk": replace(quiet, held_back=3),
        "today": today,
        "today-offline": replace(today, online=False),
        "today-side": replace(
            today,
            focus={Screen.TODAY: FocusId(f"airing.{airings[1].id}")},
            blocked=(Direction.RIGHT, 1),
        ),
        "today-empty": replace(today, timetable=(), playback=None, over_home=()),
        **places(today, _STATIONS[language]),
        **of_market(language, today),
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
        **_library(language, replace(today, playback=None, now=EVENING - timedelta(hours=5))),
        "broadcast-own": replace(
            playing,
            chosen=Chosen(own(airings[0]), None, airings[0].duration_ms),
            playback=Playback(own(airings[0]), PlayPhase.PLAYING, position_ms=POSITION_MS),
            revealed_until=playing.now + timedelta(seconds=4),
            tracks=Tracks((TrackName("cmn", "普通话"), TrackName("hsn", "湘语")), (TrackName("zh", ""),)),
        ),
        "names": names,
        "names-offline": replace(names, online=False),
        "names-surname": replace(
            names,
            names=NameList(surname="马", page=1),
            focus={Screen.NAMES: FocusId("surname.马")},
        ),
        "names-empty": replace(names, roster=Roster(version="0")),
        "after": after,
        "after-ticked": replace(
            after,
            head_count=HeadCount(airings[0].id, 26, frozenset({"understood", "sample"})),
            focus={Screen.AFTER: FocusId("phrase.expert")},
        ),
        "after-noted": replace(after, head_count=HeadCount(airings[0].id, 26, noted_at=after.now)),
        "after-last": replace(after, timetable=airings[:1]),
        **of_settings(today),
        **told(language, today),
        **sent(language, today),
        **quizzes(language, playing, after),
        **asking(language, playing, today),
        "help-asked": replace(playing, help=asked),
        "help-lasts": replace(playing, help=helped),
        "help-lasts-today": replace(today, help=helped),
        "help-lasts-sign-in": replace(typing, help=helped),
        "help-lasts-alert": replace(warned, help=helped),
        "pictured-today": replace(today, pictured_at=today.now),
        "alert": warned,
        "alert-long": replace(warned, alerts=(hail, flood), simple=False, now=flood.sent, speaking=False),
        "alert-quiet": replace(warned, timetable=(), speaking=False),
        "alert-brief": replace(
            warned, alerts=(_brief(hail, AlertKind.COLD),), speaking=False, blocked=(Direction.LEFT, 1)
        ),
    }


def own(airing: Airing) -> Airing:
    """The same, watched for its own sake."""
    return replace(airing, id=AiringId(PRIVATE + airing.package))


def _library(language: Language, quiet: State) -> dict[str, State]:
    """What is stored, and what is known of a course."""
    stored = []
    for place, (course, title, _number) in enumerate(_LESSONS[language]):
        for number in range(1, 2 + place % 3 * 3):
            lesson = LessonCard(
                id=LessonId(f"c{place}.{number}"),
                title=title if number == 1 else f"{title} {number}",
                course=course,
                subject=_SUBJECTS[language][_SUBJECT_OF[place]],
                number=number,
                summary=_SUMMARY[language],
            )
            package = PackageName(_SCENES[place] if number == 1 else f"{_SCENES[place]}.{number}")
            stored.append(StoredLesson(package, lesson, (20 + number) * 60_000, _HELPERS[language]))
    for scene, subject, *titles in _SINGLE:
        title = titles[list(Language).index(language)]
        lesson = LessonCard(id=LessonId(scene), title=title, course="", subject=_SUBJECTS[language][subject])
        stored.append(StoredLesson(PackageName(scene), lesson, 1_200_000))
    full = replace(
        quiet,
        lessons=tuple(stored),
        places={PackageName("one"): SEEN, PackageName("three.2"): 740_000, PackageName("ladybird"): SEEN},
        over_home=(Screen.TODAY, Screen.LIBRARY),
    )
    key = course_key(next(one.lesson for one in stored if one.package == "three"))
    shown = replace(full, over_home=(*full.over_home, Screen.COURSE), course=CourseView(key, LessonId("c2.2")))
    missed = replace(
        quiet.timetable[0], start=quiet.now - timedelta(days=1), lesson=stored[0].lesson, package=stored[0].package
    )
    lone = CourseView(course_key(stored[0].lesson), stored[0].lesson.id)
    return {
        "library": full,
        "library-empty": replace(full, lessons=()),
        "course": shown,
        "course-missed": replace(shown, course=lone, timetable=(missed, *quiet.timetable), places={}),
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
    flood = replace(
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
    return replace(alert, kind=kind, instructions=alert.instructions[:1], description="")


def _airing(language: Language, place: int) -> Airing:
    course, title, number = _LESSONS[language][place]
    return Airing(
        id=AiringId(f"a{place}"),
        slot=SlotId(f"s{place}"),
        start=EVENING + timedelta(minutes=50 * place),
        duration_ms=40 * 60_000,
        rank=Rank.REGULAR,
        lesson=LessonCard(id=LessonId(f"l{place}"), title=title, course=course, number=number),
        package=PackageName(_SCENES[place]),
    )


def posters(folder: Path) -> Callable[[PackageName], Path | None]:
    """Painted posters of the lessons and a backdrop; the later lessons of a course share its poster, one has none."""
    files = paint(folder)
    return lambda package: files.get(package.partition(".")[0])
