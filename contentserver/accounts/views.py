"""The door: sign in by password and second factor, take up an invitation, give the password again, sign out.

Between password and second factor nobody is signed in: the cookie then holds the secret of a session that waits, and
which opens nothing.
"""

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from contentserver.accounts import factors, inviting, rules, service
from contentserver.accounts.models import Account, WebSession
from contentserver.accounts.rules import Device, Step
from contentserver.accounts.schemas import CodeForm, ConfirmForm, NewPasswordForm, SignInForm
from contentserver.accounts.vault import Vault
from contentserver.audit import audit
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Rejected, Unauthenticated

blueprint = Blueprint("accounts", __name__, template_folder="templates")
scoping.free(blueprint, "token", because="whoever holds an invitation is the one who was invited")
SESSION_KEY = "sid"
"""Where the signed cookie keeps the secret of the server-side session."""
HALF_KEY = "half"
"""Where it keeps the secret of one that waits for the second factor."""
LIMIT = "60 per minute"


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    return render_template("accounts/sign_in.html", form=SignInForm())


@blueprint.post("/sign-in")
@http.limiter.limit(LIMIT)
def sign_in_submitted() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate():
        try:
            account = service.account_with(http.db_session(), form.username.data, form.password.data, http.now())
        except service.WrongPassword as error:
            http.db_session().commit()  # the failed attempt counts towards the lock
            form.password.errors = [str(error.sentence)]
        else:
            return _let_in(account, http.local_path(request.args.get("next")))
    return render_template("accounts/sign_in.html", form=form), 422


@blueprint.get("/sign-in/code")
def code() -> ResponseReturnValue:
    """The code of the phone, after the password."""
    _half(Step.CODE)
    return render_template("accounts/code.html", form=CodeForm(formdata=None))


@blueprint.post("/sign-in/code")
@http.limiter.limit(LIMIT)
def code_given() -> ResponseReturnValue:
    row, form = _half(Step.CODE), CodeForm()
    if form.validate():
        account = _locked_row(row)
        try:
            factors.check(http.db_session(), account, form.code.data, vault(), http.now())
        except service.WrongPassword as error:
            http.db_session().commit()
            form.code.errors = [str(error.sentence)]
        else:
            return _whole(row, account)
    return render_template("accounts/code.html", form=form), 422


@blueprint.get("/sign-in/second-factor")
def set_up() -> ResponseReturnValue:
    """Where a second factor is asked for and there is none: set one up before anything else."""
    row = _half(Step.SET_UP)
    return _set_up_page(row.account, CodeForm(formdata=None))


@blueprint.post("/sign-in/second-factor")
@http.limiter.limit(LIMIT)
def set_up_given() -> ResponseReturnValue:
    row, form = _half(Step.SET_UP), CodeForm()
    if form.validate():
        account = _locked_row(row)
        try:
            codes = factors.take(http.db_session(), account, form.code.data, vault(), http.now())
        except service.WrongPassword as error:
            http.db_session().commit()
            form.code.errors = [str(error.sentence)]
        else:
            note_factor(account)
            going = _whole(row, account)
            return render_template("accounts/codes.html", codes=codes, onward=going.location, door=True)
    return _set_up_page(row.account, form), 422


@blueprint.get("/invitation/<token>")
@http.limiter.limit(LIMIT)
def invitation(token: str) -> ResponseReturnValue:
    """Choose a password."""
    account = inviting.invited_by(http.db_session(), token, http.now())
    return render_template("accounts/invitation.html", account=account, form=NewPasswordForm(formdata=None))


