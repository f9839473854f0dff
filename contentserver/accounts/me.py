"""Pages of one's own account: where one is signed in, the password, the second factor, who stands in while one is away.

These are about whoever signed in, also while they act for somebody else.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from contentserver.accounts import factors, inviting, people, rules, service, standing_in
from contentserver.accounts.models import Account, Delegation, WebSession
from contentserver.accounts.rules import Step
from contentserver.accounts.schemas import AwayForm, ChangePasswordForm, CodeForm
from contentserver.accounts.views import (
    LIMIT,
    factor_required,
    note_factor,
    own_session,
    qr_of,
    vault,
)
from contentserver.audit import audit
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.phones import masked_number, mobile_number

blueprint = Blueprint("own_account", __name__, url_prefix="/me", template_folder="templates")
scoping.free(blueprint, "mark", because="looked for among one's own browsers")
scoping.free(blueprint, "delegation_id", because="looked for among what one has given and taken oneself")
MARK_CHARS = 16
"""Of a session's hash: enough to tell one's own sessions apart, and of no other use."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A delegation with its people; `given`: by the person whose page it is."""

    row: Delegation
    other: Account
    given: bool
    now: bool
    first: date
    last: date


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post("/sessions/<mark>/end")
@auth.require()
def end_session(mark: str) -> ResponseReturnValue:
    """Sign one of one's own browsers out."""
    own, unit = own_session(), http.db_session()
    row = next((one for one in _sessions(own.account_id) if one.token_hash[:MARK_CHARS] == mark), None)
    if row is None:
        raise NotFound("session_unknown", _("This browser is signed out already."))
    unit.delete(row)
    _note("session.ended", own.account)
    flash(_("That browser is signed out."))
    return redirect(url_for("own_account.index", _anchor="sessions"))


@blueprint.post("/sessions/end")
@auth.require()
def end_others() -> ResponseReturnValue:
    """Sign all one's other browsers out."""
    own = own_session()
    inviting.end_sessions(http.db_session(), own.account_id, but=own.token_hash)
    _note("session.ended_others", own.account)
    flash(_("All your other browsers are signed out."))
    return redirect(url_for("own_account.index", _anchor="sessions"))


@blueprint.post("/password")
@auth.require()
@http.limiter.limit(LIMIT)
def change_password() -> ResponseReturnValue:
    """A new password; whoever else is signed in with the old one is so no more."""
    form, unit, own = ChangePasswordForm(), http.db_session(), own_session()
    if not form.validate():
        return _page(password=form), 422
    account = unit.get_one(Account, own.account_id, with_for_update=True, populate_existing=True)
    try:
        service.check_password(account, form.old.data, http.now())
        service.set_password(account, form.new.data)
    except service.WrongPassword as error:
        unit.commit()
        form.old.errors = [str(error.sentence) if error.code == "locked" else _("This is not your password.")]
        return _page(password=form), 422
    except Rejected as error:
        form.new.errors = [str(error.sentence)]
        return _page(password=form), 422
    inviting.end_sessions(unit, account.id, but=own.token_hash)
    own.confirmed_at, account.failed_sign_ins, account.locked_until = http.now(), 0, None
    _note("password.changed", account)
    flash(_("The new password holds. Your other browsers are signed out."))
    return redirect(url_for("own_account.index"))


@blueprint.post("/phone")
@auth.require()
def note_phone() -> ResponseReturnValue:
    """At which number the server tells its owner what matters; the empty one takes it away."""
    account, typed = own_session().account, request.form.get("phone", "")
    number = mobile_number(typed) if typed.strip() else ""
    if number is None:
        return _page(phone_wrong=_("This is no mobile number: eleven digits that begin with 1.")), 422
    seal = current_app.extensions["services"].personal
    if seal.mark(number) != account.phone_mark:
        account.phone_sealed, account.phone_mark = seal.seal(number), seal.mark(number)
        _note("account.phone", account, {"known": bool(number)})
    flash(_("What matters comes to this number.") if number else _("No number is kept."))
    return redirect(url_for("own_account.index", _anchor="reach"))


