"""Sample states of the market: prices, the bulletin, one entry of it, and nothing at all. Part of `samples.py`."""

from datetime import timedelta

from msgspec.structs import replace

from schedules.wire.messages import Market, OfferCard, OfferKind, PriceLine
from tvclient.core.geometry import FocusId
from tvclient.core.pages import market
from tvclient.core.screens import local
from tvclient.core.state import Language, Screen, State

_GOODS = {
    Language.ZH: (
        ("玉米", "斤", 118, 116),
        ("大米", "斤", 298, 298),
        ("滩羊", "斤", 3280, 3350),
        ("枸杞(干)", "公斤", 4600, 4200),
        ("鸡蛋", "斤", 465, None),
        ("土豆", "斤", 62, 60),
        ("白菜", "斤", 35, 41),
    ),
    Language.EN: (
        ("Corn", "kg", 236, 232),
        ("Rice", "kg", 596, 596),
        ("Mutton", "kg", 6560, 6700),
        ("Dried goji", "kg", 4600, 4200),
        ("Eggs", "doz", 465, None),
        ("Potatoes", "kg", 124, 120),
        ("Cabbage", "kg", 70, 82),
    ),
}
_MARKETS = {Language.ZH: ("平罗批发市场", "崇岗集市"), Language.EN: ("Pingluo", "Chonggang")}
_OFFERS = {
    Language.ZH: (
        ("supply", "滩羊羔四十只", "马场村站点", "三个月大，打过防疫针，膘情好。价钱当面谈，可以帮着拉。",
         "马场村 王主任 0952-0000000"),
        ("demand", "收玉米秸秆", "暖泉村站点", "有多少要多少，自己来拉。", "李敏 139 0000 0000"),
        ("supply", "胡萝卜两万斤", "崇岗村站点", "", "村委会"),
        ("demand", "请人剪枸杞", "马场村站点", "一天一百六，管饭，要十个人，下周一开始。", "合作社"),
        ("supply", "拖拉机出租", "长胜村站点", "", "赵师傅"),
        ("supply", "冬储白菜", "马场村站点", "", "马建国"),
    ),
    Language.EN: (
        ("supply", "Forty lambs", "Machang village", "Three months old, vaccinated. Come and see them.",
         "Mr Wang, village office"),
        ("demand", "Corn straw", "Nuanquan village", "Any amount; we fetch it ourselves.", "Li Min 139 0000 0000"),
        ("supply", "Ten tonnes of carrots", "Chonggang village", "", "Village office"),
        ("demand", "Hands for pruning", "Machang village", "A hundred and sixty a day with meals.", "Cooperative"),
        ("supply", "Tractor for hire", "Changsheng village", "", "Master Zhao"),
        ("supply", "Winter cabbage", "Machang village", "", "Ma Jianguo"),
    ),
}  # fmt: skip


def of_market(language: Language, today: State) -> dict[str, State]:
    """By name, from a state with the day's programme open over a lesson."""
    paper = Market(version="1", prices=_prices(language, today), offers=_offers(language, today))
    here = replace(today, over_home=(Screen.TODAY, Screen.MARKET), papers=today.papers.with_paper(paper), blocked=None)
    second, sixth = paper.prices[2], paper.prices[5]
    first, long = paper.offers[0], replace(paper.offers[1], title=_WIDEST[language], text=_LONGEST[language])
    bulletin = replace(here, focus={Screen.MARKET: market.offer_row(first)})
    entry = replace(bulletin, over_home=(*here.over_home, Screen.OFFER))
    last = replace(paper, prices=paper.prices[4:5], offers=(replace(long, contact=_CONTACT[language]),))
    return {
        "market": here,
        "market-focus": replace(here, focus={Screen.MARKET: market.price_row(second)}, online=False),
        "market-page": replace(here, focus={Screen.MARKET: market.price_row(sixth)}, simple=False),
        "market-one": replace(here, papers=today.papers.with_paper(last)),
        "market-tab": replace(here, focus={Screen.MARKET: FocusId(market.PRICES)}),
        "market-empty": replace(here, papers=today.papers),
        "market-bulletin": bulletin,
        "market-bulletin-empty": replace(here, papers=today.papers, focus={Screen.MARKET: FocusId(market.OFFERS)}),
        "offer": entry,
        "offer-long": replace(
            entry, papers=today.papers.with_paper(last), focus={Screen.MARKET: market.offer_row(last.offers[0])}
        ),
        "offer-over": replace(entry, papers=today.papers),
    }


_WIDEST = {Language.ZH: "求购优质枸杞苗一万株要粗的带土球", Language.EN: "Wanted: goji plant"}
_LONGEST = {
    Language.ZH: "要两年生的，高一米以上，根系完整，没有病。" * 5 + "价钱好说，自己来拉货。",
    Language.EN: "Two years old, healthy. " * 5,
}
_CONTACT = {
    Language.ZH: "平罗县崇岗镇马场村枸杞专业合作社 李主任 13900000000",
    Language.EN: "Goji cooperative, Machang, 13900000000",
}


def _prices(language: Language, today: State) -> tuple[PriceLine, ...]:
    day = local(today.now).date()
    return tuple(
        PriceLine(
            commodity=name,
            market=_MARKETS[language][place // 5],
            unit=unit,
            day=day - timedelta(days=place % 3),
            cents=cents,
            before_cents=before,
            days=_days(cents, before, place),
        )
        for place, (name, unit, cents, before) in enumerate(_GOODS[language])
    )


def _days(cents: int, before: int | None, place: int) -> tuple[int | None, ...]:
    """A month that comes to this price: up and down, with days of rest."""
    if before is None:
        return (*(None,) * 29, cents)
    waves = (0, 2, 5, 3, 1, -2, -4, -1, 2, 4)
    earlier = (before + before * waves[(day + 3 * place) % 10] // 100 for day in range(28))
    return (*(None if day % 7 == 5 else one for day, one in enumerate(earlier)), before, cents)


def _offers(language: Language, today: State) -> tuple[OfferCard, ...]:
    return tuple(
        OfferCard(
            id=f"o{number}",
            kind=OfferKind(kind),
            title=title,
            place=place,
            until=today.now + timedelta(days=3 * number + 2),
            text=text,
            contact=contact,
        )
        for number, (kind, title, place, text, contact) in enumerate(_OFFERS[language])
    )
