"""What verdicts say to people: of each reason what is, and what will happen or who has to go.

Every sentence is plain and ends in what comes of it; no codes. The reasons themselves: `reasons.py`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, assert_never

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from contentserver.kernel import clock
from contentserver.kernel.display import clock_minute, length_of, megabytes, moment
from contentserver.readiness import reasons as r
from contentserver.readiness.reasons import AnyNoted, AnyReason, Light, Remedy, Verdict

LIGHTS: Final = {
    Light.READY: lazy_gettext("Ready"),
    Light.AT_RISK: lazy_gettext("At risk"),
    Light.WILL_NOT_PLAY: lazy_gettext("Will not play"),
    Light.SHOWN: lazy_gettext("Shown"),
    Light.PARTLY: lazy_gettext("Shown in part"),
    Light.MISSED: lazy_gettext("Not shown"),
    Light.UNREPORTED: lazy_gettext("Not reported yet"),
}
MISSED: Final = {
    "not_stored": lazy_gettext("The lesson had not arrived on the box in time."),
    "refused": lazy_gettext("The lesson was unsigned or altered, and was not played."),
    "expired": lazy_gettext("The rights to the lesson were over, and it was not played."),
    "player_failed": lazy_gettext("The box could not play it."),
    "no_player": lazy_gettext("The box has no working player; its program must be set up anew."),
}


def headline(found: Verdict, now: datetime) -> str:
    """What is, in one short sentence."""
    if not found.reasons:
        return str(_("Shown whole") if found.light is Light.SHOWN else _("Stored, and its signature is right"))
    return what(found.reasons[0], now)


def outlook(found: Verdict, smaller: str, now: datetime) -> str:
    """What will happen, or who has to go; empty where all is well."""
    if not found.reasons:
        return ""
    sentences = comes_of_it(found.reasons[0], now)
    if Remedy.SMALLER in found.remedies and smaller:
        sentences = (_("A smaller picture was chosen (%(name)s).", name=smaller), *sentences)
    return one_after_the_other(
        (*sentences, *(_("Besides: %(other)s.", other=what(one, now)) for one in found.reasons[1:]))
    )


def one_after_the_other(sentences: Iterable[str]) -> str:
    """Sentences in a row; after a full stop that brings its own space there is no other."""
    return " ".join(sentences).replace("。 ", "。")


def what(reason: AnyReason, now: datetime) -> str:
    """What is, as a headline without a full stop."""
    return str(_what(reason, now))


def _what(reason: AnyReason, now: datetime) -> object:  # noqa: PLR0912  # one short answer for each kind
    match reason:
        case r.NeverCalled():
            return _("The box has never called")
        case r.Silent():
            return _("Not heard from for %(time)s", time=_time(now, reason.since))
        case r.NotOnYet():
            return _("Still switched off")
        case r.Refused():
            return _("The lesson on the box is unsigned or altered")
        case r.PowerCutAnnounced():
            ends = when(reason.ends_at, reason.starts_at)
            return _("Power cut announced, %(start)s to %(end)s", start=when(reason.starts_at, now), end=ends)
        case r.DiskFull():
            return _("The disk is full, %(size)s too little", size=megabytes(reason.short_bytes))
        case r.TooSlow(ready_by=None):
            return _("The line is too slow, %(size)s are missing", size=megabytes(reason.missing_bytes))
        case r.TooSlow():
            return _("The line is too slow, ready by %(time)s", time=when(reason.ready_by, now))
        case r.LineDown():
            return _("No line, %(size)s are missing", size=megabytes(reason.missing_bytes))
        case r.LayerMissing():
            return _("Has never received the timetable of %(region)s", region=reason.owner)
        case r.LayerBehind():
            return _(
                "Has revision %(has)s of the timetable of %(region)s, not yet %(newest)s",
                has=reason.has,
                newest=reason.newest,
                region=reason.owner,
            )
        case r.Fetching():
            return _("On its way, ready by %(time)s", time=when(reason.ready_by, now))
        case r.SpeedUnknown():
            return _("Not stored yet, %(size)s are missing", size=megabytes(reason.missing_bytes))
        case r.ClockUnsure(uncertainty_ms=None):
            return _("The clock has not been set by the server yet")
        case r.ClockUnsure():
            return _("The clock may be wrong by %(time)s", time=length_of(reason.uncertainty_ms))
        case r.ClockAhead():
            return _("The clock is %(time)s fast", time=length_of(reason.ahead_ms))
        case r.UsuallyOff():
            return _(
                "Usually off at this hour: on %(on)s of the last %(known)s days",
                on=reason.on_days,
                known=reason.known_days,
            )
        case r.PartlyShown():
            return _(
                "Shown %(shown)s of %(planned)s",
                shown=length_of(reason.shown_ms),
                planned=length_of(reason.planned_ms),
            )
        case r.NotShown():
            return _("Not shown")
        case r.NotReported():
            return _("Not reported yet")
        case _ as never:
            assert_never(never)


def comes_of_it(reason: AnyReason, now: datetime) -> tuple[str, ...]:  # noqa: PLR0912  # one for each kind
    """What will happen by itself, or who has to go, as whole sentences."""
    match reason:
        case r.NeverCalled():
            return (_("The station's administrator connects it and looks at power and cable."),)
        case r.Silent():
            return _last_heard(reason.since), _("The station's administrator looks at power and cable.")
        case r.NotOnYet():
            return _last_heard(reason.since), _("The station's administrator switches it on.")
        case r.Refused():
            return (_("It will not be played. The box asks for it again by itself; if it stays so, call the county."),)
        case r.PowerCutAnnounced():
            why = (_("Reason: %(why)s.", why=reason.why),) if reason.why else ()
            return (*why, _("Choose another time for this village."))
        case r.DiskFull(light=Light.AT_RISK):
            return (_("Lessons that are over make room by themselves until then."),)
        case r.DiskFull():
            return (_("Take other lessons out of this village's timetable, or give the box a larger disk."),)
        case r.TooSlow():
            return (_("Even the smallest picture comes too late. Offer another lesson, or another time."),)
        case r.LineDown(light=Light.AT_RISK):
            return (_("It is fetched as soon as the box has a line again."),)
        case r.LineDown():
            return (_("It cannot come in time any more. The station's administrator looks at the line."),)
        case r.LayerMissing() | r.LayerBehind():
            return (_("It comes as soon as the box has a line."),)
        case r.Fetching():
            size = megabytes(reason.missing_bytes)
            return (
                _("%(percent)s %% is there, %(size)s to come. It comes by itself.", percent=reason.percent, size=size),
            )
        case r.SpeedUnknown():
            return (_("It is fetched by itself; how fast will be seen once it has begun."),)
        case r.ClockUnsure():
            return (_("It is set by itself within minutes of a line."),)
        case r.ClockAhead():
            return (_("It is set by itself; if it stays so, the box has to be looked at."),)
        case r.UsuallyOff():
            return (_("The station's administrator switches it on in time."),)
        case r.PartlyShown():
            return (_("The session tells which part."),)
        case r.NotShown():
            return (str(MISSED.get(reason.why, _("The box reported that it could not show it."))),)
        case r.NotReported(seen_at=None):
            return (_("The box has never called."),)
        case r.NotReported():
            told = _("It tells what it did when it has a line again; nothing is lost.")
            return _last_heard(reason.seen_at), told
        case _ as never:
            assert_never(never)


def noted(told: AnyNoted, now: datetime) -> tuple[str, str]:
    """What a note says: what is, and what comes of it."""
    if isinstance(told, r.OutcomeAskedAgain):
        return _("Once more: what came of the answer?"), _outcome_asked()
    if isinstance(told, r.OutcomeAsked):
        return _("What came of the answer?"), _outcome_asked()
    return what(told, now), one_after_the_other(comes_of_it(told, now))


def _outcome_asked() -> str:
    return str(_("Ask in the village, then write down whether it is solved, on what area, and what it brought."))


def _last_heard(instant: datetime | None) -> str:
    return str(_("Last heard on %(moment)s.", moment=moment(instant)))


def when(instant: datetime | None, now: datetime) -> str:
    """`18:40` on the day of `now`, else with the day."""
    if instant is None:
        return ""
    same = clock.local(instant).date() == clock.local(now).date()
    return clock_minute(instant) if same else moment(instant)


def _time(now: datetime, since: datetime) -> str:
    """How long ago, in days or hours."""
    hours = max(1, int((now - since).total_seconds()) // 3600)
    if hours < 48:
        return str(ngettext("%(num)s hour", "%(num)s hours", hours))
    return str(ngettext("%(num)s day", "%(num)s days", hours // 24))