@blueprint.post("/second-factor")
@auth.require()
def begin_factor() -> ResponseReturnValue:
    """Show a new square; what is in use stays so until a code of the new one is given."""
    factors.offer(http.db_session(), own_session().account, vault())
    return redirect(url_for("own_account.factor"))


@blueprint.get("/second-factor")
@auth.require()
def factor() -> ResponseReturnValue:
    return _factor_page(CodeForm(formdata=None))


@blueprint.post("/second-factor/code")
@auth.require()
@http.limiter.limit(LIMIT)
def take_factor() -> ResponseReturnValue:
    form, unit = CodeForm(), http.db_session()
    if not form.validate():
        return _factor_page(form)
    account = unit.get_one(Account, auth.person().id, with_for_update=True)
    try:
        codes = factors.take(unit, account, form.code.data, vault(), http.now())
    except service.WrongPassword as error:
        unit.commit()
        form.code.errors = [str(error.sentence)]
        return _factor_page(form)
    note_factor(account)
    return _shown_once(codes)


@blueprint.post("/second-factor/codes")
@auth.require()
def new_codes() -> ResponseReturnValue:
    """Ten new recovery codes in place of the old ones."""
    account = own_session().account
    if not factors.in_use(http.db_session(), account):
        raise Conflict("no_factor", _("There is no second factor."))
    _note("factor.new_codes", account)
    return _shown_once(factors.new_recovery_codes(http.db_session(), account, vault()))


@blueprint.post("/second-factor/remove")
@auth.require()
def remove_factor() -> ResponseReturnValue:
    """Sign in without it from now on, where that is allowed."""
    account = own_session().account
    if factor_required(account):
        raise Forbidden("factor_required", _("Your account needs a second factor. You can only set up another one."))
    if factors.take_away(http.db_session(), account):
        _note("factor.removed", account)
    flash(_("You sign in with the password alone from now on."))
    return redirect(url_for("own_account.index"))


@blueprint.post("/away")
@auth.require()
def give() -> ResponseReturnValue:
    """Let somebody stand in for some days."""
    form, own = AwayForm(), own_session().account
    if auth.person().acts_for is not None:
        raise Forbidden("acts_for", _("Act for yourself again first."))
    if not form.validate():
        return _page(away=form), 422
    days = (form.first.data, form.last.data)
    try:
        row = standing_in.give(http.db_session(), own, form.taker.data.strip(), days, http.now())
    except Rejected as error:
        (form.taker if error.code == "taker_wrong" else form.last).errors = [str(error.sentence)]
        return _page(away=form), 422
    _note("delegation.given", own, {"to": str(row.taker_id), "first": str(days[0]), "last": str(days[1])})
    flash(
        _("%(name)s may act for you in these days.", name=http.db_session().get_one(Account, row.taker_id).display_name)
    )
    return redirect(url_for("own_account.index", _anchor="away"))


@blueprint.post("/away/<uuid:delegation_id>/end")
@auth.require()
def take_back(delegation_id: UUID) -> ResponseReturnValue:
    own = own_session()
    row = standing_in.end(http.db_session(), delegation_id, own.account_id, http.now())
    if own.delegation_id == row.id:
        own.delegation_id = None
    _note("delegation.ended", own.account, {"delegation": str(row.id)})
    flash(_("Nobody stands in here any more."))
    return redirect(url_for("own_account.index", _anchor="away"))


