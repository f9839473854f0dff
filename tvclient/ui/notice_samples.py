"""Sample states of notices: the strip above today's programme, the list, one that is read. Invented ones only."""

from datetime import timedelta

from msgspec.structs import replace

from schedules.wire.messages import NoticeCard, Notices
from tvclient.core.geometry import FocusId
from tvclient.core.papers import NO_PAPERS
from tvclient.core.reading import Reading, opened_as
from tvclient.core.state import Language, Screen, State

_NOTICES = {
    Language.ZH: (
        ("冬小麦保险开始登记", "县农业农村局",
         "每亩交四元，受了冻灾、雹灾、病虫害，每亩最多赔六百元。种了两亩以上的都可以登记，租种的也可以。\n"
         "带身份证、一卡通和土地承包证，到村委会找张会计登记。不识字的不用急，到了有人帮着填。\n"
         "登记到十二月十日为止。去年登记过的今年要重新登记，地块有变化的请先到村委会改过来。"
         "钱从一卡通里扣，不收现金，谁来收现金都不要给。\n"
         "受了灾怎么办：先不要动地里的庄稼，当天给村委会打电话，等保险公司的人来看过、照过相再处理。"),
        ("周四上午停水", "马场村村委会", "周四上午八点到十二点检修水管，请提前存水。"),
        ("下周三来村里义诊，量血压、测血糖不要钱，六十岁以上的老人请都来一趟", "县人民医院",
         "上午九点，在一楼活动室。"),
        ("合作医疗缴费到月底为止", "镇民生服务中心", "每人四百元，手机上或到镇上都能缴。"),
        ("拖拉机年检", "县农机中心", "带行驶证，到镇农机站。"),
    ),
    Language.EN: (
        ("Registration for winter wheat insurance", "County office of agriculture",
         "Four yuan for each mu; after frost, hail or pests up to six hundred yuan are paid for it. Whoever has sown "
         "more than two mu can register, on rented land as well.\n"
         "Bring your identity card, your bank card and the land contract to Mr Zhang at the village office. Whoever "
         "cannot write is helped there.\n"
         "Registration ends on the tenth of December. Whoever registered last year has to do it again. The money is "
         "taken from the card; give cash to nobody.\n"
         "After damage leave the field as it is, call the village office on the same day, and wait until somebody of "
         "the insurance has come and taken photographs."),
        ("No water on Thursday morning", "Machang village", "From eight to twelve the pipes are mended."),
        ("Free blood pressure and sugar tests next Wednesday for all over sixty", "County hospital",
         "At nine in the hall on the ground floor."),
        ("Health insurance can be paid until the month's end", "Township office", "By phone or at the office."),
        ("Tractors are inspected", "County machinery centre", "Bring the licence to the township's station."),
    ),
}  # fmt: skip
_IMPORTANT = 1
_OPENED = (2, 3)


def told(language: Language, today: State) -> dict[str, State]:
    """A State for each thing that is said of notices, by name, from an evening with today's programme on it."""
    cards = tuple(
        NoticeCard(
            id=str(place),
            version=1,
            title=title,
            text=text,
            issuer=issuer,
            published_at=today.now - timedelta(hours=3 + 20 * place),
            valid_from=today.now - timedelta(hours=3 + 20 * place),
            important=place == _IMPORTANT,
        )
        for place, (title, issuer, text) in enumerate(_NOTICES[language])
    )
    opened = Reading(opened=frozenset(opened_as(str(place), 1) for place in _OPENED))
    some = replace(today, papers=replace(NO_PAPERS, notices=Notices(version="1", notices=cards)), reading=opened)
    two = replace(some, papers=replace(NO_PAPERS, notices=Notices(version="2", notices=cards[::2])))
    listed = replace(some, over_home=(Screen.TODAY, Screen.NOTICES))
    reading = replace(listed, over_home=(*listed.over_home, Screen.NOTICE), reading=replace(opened, notice="0"))
    before = replace(two, over_home=(), playback=None, now=today.timetable[0].start - timedelta(seconds=278))
    every = Reading(opened=frozenset(opened_as(card.id, 1) for card in cards))
    return {
        "today-notices": replace(two, focus={Screen.TODAY: FocusId("notices")}),
        "today-notices-read": replace(some, reading=every, online=False, timetable=today.timetable[:3]),
        "today-notices-only": replace(some, over_home=(), playback=None, timetable=()),
        "countdown-notices": before,
        "notices": listed,
        "notices-more": replace(listed, reading=replace(every, list_page=1), focus={Screen.NOTICES: FocusId("more")}),
        "notices-none": replace(listed, papers=NO_PAPERS),
        "notice": reading,
        "notice-last": replace(reading, reading=replace(reading.reading, page=1)),
        "notice-short": replace(reading, reading=replace(opened, notice="2")),
        "notice-over": replace(reading, papers=NO_PAPERS),
    }
