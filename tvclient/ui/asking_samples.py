"""Sample states of questions to the experts: what is asked, what came of it, an answer that is read."""

from datetime import timedelta

from msgspec.structs import replace

from schedules.airings import LessonCard, LessonId, PackageName
from schedules.wire.messages import AnswerFile, AnswerFileKind, CaseCard, CaseState, GreenChannel
from tvclient.core.consulting import Asking, judged_as
from tvclient.core.geometry import FocusId
from tvclient.core.state import Language, Screen, State, StoredLesson
from tvclient.ui.sample_photographs import LEAF

_WORDS = {
    Language.ZH: (
        ("该上多少肥？", "稻子发黄是怎么回事？", "什么时候打疫苗？", "卖到哪里去？", "怎么申请？"),
        "先看化验单，再定用量。马场村的地，氮够了，缺的是磷和锌。\n一亩地底肥上磷酸二铵 15 公斤、硫酸锌 1 公斤，"
        "尿素等拔节以后再追 10 公斤，不要一次上足。\n拿不准就把化验单带到站上，我周四下午在。",
        "市农技中心 马老师",
    ),
    Language.EN: (
        ("How much fertiliser do I need?", "My rice turns yellow. Why?", "When are the vaccinations?", "Where can I "
         "sell this?", "How do I apply for it?"),
        "Look at the slip first. Around Machang there is enough nitrogen; what is missing is phosphorus and zinc.\n"
        "For one mu take 15 kg of diammonium phosphate and 1 kg of zinc sulphate before sowing, and 10 kg of urea only "
        "when the stems grow.\nBring the slip to the station if you are not sure: I am there on Thursday afternoon.",
        "Ma, city extension centre",
    ),
}  # fmt: skip
_TOPICS = ("soil", "rice", "animals", "other", "policy")
_NOTE = "note"
_FILES = (
    AnswerFile(kind=AnswerFileKind.PHOTO, sha256=LEAF, bytes=300_000),
    AnswerFile(kind=AnswerFileKind.VOICE, sha256=_NOTE, bytes=90_000),
)
_STATES = (CaseState.ANSWERED, CaseState.TAKEN, CaseState.OPEN, CaseState.ANSWERED, CaseState.CLOSED)


def asking(language: Language, playing: State, today: State) -> dict[str, State]:
    """The ways to a question, and to its answer."""
    questions, answer, expert = _WORDS[language]
    cases = tuple(
        CaseCard(
            id=f"c{place}",
            number=12 - place,
            topic=_TOPICS[place],
            question=question,
            asked_at=today.now - timedelta(days=place, hours=1),
            state=_STATES[place],
            answer=answer if _STATES[place] is CaseState.ANSWERED else "",
            answered_by=expert if _STATES[place] is CaseState.ANSWERED else "",
            answered_at=today.now if _STATES[place] is CaseState.ANSWERED else None,
            lesson=LessonId("c0.1") if place == 0 else LessonId(""),
            asks_outcome=place == 0,
        )
        for place, question in enumerate(questions)
    )
    paper = GreenChannel(version="1", cases=cases, ask="https://yuanjiao.example/join/1ZbQ0n4Yv3mPq8sKfJ2x7w/ask")
    with_cases = replace(today, papers=replace(today.papers, green_channel=paper))
    pinned = Asking(lesson=playing.timetable[0].lesson, airing=playing.timetable[0].id, position_ms=754_000)
    ask = replace(with_cases, over_home=(Screen.ASK,), asking=pinned)
    answers = replace(with_cases, over_home=(Screen.ANSWERS,))
    read = replace(answers, over_home=(Screen.ANSWERS, Screen.ANSWER), asking=Asking(case="c0"))
    opened = read.reading.opened | {judged_as("c0")}
    return {
        "ask": ask,
        "ask-first": replace(ask, asking=Asking(), papers=replace(ask.papers, green_channel=GreenChannel(version=""))),
        "sentences": replace(ask, over_home=(Screen.ASK, Screen.SENTENCES), asking=replace(pinned, topic="soil")),
        "sentences-offline": replace(
            ask,
            over_home=(Screen.ASK, Screen.SENTENCES),
            asking=replace(pinned, topic="animals"),
            online=False,
            focus={Screen.SENTENCES: FocusId("sentence.animal_feed")},
        ),
        "today-answered": with_cases,
        "answers": answers,
        "answers-just-asked": replace(
            answers, asking=Asking(topic="soil", asked="how_much_fertiliser", asked_at=today.now)
        ),
        "answers-empty": replace(answers, papers=replace(answers.papers, green_channel=GreenChannel(version=""))),
        "answer": read,
        "answer-judged": replace(read, reading=replace(read.reading, opened=opened)),
        "answer-open": replace(read, asking=Asking(case="c2")),
        **_with_files(read),
    }


def _with_files(read: State) -> dict[str, State]:
    """An answer with a photograph and a voice note: on their way, here, heard."""
    first, *others = read.papers.green_channel.cases
    cases = (replace(first, files=_FILES), *others)
    coming = replace(read, papers=replace(read.papers, green_channel=GreenChannel(version="1", cases=cases)))
    here = replace(coming, papers=replace(coming.papers, stored=frozenset({LEAF, _NOTE})))
    return {
        "answer-files-coming": coming,
        "answer-files": here,
        "answer-heard": replace(
            here,
            asking=Asking(case="c0", note=_NOTE),
            focus={Screen.ANSWER: FocusId("note")},
            lessons=(StoredLesson(PackageName("sha256-c0"), LessonCard(id=first.lesson, title="", course=""), 1),),
        ),
        "answer-picture": replace(here, asking=Asking(case="c0", page=9)),
    }
