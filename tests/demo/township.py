"""What 通伏乡 has in the demonstration: branches and people, a work book, documents, a forum; each by forms.

Every person is invented. What could be taken for real says 模拟, "imagined".
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.demo.desk import Desk, Refused, Seat, hidden_value
from tests.demo.people import EDITOR, EXPERT, MEMBERS, STAFF, STATION, VILLAGE
from tests.demo.stack import Stack
from tests.demo.story import ZONE

TOWNSHIP = "640221203"
COMMITTEE, HERE = "通伏乡党委（模拟）", "马场村支部（模拟）"
VILLAGES = {"640221203200": "通伏村", "640221203201": "金堂桥村", "640221203203": "永兴村", "640221203206": "永华村"}
"""Beside 马场村, where the television stands."""
SURNAMES = "马王李张杨刘丁赵吴田周陈何韩罗金"
GIVEN = (
    "建军",
    "秀兰",
    "志国",
    "玉珍",
    "学文",
    "桂英",
    "成林",
    "晓燕",
    "德福",
    "金梅",
    "永红",
    "海涛",
    "彩霞",
    "长青",
    "立民",
)
PEOPLE = 14
"""In each of these villages."""
SOME_DAYS_AGO = (2, 9, 16, 23)
MEETINGS = (
    ("秋冬种安排", "马建国", "17", "冬小麦播种面积报到小组，种子统一拉回来。"),
    ("村集体收入怎么用", "马建国", "21", "先修三组水渠，明细下月公布。"),
)
VISITS = (
    ("马玉兰家", "杨桂兰", "想学枸杞剪枝，晚上看不到课。"),
    ("田宝成家", "马建国", "老人行动不便，学习到家里去。"),
    ("赵桂香家", "杨桂兰", "电视遥控器绿键不灵，换了电池。"),
)


def furnish(stack: Stack) -> None:
    """All of it."""
    with Desk(stack.url, STAFF) as staff:
        branches = found_branches(staff)
        enter_people(staff, branches)
        give_roles(staff, branches)
        send_documents(staff)
        begin_a_round(staff)
    with Desk(stack.url, STATION) as station:
        keep_the_book(station)
        answer_a_document(station)
        assess_oneself(station)
    talk(stack)
    members_talk(stack)
    write_of_a_branch(stack)


def found_branches(staff: Desk) -> dict[str, str]:
    """A committee and a branch in five villages; gives their ids by name."""
    found = {COMMITTEE: _branch(staff, COMMITTEE, "committee", TOWNSHIP, "", "1984-07-01")}
    found[HERE] = _branch(staff, HERE, "branch", VILLAGE, found[COMMITTEE], "1986-03-12")
    for code, village in VILLAGES.items():
        name = _branch_of(village)
        found[name] = _branch(staff, name, "branch", code, found[COMMITTEE], "1987-05-04")
    return found


def enter_people(staff: Desk, branches: dict[str, str]) -> None:
    """From one sheet: those of four villages, and the branch of those whom the television knows already."""
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    rows.writerow(("姓名", "站点", "编号", "支部", "手机", "出生日期"))
    rows.writerows(_people())
    read = staff.send_file("/members/sheet/read", "通伏乡党员名册（模拟）.csv", sheet.getvalue().encode("gb18030"))
    same = re.findall(r'<select[^>]*name="(row-\d+)"[^>]*>.*?<option value="([0-9a-f-]{36})"', read, re.DOTALL)
    staff.post("/members/sheet", {"sheet_rows": hidden_value(read, "sheet_rows"), "file_name": "名册", **dict(same)})
    if missing := [name for name in branches if name not in staff.page("/branches")]:
        raise Refused(f"these branches are not listed: {missing}")


def give_roles(staff: Desk, branches: dict[str, str]) -> None:
    """A secretary and whoever looks after learning, in the village of the television."""
    for place, role, since in ((0, "secretary", "2021-03-01"), (1, "organiser", "2022-06-15")):
        name, number = MEMBERS[place]
        member = re.search(r'href="/members/([0-9a-f-]{36})"', staff.page(f"/members?q={name}"))
        if member is None:
            raise Refused(f"{name}, {number}, is not found among the members")
        staff.post(f"/members/{member[1]}/roles", {"branch": branches[HERE], "role": role, "since": since})


def send_documents(staff: Desk) -> None:
    """One that asks for figures, one to be read, one that is a draft."""
    usual = {"regions": [TOWNSHIP], "to_offices": "y", "to_stations": "y"}
    asks = {
        "title": "关于报送冬小麦播种面积的通知（模拟）",
        "text": "请各村摸清今年冬小麦播种面积，三个工作日内回复。\n没有种的也要回复。",
        "read_days": "2",
        "reply": "yes_no",
        "reply_days": "3",
    }
    reads = {
        "title": "关于冬季设施农业防冻的通知（模拟）",
        "text": "寒潮周末到。大棚夜间加盖保温被，雪后及时清扫。",
        "read_days": "2",
        "reply": "none",
    }
    draft = {"title": "关于年终站点评定的通知（模拟）", "text": "评定办法同去年，分数从数据来。", "reply": "none"}
    for words in (asks, reads):
        place = staff.send("/documents/new", {**usual, **words})
        staff.post(f"{place}/send", {})
    staff.send("/documents/new", {**usual, **draft})


def begin_a_round(staff: Desk) -> None:
    """两管三评一推优: the stations of the township are assessed."""
    year = datetime.now(UTC).astimezone(ZONE).year
    words = {"region": TOWNSHIP, "scheme": "two_three_one", "title": f"{year}年两管三评一推优（模拟）"}
    staff.send("/assessments/new", words)


def assess_oneself(station: Desk) -> None:
    """The station's administrator fills in the form on their own station; its members do so by phone."""
    found = re.search(r'href="(/assessments/forms/[^"]+)"', station.page("/assessments/forms"))
    if found is None:
        raise Refused("no form of the round waits for the station")
    station.post(found[1], {"members": "9", "keeper": "8", "done": "全年开课四十二场，补播六场，三百多人次到课。"})


