"""What the county's organisation has in the demonstration; each as a person would, by forms. All people are invented.

A project from lesson to income, an article that two agreed to, a message over a centre that sends nothing.
"""

import re
from datetime import UTC, datetime, timedelta

from tests.demo.desk import Desk, Refused
from tests.demo.people import COUNTY, EDITOR, MEMBERS, STAFF, STATION
from tests.demo.stack import Stack
from tests.demo.story import ZONE, AiredLesson

HOUSEHOLDS = ((0, "8"), (1, "12.5"), (2, "6"), (4, "10"), (6, "5"))
"""Places in `people.MEMBERS`, and mu of land."""
ADOPTIONS = ((0, 48, "6"), (1, 40, "5"), (4, 33, "10"))
"""Household, days ago, mu."""
RESULTS = ((0, 6, "452.5", "1240"), (4, 5, "438", "1620"))
"""Household, days ago, kilograms for each mu, yuan gained."""
NUMBER = "13800000420"


def furnish(stack: Stack, lesson: AiredLesson) -> None:
    """All of it."""
    tell_where_one_is_told(stack)
    begin_a_project(stack, lesson)
    publish_an_article(stack, lesson)
    write_a_message(stack)


def tell_where_one_is_told(stack: Stack) -> None:
    """The station's administrator gives a number."""
    with Desk(stack.url, STATION) as station:
        station.post("/me/phone", {"phone": NUMBER})


def begin_a_project(stack: Stack, lesson: AiredLesson) -> None:
    """Lessons, a base, an association, five households; three tried it, two harvested."""
    today = datetime.now(UTC).astimezone(ZONE).date()
    with Desk(stack.url, EDITOR) as editor:
        words = {
            "model": "association",
            "name": "测土配方示范(模拟)",
            "region": COUNTY,
            "aim": "少施肥、不减产:化验一次,按单施肥。",
            "base": "马场村示范田",
            "association": "马场村种植协会",
            "crop": "玉米",
            "baseline": "400",
            "begun_on": (today - timedelta(days=60)).isoformat(),
        }
        place = editor.send("/projects/new", words)
        editor.post(f"{place}/lessons", {"lesson": lesson.id})
        station = editor.station_id("马场村")
        for member, land in HOUSEHOLDS:
            editor.post(f"{place}/households", {"station": station, "number": MEMBERS[member][1], "land": land})
        for member, ago, land in ADOPTIONS:
            note = {"kind": "adoption", "day": (today - timedelta(days=ago)).isoformat(), "land": land}
            editor.post(f"{place}/notes", {**note, "household": _household(editor, place, member), "lesson": lesson.id})
        for member, ago, yielded, income in RESULTS:
            note = {"kind": "result", "day": (today - timedelta(days=ago)).isoformat(), "yield": yielded}
            editor.post(f"{place}/notes", {**note, "household": _household(editor, place, member), "income": income})
        visit = {
            "kind": "visit",
            "day": (today - timedelta(days=20)).isoformat(),
            "text": "苗齐苗壮,叶色正常,没有烧苗。",
        }
        editor.post(f"{place}/notes", visit)


def publish_an_article(stack: Stack, lesson: AiredLesson) -> None:
    """Reading to the lesson: one writes it, another agrees."""
    text = "化验单上先看酸碱度,再看有机质。\n## 三步\n- 取土:十个点混在一起\n- 送检:写清地块\n- 照单施肥:缺什么补什么"
    words = {"kind": "reading", "region": COUNTY, "title": "看懂化验单:三步就够", "text": text, "lesson": lesson.id}
    with Desk(stack.url, EDITOR) as editor:
        place = editor.send("/articles/new", words)
        editor.post(f"{place}/submit", {})
    with Desk(stack.url, STAFF) as staff:
        page = staff.page(place)
        task = re.search(r'href="(/tasks/[0-9a-f-]{36})"', page)
        if task is None:
            raise Refused("the article does not say who has to agree")
        staff.post(f"{task[1]}/decide", {"step": "0", "decision": "yes"})


def write_a_message(stack: Stack) -> None:
    """To everybody with an account at a station; at night it waits for the morning."""
    words = {
        "channel": "sms",
        "title": "今晚有课",
        "text": "{name},今晚七点半放《看懂化验单》,请提前打开电视。",
        "whom": "staff",
        "region": COUNTY,
        "roles": ["station_admin"],
        "missed": "0",
    }
    with Desk(stack.url, EDITOR) as editor:
        looked = editor.look("/messages/new", {**words, "look": "1"}, "looked_at")
        editor.send("/messages/new", {**words, "send": "1", "looked_at": looked})


def _household(editor: Desk, place: str, member: int) -> str:
    """The id of a household, from the choices of the form."""
    number = MEMBERS[member][1]
    found = re.search(rf'<option value="([0-9a-f-]{{36}})"[^>]*>[^<]* {number} ', editor.page(f"{place}?kind=adoption"))
    if found is None:
        raise Refused(f"no household of {number} to choose")
    return found[1]
