"""The timetable in words: what an edit did, what differs between two plans, why an airing gives way.

Every word comes from the catalogues. Decides nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import reduce

from flask_babel import gettext, lazy_gettext, ngettext

from contentserver.kernel import display
from contentserver.timetable.plans import ZONE, Change, ChangeKind, PlannedSlot
from contentserver.timetable.rules import MissingCause
from schedules.airings import Rank
from schedules.holidays import DayKind
from schedules.merge import Reason
from schedules.slots import Days

LEVEL_NAMES = (
    lazy_gettext("Province"),
    lazy_gettext("City"),
    lazy_gettext("County"),
    lazy_gettext("Township"),
    lazy_gettext("Village"),
)
RANK_NAMES = {
    Rank.MANDATORY: lazy_gettext("Mandatory"),
    Rank.REGULAR: lazy_gettext("Regular"),
    Rank.OPTIONAL: lazy_gettext("Optional"),
}
REASONS = {
    Reason.LOWER_RANK: lazy_gettext("the other has the higher rank"),
    Reason.HIGHER_REGION_FIRST: lazy_gettext("both are mandatory, and the higher region goes first"),
    Reason.NEARER_REGION_FIRST: lazy_gettext("the region nearer to the village goes first"),
    Reason.SAME_LEVEL: lazy_gettext("the other begins earlier"),
    Reason.DUPLICATE: lazy_gettext("it stands there twice"),
}
DAYS_NAMES = {
    Days.ANY: lazy_gettext("On any day"),
    Days.WORKING: lazy_gettext("Working days alone"),
    Days.FREE: lazy_gettext("Holidays and days of rest alone"),
    Days.HOLIDAYS: lazy_gettext("Holidays alone"),
    Days.NOT_HOLIDAYS: lazy_gettext("Not on holidays"),
}
ACTIONS = {
    "add_slot": lazy_gettext("Put into the plan"),
    "add_local": lazy_gettext("Added by the station"),
    "change_slot": lazy_gettext("Changed"),
    "move_slot": lazy_gettext("Moved, with all later ones"),
    "remove_slot": lazy_gettext("Taken out"),
    "stretch_slot": lazy_gettext("Stretched over several days"),
    "move_evening": lazy_gettext("Moved for one evening"),
    "replace_evening": lazy_gettext("Another lesson for one evening"),
    "cancel_evening": lazy_gettext("Cancelled for one evening"),
    "restore_evening": lazy_gettext("As planned again"),
    "add_repeat": lazy_gettext("Repeat added"),
    "remove_repeat": lazy_gettext("Repeat taken out"),
    "add_make_up": lazy_gettext("Made up for at another time"),
    "remove_make_up": lazy_gettext("Not made up for"),
    "accept_loss": lazy_gettext("Accepted that it does not play"),
    "paste": lazy_gettext("Copied in"),
    "bring_back": lazy_gettext("Brought back"),
    "undo": lazy_gettext("Undone"),
    "roll_back": lazy_gettext("Back to an earlier revision"),
    "brought_over": lazy_gettext("Brought over"),
}
DAY_KINDS = {
    DayKind.WORKING: lazy_gettext("Working day"),
    DayKind.REST: lazy_gettext("Day of rest"),
    DayKind.HOLIDAY: lazy_gettext("Holiday"),
}
FILE_FAULTS = {
    "missing": lazy_gettext("nothing stands there"),
    "lesson_unknown": lazy_gettext("there is no such lesson that could air here"),
    "date_unreadable": lazy_gettext("this is no date such as 2026-11-23"),
    "no_such_date": lazy_gettext("there is no such day"),
    "time_unreadable": lazy_gettext("this is no time such as 19:30"),
    "time_out_of_range": lazy_gettext("this time lies outside the years that a timetable knows"),
    "no_time": lazy_gettext("a day alone is not enough, the time is missing"),
    "repeat_unreadable": lazy_gettext("this repetition cannot be understood"),
    "rule_unreadable": lazy_gettext("this repetition cannot be understood"),
    "too_many_occurrences": lazy_gettext("more would air than a timetable can hold"),
    "until_before_date": lazy_gettext("the last day lies before the first"),
    "until_without_repeat": lazy_gettext("a last day needs a repetition"),
    "unknown_word": lazy_gettext("this word is not known here"),
    "not_supported": lazy_gettext("this part of a calendar is not supported"),
    "unreadable": lazy_gettext("this cannot be read"),
    "cell_too_long": lazy_gettext("a cell is far too long"),
    "row_twice": lazy_gettext("the same row stands there twice"),
    "zone_unknown": lazy_gettext("there is no such time zone"),
}
FILE_COLUMNS = {
    "lesson": lazy_gettext("Lesson"),
    "date": lazy_gettext("Date"),
    "time": lazy_gettext("Time"),
    "repeat": lazy_gettext("Repeats"),
    "until": lazy_gettext("Last day"),
    "rank": lazy_gettext("Rank"),
}
MISSING_CAUSES = {
    MissingCause.NEVER_SEEN: (
        lazy_gettext("Has never been heard of"),
        lazy_gettext("Ask the station to switch it on and to plug in the network cable."),
    ),
    MissingCause.OFFLINE: (
        lazy_gettext("Has no line"),
        lazy_gettext("It plays what it has, and fetches the revision once its line is back. Ask for power and cable."),
    ),
    MissingCause.SILENT: (
        lazy_gettext("Connected, but says nothing"),
        lazy_gettext("Ask the station to switch the box off and on again."),
    ),
    MissingCause.NOT_SENT: (
        lazy_gettext("Not sent yet"),
        lazy_gettext("It goes out by itself. If this lasts, look whether the broker and the link are running."),
    ),
    MissingCause.ON_ITS_WAY: (
        lazy_gettext("On its way"),
        lazy_gettext("Its word should come within a minute; if not, the box is told to fetch it in another way."),
    ),
}
"""Why a box lacks a revision, and what happens or who must go; what somebody must do something about comes first."""
EXCEPTIONS_NAMED = 5
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_OFTEN = {
    "DAILY": (lazy_gettext("Every day"), lazy_gettext("Every %(number)s days")),
    "WEEKLY": (lazy_gettext("Every week"), lazy_gettext("Every %(number)s weeks")),
    "MONTHLY": (lazy_gettext("Every month"), lazy_gettext("Every %(number)s months")),
}
_PLACES = {
    "1": lazy_gettext("the first %(weekday)s"),
    "2": lazy_gettext("the second %(weekday)s"),
    "3": lazy_gettext("the third %(weekday)s"),
    "4": lazy_gettext("the fourth %(weekday)s"),
    "-1": lazy_gettext("the last %(weekday)s"),
}
"""Of a month."""
_SAID = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WKST"})


def _(sentence: str, **values: object) -> str:
    return str(gettext(sentence, **values))


def repetition(slot: PlannedSlot) -> str:
    """How often a slot airs: 每周 周二 周五，到 2026-12-31 周四."""
    return repetition_of_rule(slot.rule)


def repetition_of_rule(rule: str) -> str:
    """The same of an RRULE alone."""
    if not rule:
        return _("Once")
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    days = [_day_of_rule(day) for day in parts.get("BYDAY", "").split(",") if day]
    dates = [date for date in parts.get("BYMONTHDAY", "").split(",") if date]
    if parts.get("FREQ") not in _OFTEN or not parts.keys() <= _SAID or None in days or not all(map(str.isdigit, dates)):
        return _("By the rule %(rule)s", rule=rule)
    once, several = _OFTEN[parts["FREQ"]]
    often = str(once) if parts.get("INTERVAL", "1") == "1" else str(several) % {"number": parts["INTERVAL"]}
    if days or dates:
        often = " ".join([often, *(day or "" for day in days), *(_("on day %(day)s", day=date) for date in dates)])
    if "COUNT" in parts:
        often = _("%(often)s, %(count)s times", often=often, count=parts["COUNT"])
    if "UNTIL" in parts:
        last = datetime.fromisoformat(parts["UNTIL"][:8]).date()
        often = _("%(often)s until %(day)s", often=often, day=display.day(last))
    return often


def _day_of_rule(day: str) -> str | None:
    """`TU`, `2TU`, `-1FR` of a BYDAY in words; None where it is something else."""
    weekday, place = day[-2:], day[:-2].removeprefix("+")
    if weekday not in _WEEKDAYS or (place and place not in _PLACES):
        return None
    name = str(display.WEEKDAYS[_WEEKDAYS.index(weekday)])
    return str(_PLACES[place]) % {"weekday": name} if place else name


def pattern(slot: PlannedSlot) -> str:
    """How often a slot airs, and on which of these days alone."""
    return repetition(slot) if slot.days is Days.ANY else listed([repetition(slot), str(DAYS_NAMES[slot.days])])


def local(moment: datetime) -> str:
    """`2026-11-23 周一 19:30` of a naive wall-clock time."""
    return f"{display.day(moment.date())} {moment:%H:%M}"


def listed(parts: Sequence[str]) -> str:
    """Several things in one line: `a, b, c`, with the comma of the person's language."""
    return reduce(lambda first, following: _("%(first)s, %(following)s", first=first, following=following), parts)


