"""What the county and its villages say to each other in the demonstration; each as a person would, by forms.

Questions of a lesson, a notice, a month of prices, an offer, and a question by phone with its answer.
"""

import base64
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec

from schedules.wire.messages import Desired
from tests.demo.desk import Desk, Refused, hidden_value
from tests.demo.people import COUNTY, EDITOR, EXPERT, MEMBERS, STAFF, STATION
from tests.demo.stack import Stack, wait_until
from tests.demo.story import ZONE, AiredLesson

PRICES = {
    "玉米": ("斤", 1.12, (0, 1, 1, 0, 2, 1, -1, 0, 1, 2)),
    "枸杞": ("斤", 21.50, (0, -20, -10, 15, 0, 30, 20, -10, 10, 40)),
    "滩羊": ("斤", 33.00, (0, 50, 20, -30, 0, 40, 60, 20, -10, 30)),
    "水稻": ("斤", 1.46, (0, 0, -1, -1, 0, -1, 0, -2, 0, -1)),
}
"""By commodity: its unit, a price in yuan a month ago, and by how many cents it then moved, again and again."""
MARKET, DAYS = "平罗县农贸市场", 30
NUMBER = MEMBERS[0][1]


def furnish(stack: Stack, lesson: AiredLesson) -> None:
    """All of it; the television has it within a minute and a quarter."""
    ask_the_room(stack, lesson)
    publish_a_notice(stack)
    keep_prices(stack)
    offer_something(stack)
    ask_by_phone(stack)
    answer(stack)


def ask_the_room(stack: Stack, lesson: AiredLesson) -> None:
    """One question at a minute of the lesson, one at its end."""
    with Desk(stack.url, EDITOR) as editor:
        first = {
            "text": "化验单上哪一项最该先看？",
            "option_a": "有机质",
            "option_b": "氮",
            "option_c": "酸碱度",
            "right": "C",
        }
        why = {"explanation": "酸碱度不对，肥料吃不进去，施得再多也是白费。"}
        place = {"when": "minute", "minute": "0", "second": "20", "mode": "room"}
        editor.post(f"/quizzes/lesson/{lesson.id}", {**first, **why, **place})
        second = {
            "text": "您家今年打算种几亩玉米？",
            "option_a": "不到五亩",
            "option_b": "五到二十亩",
            "option_c": "二十亩以上",
        }
        editor.post(f"/quizzes/lesson/{lesson.id}", {**second, "right": "", "when": "end", "mode": "each"})


def publish_a_notice(stack: Stack) -> None:
    """For the whole county."""
    words = {
        "region_code": COUNTY,
        "issuer": "平罗县农业农村局",
        "title": "冬小麦保险开始登记",
        "text": "每亩自己交 9 元，其余由财政补。\n\n带身份证和土地承包合同到村委会登记，十二月十五日截止。",
        "important": "y",
    }
    with Desk(stack.url, STAFF) as staff:
        place = staff.send("/notices/new", words)
        staff.post(f"{place}/publish", {})


def keep_prices(stack: Stack) -> None:
    """Four commodities at one market, by a sheet."""
    rows = ["品种,市场,日期,价格"]
    today = datetime.now(UTC).astimezone(ZONE).date()
    for name, (_unit, yuan, moves) in PRICES.items():
        cents = round(yuan * 100)
        for ago in range(DAYS - 1, -1, -1):
            cents += moves[(DAYS - 1 - ago) % len(moves)]
            rows.append(f"{name},{MARKET},{today - timedelta(days=ago)},{cents / 100:.2f}")
    with Desk(stack.url, STAFF) as staff:
        staff.post("/market/places", {"region": COUNTY, "name": MARKET})
        for name, (unit, _yuan, _moves) in PRICES.items():
            staff.post("/market/goods", {"region": COUNTY, "name": name, "unit": unit, "keywords": name})
        read = staff.send_file("/market/import/read", "prices.csv", "\n".join(rows).encode())
        staff.post("/market/import", {"rows": hidden_value(read, "rows")})


def offer_something(stack: Stack) -> None:
    """A village sells straw; the county looks at it and lets it through."""
    last = (datetime.now(UTC).astimezone(ZONE) + timedelta(days=20)).date()
    with Desk(stack.url, STATION) as station:
        found = re.search(r'<option[^>]*value="([0-9a-f-]{36})"', station.page("/market/bulletin/new"))
        words = {
            "kind": "supply",
            "title": "玉米秸秆，可打捆",
            "text": "三百亩的，自己来拉，价钱好商量。",
            "contact": "村委会 杨桂兰",
            "station": found[1] if found else "",
            "until": last.isoformat(),
            "version": "1",
        }
        place = station.send("/market/bulletin/new", words)
    with Desk(stack.url, STAFF) as staff:
        staff.post(f"{place}/approve", {"version": "1"})


def ask_by_phone(stack: Stack) -> None:
    """Somebody scans the square on the television, types their number and asks.

    Raises:
        Refused: with what the phone was told.
    """
    wait_until(lambda: bool(joined(stack)), "the television shows a square for phones", 120)
    path = httpx.URL(joined(stack)).path
    with httpx.Client(base_url=stack.url, timeout=30, follow_redirects=True) as phone:
        page = phone.get(f"{path}/ask").text
        page = phone.post(
            f"{path}/ask/who", data={"csrf_token": hidden_value(page, "csrf_token"), "number": NUMBER}
        ).text
        question = {"topic": "soil", "text": "化验单上写着缺锌，锌肥什么时候上，上多少？"}
        answer = phone.post(f"{path}/ask", data={"csrf_token": hidden_value(page, "csrf_token"), **question})
        if answer.status_code >= 400:
            raise Refused(re.sub(r"<[^>]+>|\s+", " ", answer.text)[:300])


def answer(stack: Stack) -> None:
    """The expert takes it and answers."""
    with Desk(stack.url, EXPERT) as expert:
        found = re.search(r"/cases/([0-9a-f-]{36})", expert.page("/cases"))
        if found is None:
            raise Refused("no question waits in the expert's queue")
        expert.post(f"/cases/{found[1]}/claim", {})
        words = "锌肥和底肥一起上，一亩一公斤硫酸锌，三年上一次就够。别和磷肥混在一起。"
        expert.post(f"/cases/{found[1]}/answer", {"text": words, "lesson": ""})


def joined(stack: Stack) -> str:
    """What the square on the television leads to; empty while it shows none."""
    file: Path | None = next((stack.folder / "tv").rglob("desired.jws"), None)
    if file is None:
        return ""
    body = file.read_bytes().split(b".")[1]
    return msgspec.json.decode(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)), type=Desired).join
