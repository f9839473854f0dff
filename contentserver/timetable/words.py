"""The timetable in words: what an edit did, what differs between two plans, why an airing gives way.

Every word comes from the catalogues. Decides nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask_babel import gettext, lazy_gettext

from contentserver.kernel import display
from contentserver.timetable.plans import Change, ChangeKind, PlannedSlot
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
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PLAIN = re.compile(r"FREQ=(DAILY|WEEKLY)(?:;BYDAY=(?P<days>[A-Z,]+))?(?:;UNTIL=(?P<until>\d{8})(?:T\d{6}Z?)?)?")


def _(sentence: str, **values: object) -> str:
    return str(gettext(sentence, **values))


def repetition(slot: PlannedSlot) -> str:
    """How often a slot airs: 每周 周二 周五，到 2026-12-31 周四."""
    return repetition_of_rule(slot.rule)


def repetition_of_rule(rule: str) -> str:
    """The same of an RRULE alone."""
    if not rule:
        return _("Once")
    read = _PLAIN.fullmatch(rule)
    if read is None:
        return _("By the rule %(rule)s", rule=rule)
    often = _("Every day") if read[1] == "DAILY" else _("Every week")
    if read["days"]:
        often += " " + " ".join(str(display.WEEKDAYS[_WEEKDAYS.index(day)]) for day in read["days"].split(","))
    if read["until"]:
        often = _("%(often)s until %(day)s", often=often, day=display.day(datetime.fromisoformat(read["until"]).date()))
    return often


def local(moment: datetime) -> str:
    """`2026-11-23 周一 19:30` of a naive wall-clock time."""
    return f"{display.day(moment.date())} {moment:%H:%M}"


def sentences(changes: Sequence[Change], titles: Mapping[str, str]) -> list[str]:
    """Differences between two plans, one sentence each.

    Args:
        titles: of lessons, by id.
    """
    return [_sentence(change, lambda lesson: titles.get(lesson, _("a lesson that is gone"))) for change in changes]


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
        return _(
            "%(lesson)s is repeated %(days)s days later at %(clock)s.",
            lesson=lesson,
            days=change.repeat.days_later,
            clock=clock,
        )
    if change.evening is not None:
        return _evening(change, lesson, title)
    return _slot(change, lesson, title)


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


def _slot(change: Change, lesson: str, title: Callable[[str], str]) -> str:
    before, after = change.before, change.after
    if after is None:
        start = local(before.local_start) if before else ""
        return _("%(lesson)s is taken out (%(start)s).", lesson=lesson, start=start)
    said = {"lesson": lesson, "start": local(after.local_start), "repeats": repetition(after)}
    said["rank"] = str(RANK_NAMES[after.rank])
    if before is None:
        return _("%(lesson)s is added: %(start)s, %(repeats)s, %(rank)s.", **said)
    parts = []
    if before.local_start != after.local_start:
        parts.append(_("from %(old)s to %(new)s", old=local(before.local_start), new=local(after.local_start)))
    if before.rule != after.rule:
        parts.append(_("%(old)s becomes %(new)s", old=repetition(before), new=repetition(after)))
    if before.rank != after.rank:
        parts.append(_("%(old)s becomes %(new)s", old=RANK_NAMES[before.rank], new=RANK_NAMES[after.rank]))
    if before.days != after.days:
        parts.append(_("%(old)s becomes %(new)s", old=DAYS_NAMES[before.days], new=DAYS_NAMES[after.days]))
    if before.lessons != after.lessons:
        parts.append(_("now %(lessons)s", lessons="、".join(map(title, after.lessons))))
    return _("%(lesson)s changes: %(parts)s.", lesson=lesson, parts="; ".join(parts))