def sentences(changes: Sequence[Change], titles: Mapping[str, str]) -> list[str]:
    """Differences between two plans, one sentence each; an evening of a slot that is gone needs none.

    Args:
        titles: of lessons, by id.
    """
    gone = {change.slot for change in changes if change.kind is ChangeKind.REMOVED and not _of_one_evening(change)}
    said = [change for change in changes if change.evening is None or change.slot not in gone]
    return [_sentence(change, lambda lesson: titles.get(lesson, _("a lesson that is gone"))) for change in said]


def agreed(number: int) -> str:
    """How many airings more may give way to others by this plan."""
    return str(
        ngettext(
            "%(num)s airing gives way to another, as agreed.", "%(num)s airings give way to others, as agreed.", number
        )
    )


def _of_one_evening(change: Change) -> bool:
    return change.evening is not None or change.make_up is not None


def _sentence(change: Change, title: Callable[[str], str]) -> str:
    lesson = title(change.lesson)
    if change.make_up is not None:
        when = display.planned(change.make_up.start)
        if change.kind is ChangeKind.REMOVED:
            return _("%(lesson)s is not made up for on %(when)s.", lesson=lesson, when=when)
        return _("%(lesson)s is made up for on %(when)s.", lesson=lesson, when=when)
    if change.repeat is not None:
        clock = f"{change.repeat.at_min // 60:02d}:{change.repeat.at_min % 60:02d}"
        if change.kind is ChangeKind.REMOVED:
            return _("%(lesson)s is not repeated at %(clock)s any more.", lesson=lesson, clock=clock)
        return _repeated(change.repeat.days_later, lesson, clock)
    if change.evening is not None:
        return _evening(change, lesson, title)
    return _slot(change, title)


