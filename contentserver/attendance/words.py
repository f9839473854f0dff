"""What an event says, in a sentence for people. Names are masked, as everywhere."""

from collections.abc import Mapping, Sequence
from typing import Protocol, assert_never

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from contentserver.attendance.corrections import Kind, Means
from contentserver.attendance.doubts import Doubt
from contentserver.attendance.models import CorrectionRow
from contentserver.kernel.display import length_of, moment
from schedules import asking, phrases
from schedules.wire.codec import Unreadable, decode_body
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    AiringStarted,
    AnswerRead,
    DocumentRead,
    DocumentReplied,
    EventBody,
    HeadCounted,
    NoticeRead,
    PlaybackSpan,
    QuestionAsked,
    QuizAnswered,
    SegmentDamaged,
    SignedIn,
    SignInUndone,
    StationEntered,
)


class Named(Protocol):
    """Somebody with a number and a name, masked."""

    @property
    def number(self) -> str:
        """What they type on the remote."""

    @property
    def name(self) -> str:
        """Their masked name."""


METHODS = {
    "number": lazy_gettext("by number"),
    "name": lazy_gettext("by name"),
    "card": lazy_gettext("by card"),
    "phone": lazy_gettext("by phone"),
    "hand": lazy_gettext("noted by hand"),
    "paper": lazy_gettext("paper roll"),
    "guest": lazy_gettext("counted as a guest, named later"),
}
MISSED = {
    "not_stored": lazy_gettext("The lesson had not arrived on the box in time."),
    "refused": lazy_gettext("The lesson was unsigned or altered, and was not played."),
    "expired": lazy_gettext("The rights to the lesson were over, and it was not played."),
    "player_failed": lazy_gettext("The box could not play it."),
    "no_player": lazy_gettext("The box has no working player; its program must be set up anew."),
    "alert": lazy_gettext("An alert was on the screen."),
}
MISSED_OTHERWISE = lazy_gettext("The box reported that it could not show it.")
REASONS = {
    "other_body": lazy_gettext("Two different events came under the same number. The first one counts."),
    "station_unknown": lazy_gettext(
        "The box says that it stands in a station where it was never put. What followed counts for its first station."
    ),
}
DOUBTS = {
    Doubt.NOTHING_SHOWN: lazy_gettext("People signed in, and nothing was shown."),
    Doubt.CROWD: lazy_gettext("Sixty people or more signed in within a minute."),
    Doubt.FEWER_COUNTED: lazy_gettext("Fewer people were counted in the room than signed in."),
    Doubt.LONG_AFTER: lazy_gettext("Somebody signed in more than half an hour after the last picture."),
    Doubt.UNSURE_CLOCK: lazy_gettext("The box did not know the time to within a minute."),
    Doubt.TWO_PLACES: lazy_gettext("Somebody signed in at another station at the same time."),
}
PHRASES = {
    phrases.UNDERSTOOD: lazy_gettext("understood, we will use it"),
    phrases.SAMPLE: lazy_gettext("we want to see an example"),
    phrases.EXPERT: lazy_gettext("please send an expert"),
    phrases.PRICES: lazy_gettext("we want to know prices"),
    phrases.LOUDER: lazy_gettext("the sound a little louder"),
    phrases.NO_DISCUSSION: lazy_gettext("no discussion"),
}
TOPICS = {
    asking.SOIL: lazy_gettext("Soil and fertiliser"),
    asking.RICE: lazy_gettext("Rice"),
    asking.PESTS: lazy_gettext("Pests and diseases"),
    asking.ANIMALS: lazy_gettext("Animals"),
    asking.POLICY: lazy_gettext("Policy"),
    asking.OTHER: lazy_gettext("Something else"),
}
SENTENCES = {
    "not_understood": lazy_gettext("I did not understand this. Please explain it."),
    "how_here": lazy_gettext("How do we do this here?"),
    "send_expert": lazy_gettext("Please send somebody to have a look."),
    "soil_test": lazy_gettext("Where can I have my soil tested?"),
    "how_much_fertiliser": lazy_gettext("How much fertiliser do I need?"),
    "salty_soil": lazy_gettext("My field is salty. What helps?"),
    "rice_yellow": lazy_gettext("My rice turns yellow. Why?"),
    "rice_water": lazy_gettext("When do I let water in and out?"),
    "rice_seed": lazy_gettext("Which seed is good here?"),
    "which_pest": lazy_gettext("What eats my crop?"),
    "which_spray": lazy_gettext("What do I spray, and how much?"),
    "spots_on_leaves": lazy_gettext("There are spots on the leaves. What is it?"),
    "animal_ill": lazy_gettext("An animal is ill. What do I do?"),
    "animal_feed": lazy_gettext("What do I feed, and how much?"),
    "animal_vaccine": lazy_gettext("When are the vaccinations?"),
    "which_subsidy": lazy_gettext("Which subsidies can I get?"),
    "how_to_apply": lazy_gettext("How do I apply for it?"),
    "when_paid": lazy_gettext("When will the money come?"),
    "where_to_sell": lazy_gettext("Where can I sell this?"),
    "call_back": lazy_gettext("Please call me back."),
}
RAW_SHOWN = 200


def sentence(body: str, members: Mapping[str, Named] | None, stations: Mapping[str, str]) -> str:
    """What a body says.

    Args:
        body: JSON as it came.
        members: those of the box's station, by id, their names masked; None where names are not to be read.
        stations: names of stations by id.
    """
    try:
        read = decode_body(body.encode())
    except Unreadable:
        read = None
    if read is None:
        return str(_("Something that this server does not understand: %(raw)s", raw=body[:RAW_SHOWN]))
    return str(_of(read, members, stations))