@blueprint.post("/invitation/<token>")
@http.limiter.limit(LIMIT)
def invitation_taken(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    account = inviting.invited_by(http.db_session(), token, http.now())
    if form.validate():
        try:
            account = inviting.accept(http.db_session(), token, form.new.data, http.now())
        except Rejected as error:
            form.new.errors = [str(error.sentence)]
        else:
            return _let_in(account, url_for("reports.today"))
    return render_template("accounts/invitation.html", account=account, form=form), 422


@blueprint.get("/confirm")
@auth.require()
def confirm() -> ResponseReturnValue:
    """Who is it that asks for a file? The password again, then on to it."""
    form = ConfirmForm(formdata=None)
    return render_template("accounts/confirm.html", form=form, onward=http.local_path(request.args.get("next")))


@blueprint.post("/confirm")
@auth.require()
@http.limiter.limit(LIMIT)
def confirmed() -> ResponseReturnValue:
    form, onward = ConfirmForm(), http.local_path(request.args.get("next"))
    if form.validate():
        try:
            confirm_with(form.password.data)
        except service.WrongPassword as error:
            form.password.errors = [str(error.sentence)]
        else:
            return render_template("accounts/confirmed.html", onward=onward)
    return render_template("accounts/confirm.html", form=form, onward=onward), 422


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    for key in (SESSION_KEY, HALF_KEY):
        if token := session.pop(key, None):
            service.close_session(http.db_session(), token)
    flash(_("You are signed out."))
    return redirect(url_for("accounts.sign_in"))


def confirm_with(password: str) -> None:
    """The signed-in person gives their password again.

    Raises:
        WrongPassword: it is wrong; it counts.
    """
    unit = http.db_session()
    row = own_session()
    try:
        service.check_password(_locked_row(row), password, http.now())
    except service.WrongPassword:
        unit.commit()
        raise
    row.confirmed_at = http.now()
    row.account.failed_sign_ins, row.account.locked_until = 0, None
    unit.commit()  # it stays given, whatever becomes of what was asked for


def own_session() -> WebSession:
    """The session of the signed-in person.

    Raises:
        Unauthenticated: there is none.
    """
    idle = current_app.extensions["services"].settings.session_idle_minutes
    row = service.session_of(http.db_session(), session.get(SESSION_KEY, ""), http.now(), idle, Step.NOTHING)
    if row is None:
        raise Unauthenticated("sign_in_first", _("Please sign in first."))
    return row


def vault() -> Vault:
    """What second factors are sealed with."""
    return Vault(current_app.extensions["services"].settings.secret_key)


def factor_required(account: Account) -> bool:
    """Whether this server asks the account's owner for a second factor."""
    policy = current_app.extensions["services"].settings.second_factor
    return rules.factor_required(policy, Role(account.role), account.region_code)


def note_factor(account: Account) -> None:
    """A second factor was set up: into the audit trail."""
    who, subject = service.person_of(account), f"account {account.id}"
    audit(http.db_session(), who=who, action="factor.set_up", subject=subject, now=http.now())


def qr_of(address: str, mask: int | None = None) -> str:
    """A square that phones read, as an SVG inside a page; with a mask named it takes a fifth of the time."""
    made: str = segno.make(address, error="m", micro=False, mask=mask).svg_inline(
        border=2, dark="#1a1510", light="#ffffff", svgclass="qr", lineclass=None, omitsize=True
    )
    return made


def device() -> Device:
    """From where this request comes."""
    return Device(request.remote_addr or "", request.user_agent.string)


def _let_in(account: Account, onward: str) -> ResponseReturnValue:
    """After the password: in, or on to what is still asked for."""
    unit, now = http.db_session(), http.now()
    step = rules.next_step(has_factor=factors.in_use(unit, account), required=factor_required(account))
    token = service.open_session(unit, account, now, device(), step)
    if step is Step.SET_UP:
        factors.offer(unit, account, vault())
    _fresh_cookie(SESSION_KEY if step is Step.NOTHING else HALF_KEY, token)
    if step is Step.NOTHING:
        return redirect(onward)
    session["onward"] = onward
    return redirect(url_for("accounts.code" if step is Step.CODE else "accounts.set_up"))


def _half(step: Step) -> WebSession:
    """The session that waits for a step.

    Raises:
        Unauthenticated: it waited for too long, or for something else.
    """
    row = service.session_of(http.db_session(), session.get(HALF_KEY, ""), http.now(), 60, step)
    if row is None:
        raise Unauthenticated("sign_in_first", _("Please sign in first."))
    return row


def _whole(row: WebSession, account: Account) -> Response:
    """A new session in place of the one that waited."""
    unit, onward = http.db_session(), http.local_path(session.get("onward"))
    unit.delete(row)
    _fresh_cookie(SESSION_KEY, service.open_session(unit, account, http.now(), device()))
    return redirect(onward)


def _fresh_cookie(key: str, token: str) -> None:
    """Nothing of what the cookie held before stays in it, but for the language."""
    locale = session.get("locale")
    session.clear()
    session[key] = token
    if locale:
        session["locale"] = locale


def _locked_row(row: WebSession) -> Account:
    """The account, for this unit of work alone: attempts at the same moment are all counted."""
    return http.db_session().get_one(Account, row.account_id, with_for_update=True, populate_existing=True)


def _set_up_page(account: Account, form: CodeForm) -> str:
    shown = factors.offered(http.db_session(), account, vault())
    if shown is None:
        raise Unauthenticated("sign_in_first", _("Please sign in first."))
    return render_template("accounts/set_up.html", form=form, secret=shown[0], square=qr_of(shown[1]), door=True)