@blueprint.post("/act-for/<uuid:delegation_id>")
@auth.require()
def act_for(delegation_id: UUID) -> ResponseReturnValue:
    """Have the role and region of somebody who is away, in this browser."""
    own, unit = own_session(), http.db_session()
    giver = standing_in.giver_of(unit, delegation_id, own.account, http.now())
    if giver is None:
        raise NotFound("delegation_unknown", _("Nobody stands in here any more."))
    if factor_required(giver) and not factors.in_use(unit, own.account):
        raise Forbidden(
            "factor_first", _("Whoever acts for a county or more needs a second factor. Set yours up first.")
        )
    own.delegation_id = delegation_id
    _note("delegation.begun", own.account, {"for": giver.username})
    flash(_("You act for %(name)s now. What you do bears both names.", name=giver.display_name))
    return redirect(url_for("reports.today"))


@blueprint.post("/act-for-myself")
@auth.require()
def act_for_myself() -> ResponseReturnValue:
    own = own_session()
    own.delegation_id = None
    _note("delegation.rested", own.account)
    flash(_("You act for yourself again."))
    return redirect(url_for("reports.today"))


def offers() -> list[tuple[Delegation, Account]]:
    """For the head of every page: in whose place the person may act now."""
    who = auth.person_or_none()
    if who is None or who.acts_for is not None:
        return []
    account = http.db_session().get(Account, who.id)
    return [] if account is None else list(standing_in.offered_to(http.db_session(), account, http.now()))


def standings(account: Account) -> list[Standing]:
    """Who stands in for an account's owner, and for whom they do."""
    unit, now = http.db_session(), http.now()
    return [
        Standing(
            row,
            unit.get_one(Account, row.taker_id if row.giver_id == account.id else row.giver_id),
            row.giver_id == account.id,
            row.starts_at <= now,
            clock.local(row.starts_at).date(),
            clock.local(row.ends_at - timedelta(seconds=1)).date(),
        )
        for row in standing_in.of_account(unit, account.id, now)
    ]


def _page(password: ChangePasswordForm | None = None, away: AwayForm | None = None, phone_wrong: str = "") -> str:
    own, unit = own_session(), http.db_session()
    account = own.account
    return render_template(
        "accounts/me.html",
        account=account,
        place=people.place_names(unit, [account.region_code])[account.region_code],
        own=own,
        sessions=_sessions(account.id),
        mark_chars=MARK_CHARS,
        has_factor=factors.in_use(unit, account),
        codes_left=factors.codes_left(unit, account),
        required=factor_required(account),
        standings=standings(account),
        may_give=Role(account.role) is not Role.AUDITOR,
        most_days=rules.MOST_DAYS_AWAY,
        password=password or ChangePasswordForm(formdata=None),
        away=away or AwayForm(formdata=None),
        phone=masked_number(current_app.extensions["services"].personal.open(account.phone_sealed) or ""),
        phone_wrong=phone_wrong,
        typed_phone=request.form.get("phone", ""),
    )


def _factor_page(form: CodeForm) -> BaseResponse:
    shown = factors.offered(http.db_session(), own_session().account, vault())
    if shown is None:
        return redirect(url_for("own_account.index"))
    page = render_template("accounts/set_up.html", form=form, secret=shown[0], square=qr_of(shown[1]), door=False)
    return make_response(page, 422 if form.errors else 200)


def _shown_once(codes: object) -> Response:
    return make_response(
        render_template("accounts/codes.html", codes=codes, onward=url_for("own_account.index"), door=False)
    )


def _sessions(account_id: UUID) -> list[WebSession]:
    """Where somebody is signed in, the last used first."""
    idle = current_app.extensions["services"].settings.session_idle_minutes
    query = select(WebSession).where(WebSession.account_id == account_id, WebSession.step == Step.NOTHING.value)
    rows = http.db_session().scalars(query.order_by(WebSession.seen_at.desc())).all()
    now = http.now()
    return [
        row
        for row in rows
        if not rules.over(row.created_at, now, Step.NOTHING) and not rules.idle_too_long(row.seen_at, now, idle)
    ]


def _note(action: str, account: Account, after: object = None) -> None:
    who, subject = service.person_of(account), f"account {account.id}"
    audit(http.db_session(), who=who, action=action, subject=subject, now=http.now(), after=after)