def _of(body: EventBody, members: Mapping[str, Named] | None, stations: Mapping[str, str]) -> object:
    match body:
        case AiringStarted(lesson=lesson, planned_start=planned):
            return _("%(lesson)s began, planned for %(time)s", lesson=lesson.title, time=moment(planned, True))
        case PlaybackSpan(lesson=lesson, from_ms=start, to_ms=end):
            return _(
                "%(lesson)s was on the screen from %(start)s to %(end)s of its length",
                lesson=lesson.title,
                start=length_of(start),
                end=length_of(end),
            )
        case AiringEnded(complete=complete):
            return _("The airing ended, shown to its end") if complete else _("The airing ended before its end")
        case AiringMissed(lesson=lesson, reason=reason):
            why = MISSED.get(reason, MISSED_OTHERWISE)
            return _("%(lesson)s was not shown. %(why)s", lesson=lesson.title, why=why)
        case SegmentDamaged(lesson=lesson, file=file, from_ms=start, to_ms=end):
            return _(
                "A piece of %(lesson)s is damaged on the box, from %(start)s to %(end)s of its length: %(file)s",
                lesson=lesson.title,
                start=length_of(start),
                end=length_of(end),
                file=file[:RAW_SHOWN],
            )
        case SignedIn(lesson=lesson, member=member, method=method):
            return _(
                "%(who)s signed in to %(lesson)s, %(how)s",
                who=_who(member, members),
                lesson=lesson.title,
                how=METHODS.get(method, method),
            )
        case SignInUndone(member=member):
            return _("The sign-in of %(who)s was taken back", who=_who(member, members))
        case HeadCounted(people=people, phrases=codes):
            counted = ngettext(
                "%(num)s person was counted in the room", "%(num)s people were counted in the room", people
            )
            said = ", ".join(str(PHRASES.get(code, code)) for code in codes)
            return _("%(counted)s. They said: %(phrases)s", counted=counted, phrases=said) if said else counted
        case StationEntered(station=station):
            return _("The box stands in %(station)s", station=stations.get(station, station[:RAW_SHOWN]))
        case QuizAnswered() | QuestionAsked() | AnswerRead() | NoticeRead() | DocumentRead() | DocumentReplied():
            return _exchanged(body)
        case _:
            assert_never(body)


def _exchanged(
    body: QuizAnswered | QuestionAsked | AnswerRead | NoticeRead | DocumentRead | DocumentReplied,
) -> object:
    match body:
        case QuizAnswered(choice=choice) if choice < 0:
            return _("An answer to a question of the quiz was taken back")
        case QuizAnswered(lesson=lesson, choice=choice, turn=0):
            return _(
                "The room chose answer %(number)s to a question about %(lesson)s",
                number=choice + 1,
                lesson=lesson.title,
            )
        case QuizAnswered(lesson=lesson, choice=choice, turn=turn):
            return _(
                "Answer %(number)s to a question about %(lesson)s, the %(turn)s. to answer",
                number=choice + 1,
                lesson=lesson.title,
                turn=turn,
            )
        case QuestionAsked(topic=topic, sentence=code):
            said = SENTENCES.get(code, code[:RAW_SHOWN])
            return _(
                "The room asked: %(question)s (%(topic)s)", question=said, topic=TOPICS.get(topic, topic[:RAW_SHOWN])
            )
        case AnswerRead(helped=None):
            return _("The answer to a question was opened")
        case AnswerRead(helped=helped):
            return (
                _("The room said that an answer helped") if helped else _("The room said that an answer did not help")
            )
        case NoticeRead():
            return _("A notice was opened")
        case DocumentRead():
            return _("It was confirmed that a document was read")
        case DocumentReplied(answer=answer):
            return _("A document was answered by the remote: %(answer)s", answer=answer[:RAW_SHOWN] or "?")
        case _:
            assert_never(body)


def correction(rows: Sequence[CorrectionRow], names: Mapping[str, Named] | None) -> object:
    """What a correction says; of a paper roll, all that it brought.

    Args:
        rows: one, or those of one sheet.
        names: of members, by id, masked; None where names are not to be read.
    """
    row = rows[0]
    who = ", ".join(str(_who(one.member_id, names)) for one in rows)
    match Kind(row.kind):
        case Kind.ADDED if row.means == Means.PAPER:
            return ngettext(
                "Paper roll, %(num)s person: %(who)s", "Paper roll, %(num)s people: %(who)s", len(rows), who=who
            )
        case Kind.ADDED if row.means == Means.GUEST:
            return _("A guest who was counted was %(who)s", who=who)
        case Kind.ADDED if row.from_minute is None and row.to_minute is None:
            return _("%(who)s was there", who=who)
        case Kind.ADDED if row.to_minute is None:
            return _("%(who)s was there from minute %(first)s", who=who, first=row.from_minute)
        case Kind.ADDED:
            first, last = row.from_minute or 0, row.to_minute
            return _("%(who)s was there from minute %(first)s to minute %(last)s", who=who, first=first, last=last)
        case Kind.TAKEN_OFF:
            return _("%(who)s was not there", who=who)
        case Kind.LEFT:
            return _("%(who)s went after %(minute)s minutes", who=who, minute=row.to_minute)
        case Kind.COUNTED:
            return ngettext("%(num)s person was in the room", "%(num)s people were in the room", row.people or 0)
        case Kind.HELD:
            return _("The lesson was held without a box that reported it")
        case Kind.REVOKED:
            return _("A correction was taken back")
        case _ as unknown:
            assert_never(unknown)


def _who(member: str, members: Mapping[str, Named] | None) -> object:
    if members is None:
        return _("a member")
    known = members.get(member)
    return f"{known.name} {known.number}" if known else _("somebody who is not on the roll")