def keep_the_book(station: Desk) -> None:
    """Meetings and visits of the last weeks; a training is begun and waits for its photograph."""
    place, today = f"/ledger/stations/{station.station_id('马场村')}/write", datetime.now(UTC).astimezone(ZONE).date()
    days = [(today - timedelta(days=ago)).isoformat() for ago in SOME_DAYS_AGO]
    for day, (subject, chair, people, decided) in zip(days[::2], MEETINGS, strict=True):
        words = {"subject": subject, "form": "3", "place": "村委会二楼", "chair": chair, "people": people}
        signers = "\n".join(name for name, _number in MEMBERS[: int(people)])
        station.send(f"{place}/meeting", {**words, "day": day, "decided": decided, "signers": signers, "do": "keep"})
    for day, (household, visitor, matter) in zip(days[1:], VISITS, strict=True):
        words = {"household": household, "visitor": visitor, "matter": matter}
        station.send(f"{place}/visit", {**words, "day": day, "do": "keep"})
    training = {"subject": "枸杞冬季剪枝", "teacher": "县林草局技术员", "place": "三组地头", "people": "26"}
    station.send(f"{place}/training", {**training, "day": today.isoformat(), "do": "draft"})


def answer_a_document(station: Desk) -> None:
    """The station opens what was sent to it, and answers what asks for an answer."""
    for place in dict.fromkeys(re.findall(r'href="(/documents/[0-9a-f-]{36})"', station.page("/documents"))):
        if 'id="answer"' in station.page(place):
            station.post(f"{place}/reply", {"answer": "yes"})