def _repeated(days: int, lesson: str, clock: str) -> str:
    if days == 0:
        return _("%(lesson)s is repeated the same day at %(clock)s.", lesson=lesson, clock=clock)
    if days == 1:
        return _("%(lesson)s is repeated the next day at %(clock)s.", lesson=lesson, clock=clock)
    return _("%(lesson)s is repeated %(days)s days later at %(clock)s.", lesson=lesson, days=days, clock=clock)


def _evening(change: Change, lesson: str, title: Callable[[str], str]) -> str:
    evening = local(change.evening) if change.evening else ""
    now = change.now
    if now is None:
        return _("%(lesson)s airs on %(evening)s as planned again.", lesson=lesson, evening=evening)
    if now.cancelled:
        return _("%(lesson)s falls away on %(evening)s.", lesson=lesson, evening=evening)
    if now.lesson and now.moved_to:
        return _(
            "Instead of %(lesson)s on %(evening)s, %(other)s airs on %(when)s.",
            lesson=lesson,
            evening=evening,
            other=title(now.lesson),
            when=local(now.moved_to),
        )
    if now.lesson:
        return _(
            "Instead of %(lesson)s on %(evening)s, %(other)s airs.",
            lesson=lesson,
            evening=evening,
            other=title(now.lesson),
        )
    when = local(now.moved_to) if now.moved_to else evening
    return _("%(lesson)s moves from %(evening)s to %(when)s.", lesson=lesson, evening=evening, when=when)


def _slot(change: Change, title: Callable[[str], str]) -> str:
    before, after = change.before, change.after
    if after is None:
        planned = _when(before) if before else ""
        return _("%(lesson)s is taken out (%(planned)s).", lesson=title(change.lesson), planned=planned)
    lesson = title(change.lesson)
    if before is None:
        if len(after.lessons) > 1:
            return _(
                "A series is added: %(parts)s. In turn: %(lessons)s.",
                parts=_when(after),
                lessons=listed([title(one) for one in after.lessons]),
            )
        return _("%(lesson)s is added: %(parts)s.", lesson=lesson, parts=_when(after))
    return _("%(lesson)s changes: %(parts)s.", lesson=lesson, parts=listed(_differences(before, after, title)))


def _when(slot: PlannedSlot) -> str:
    """Start, repetition, rank, and whatever is not as usual."""
    parts = [local(slot.local_start), pattern(slot), str(RANK_NAMES[slot.rank])]
    if slot.zone != ZONE:
        parts.append(_("by the clock of %(zone)s", zone=slot.zone))
    if slot.exceptions:
        parts.append(_("left out on %(days)s", days=_days(slot.exceptions)))
    return listed(parts)


def _differences(before: PlannedSlot, after: PlannedSlot, title: Callable[[str], str]) -> list[str]:
    parts = []
    if before.local_start != after.local_start:
        parts.append(_("from %(old)s to %(new)s", old=local(before.local_start), new=local(after.local_start)))
    for old, new in (
        (repetition(before), repetition(after)),
        (str(RANK_NAMES[before.rank]), str(RANK_NAMES[after.rank])),
        (str(DAYS_NAMES[before.days]), str(DAYS_NAMES[after.days])),
    ):
        if old != new:
            parts.append(_("%(old)s becomes %(new)s", old=old, new=new))
    if before.rule != after.rule and repetition(before) == repetition(after):
        parts.append(_("by the rule %(rule)s", rule=after.rule))
    if before.lessons != after.lessons:
        parts.append(_("now %(lessons)s", lessons=listed([title(one) for one in after.lessons])))
    if before.zone != after.zone:
        parts.append(_("by the clock of %(zone)s", zone=after.zone))
    left_out = [one for one in after.exceptions if one not in before.exceptions]
    back = [one for one in before.exceptions if one not in after.exceptions]
    if left_out:
        parts.append(_("left out on %(days)s", days=_days(left_out)))
    if back:
        parts.append(_("not left out any more on %(days)s", days=_days(back)))
    if not parts:
        parts.append(_("the same in another order"))
    return parts


def _days(moments: Sequence[datetime]) -> str:
    named = [display.day(moment.date()) for moment in sorted(moments)[:EXCEPTIONS_NAMED]]
    if len(moments) > EXCEPTIONS_NAMED:
        named.append(_("and %(count)s more", count=len(moments) - EXCEPTIONS_NAMED))
    return listed(named)
