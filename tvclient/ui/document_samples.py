"""Sample states of documents: the strip, the list, one read, confirmed, answered, recalled. Invented ones only."""

from datetime import timedelta

from msgspec.structs import replace

from schedules.wire.messages import DocumentCard, Documents, ReplyWay
from tvclient.core.geometry import FocusId
from tvclient.core.papers import NO_PAPERS
from tvclient.core.reading import NOTHING_READ, read_as, with_reply
from tvclient.core.state import Language, Screen, State

_DOCUMENTS = {
    Language.ZH: (
        ("关于做好秋冬种工作的通知", "请各村于本周内摸清冬小麦面积，能否按期完成播种，请用遥控器答复。\n"
         "因墒情播不下去的地块，另报原因和面积。县农业农村局下周一到各村核实。\n"
         "种子补贴按实际播种面积发放，弄虚作假的取消当年全部补贴，并通报全县。"
         "请村干部逐户核对，面积变化的当场改过来，由户主签字。", ("能按期完成", "有困难")),
        ("关于开展冬季消防检查的通知", "请检查站里的灭火器和插座。", ("yes", "no")),
        ("关于农村合作医疗缴费截止时间的通知", "截止到月底。", ()),
        ("关于举办远教站长培训班的通知", "日期另行通知。", ()),
        ("关于上报站点设备清单的通知", "请在网页上填写。", ()),
    ),
    Language.EN: (
        ("Work on the autumn and winter sowing", "Each village finds out its area of winter wheat this week, and says "
         "by the remote whether the sowing will be done in time.\n"
         "Where a field is too wet or too dry, the reason and the area are reported as well. The county's office of "
         "agriculture comes on Monday to look.\n"
         "The subsidy for seed follows the area that is really sown. Whoever reports more than that loses the year's "
         "subsidies. Please check household by household.", ("It will be done", "There are difficulties")),
        ("Fire safety in winter", "Please check extinguishers and sockets of the station.", ("yes", "no")),
        ("Last day for the health insurance", "It is the end of the month.", ()),
        ("A course for station administrators", "The day will be told.", ()),
        ("List of the station's equipment", "Please fill it in on the pages.", ()),
    ),
}  # fmt: skip
_RECALLED, _ELSEWHERE = 3, 4


def sent(language: Language, today: State) -> dict[str, State]:
    """A State for each thing that is said of documents, by name, from an evening with today's programme on it."""
    issuer, why = (
        ("平罗县", "日期有变，另行通知") if language is Language.ZH else ("Pingluo county", "The day has changed")
    )
    cards = tuple(
        DocumentCard(
            id=str(place),
            version=1,
            number=f"平农发〔2026〕{30 - place}号",
            title=title,
            text=text,
            issuer=issuer,
            sent_at=today.now - timedelta(hours=3 + 20 * place),
            read_due=today.now.date() + timedelta(days=3),
            reply=ReplyWay.ELSEWHERE if place == _ELSEWHERE else ReplyWay.KEYS if options else ReplyWay.NONE,
            options=options,
            attachments=("list.xlsx",) if place == _ELSEWHERE else (),
            read_version=int(place >= _RECALLED),
            recalled=why if place == _RECALLED else "",
        )
        for place, (title, text, options) in enumerate(_DOCUMENTS[language])
    )
    some = replace(today, papers=replace(NO_PAPERS, documents=Documents(version="1", documents=cards)))
    listed = replace(some, over_home=(Screen.TODAY, Screen.DOCUMENTS))

    def opened(document: str, page: int = 0, *known: str, answer: str = "") -> State:
        seen = frozenset(known)
        reading = replace(
            NOTHING_READ,
            document=document,
            document_page=page,
            opened=with_reply(seen, document, answer) if answer else seen,
        )
        return replace(listed, over_home=(*listed.over_home, Screen.DOCUMENT), reading=reading)

    answered = opened("0", 9, read_as("0", 1), answer=cards[0].options[0])
    return {
        "today-documents": replace(some, focus={Screen.TODAY: FocusId("notices")}),
        "documents": listed,
        "documents-none": replace(listed, papers=NO_PAPERS),
        "document": opened("0"),
        "document-last": opened("0", 1),
        "document-answer": opened("0", 9, read_as("0", 1)),
        "document-answered": replace(answered, focus={Screen.DOCUMENT: FocusId("option.0")}),
        "document-yes-no": opened("1", 9, read_as("1", 1)),
        "document-recalled": opened("3"),
        "document-elsewhere": opened("4"),
    }