def talk(stack: Stack) -> None:
    """A question that an expert answers, and something that somebody asks of everybody."""
    with Desk(stack.url, STATION) as station, Desk(stack.url, EXPERT) as expert, Desk(stack.url, EDITOR) as editor:
        words = {"title": "晚上七点半总有人赶不上", "text": "秋收刚完，有些人八点才到家。能不能周末下午再放一遍？"}
        thread = station.send("/forum/new", {**words, "region": VILLAGE, "course": "", "branch": ""})
        editor.post(f"{thread}/posts", {"text": "可以。周六下午三点加一场重播，今晚报审。 @yangguilan"})
        station.post(f"{thread}/posts", {"text": "太好了，我去跟大家说。"})
        words = {"title": "枸杞剪枝的课，大家想先看哪一段", "text": "冬剪和夏剪分开讲。村里先用得上哪个？请跟帖。"}
        thread = expert.send("/forum/new", {**words, "region": TOWNSHIP, "course": "", "branch": ""})
        station.post(f"{thread}/posts", {"text": "先看冬剪。十二月就要动手了。"})


def members_talk(stack: Stack) -> None:
    """A member sits down by the address of their own record, and writes for their village; the county answers."""
    name, _number = MEMBERS[3]
    with Desk(stack.url, STATION) as station, Desk(stack.url, EDITOR) as editor:
        member = re.search(r'href="/members/([0-9a-f-]{36})"', station.page(f"/members?q={name}"))
        if member is None:
            raise Refused(f"{name} is not found among the members")
        with Seat(stack.url, station.own_address(member[1])) as seat:
            seat.send("/school/forum/name", {"name": "马场渠口人"})
            words = {"title": "地膜补贴去哪里登记", "text": "听说今年地膜补一半。要到乡里登记，还是村里统一报？"}
            thread = seat.send("/school/forum/new", {**words, "region": TOWNSHIP, "course": ""})
            place = thread.removeprefix("/school")
            editor.post(f"{place}/posts", {"text": "村里统一报，月底前找站长登记就行。 @马场渠口人"})
            seat.send(f"{thread}/posts", {"text": "好，明天就去。"})


def write_of_a_branch(stack: Stack) -> None:
    """News of the branch in the village of the television: one writes it, another agrees."""
    text = "四个党小组一起修了三组水渠，冬灌不再排队。\n## 下一步\n- 月底前把明细贴在村务栏\n- 周六下午补课"
    with Desk(stack.url, EDITOR) as editor:
        found = re.search(rf'<option value="([0-9a-f-]{{36}})"[^>]*>{HERE}<', editor.page("/articles/new"))
        if found is None:
            raise Refused(f"{HERE} is not offered to whoever writes")
        words = {"kind": "news", "region": VILLAGE, "title": "马场村支部：三组水渠修好了", "text": text}
        place = editor.send("/articles/new", {**words, "branch": found[1]})
        editor.post(f"{place}/submit", {})
    with Desk(stack.url, STAFF) as staff:
        task = re.search(r'href="(/tasks/[0-9a-f-]{36})"', staff.page(place))
        if task is None:
            raise Refused("the article does not say who has to agree")
        staff.post(f"{task[1]}/decide", {"step": "0", "decision": "yes"})
        if "三组水渠" not in staff.page(f"/site/branches/{found[1]}"):
            raise Refused("the branch's page has no news of it")


def _people() -> Iterator[tuple[str, ...]]:
    for name, _number in MEMBERS:
        yield name, "马场村委会", "", HERE, "", ""
    dice = Random(640221203)
    for code, village in VILLAGES.items():
        names = [f"{dice.choice(SURNAMES)}{given}" for given in GIVEN[:PEOPLE]]
        for number, name in enumerate(names, 101):
            phone = f"138{code[-2:]}0000{number}"[:11] if number % 3 else ""
            born = date(1950 + dice.randrange(48), dice.randrange(1, 13), dice.randrange(1, 28))
            yield name, f"{village}委会", str(number), _branch_of(village), phone, born.isoformat()


def _branch_of(village: str) -> str:
    return f"{village}支部（模拟）"


def _branch(staff: Desk, name: str, kind: str, region: str, parent: str, founded: str) -> str:
    fields = {"name": name, "kind": kind, "region_code": region, "parent": parent, "founded_on": founded}
    return staff.send("/branches/new", fields).rsplit("/", 1)[1]
