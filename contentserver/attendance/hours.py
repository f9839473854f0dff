"""The page on how hours count: the rule that holds, those before and to come, and a form to adopt another one."""

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from contentserver.accounts import Account
from contentserver.attendance.counting import MOST_GRACE_MIN, adopt, rule_on, rules_kept, withdraw
from contentserver.attendance.crediting import USUAL
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound, Refusal

blueprint = Blueprint("hours", __name__, url_prefix="/credit-rules", template_folder="templates")
scoping.free(
    blueprint, "day", because="the rule that begins on it counts in every region; the view asks who may change it"
)


@blueprint.get("")
@auth.require(Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post("")
@auth.require(Right.ADMINISTER)
def new() -> ResponseReturnValue:
    """Adopt a rule; it counts in every region."""
    auth.require_administers_all()
    asked = request.form
    share, grace = asked.get("share", None, int), asked.get("grace", None, int)
    try:
        adopt(
            http.db_session(),
            _day(asked.get("first_day", "")),
            share,
            grace,
            asked.get("reason", ""),
            auth.person(),
            http.now(),
        )
    except Refusal as error:
        return _page(error), http.status_of(error)
    flash(gettext("The rule is kept. It can be taken back until it begins."))
    return redirect(url_for("hours.index"))


@blueprint.post("/<day>/withdraw")
@auth.require(Right.ADMINISTER)
def taken_back(day: str) -> ResponseReturnValue:
    """Take a rule back that has not begun."""
    auth.require_administers_all()
    found = _day(day)
    if found is None:
        raise NotFound("rule_unknown", _("No rule begins on this day."))
    withdraw(http.db_session(), found, auth.person(), http.now())
    flash(gettext("The rule is taken back."))
    return redirect(url_for("hours.index"))


def _page(error: Refusal | None = None) -> str:
    session, today = http.db_session(), clock.local(http.now()).date()
    rows = rules_kept(session)
    holds = next((row.first_day for row in rows if row.first_day <= today), None)
    return render_template(
        "attendance/counting.html",
        rows=rows,
        names={row.by: session.get_one(Account, row.by).display_name for row in rows},
        usual=USUAL,
        today=today,
        holds=holds,
        rule=rule_on(session, today),
        tomorrow=today + timedelta(days=1),
        typed=request.form,
        wrong=error.sentence if error else "",
        most_grace=MOST_GRACE_MIN,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
