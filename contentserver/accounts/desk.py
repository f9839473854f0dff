"""Pages of whoever manages people: find somebody, invite, change, close; a sheet of many, and their links on paper."""

import smtplib
from uuid import UUID

import msgspec
import structlog
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from contentserver.accounts import factors, importing, me, people, rules
from contentserver.accounts.models import Account, WebSession
from contentserver.accounts.people import Facts, Found, Places
from contentserver.accounts.ports import SendMail
from contentserver.accounts.schemas import InviteForm, PersonForm
from contentserver.accounts.views import factor_required, qr_of
from contentserver.audit import ACTIONS
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right, Role
from contentserver.kernel.display import moment, role_name
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.pagination import paginate
from contentserver.kernel.sheets import XLSX_TYPE

blueprint = Blueprint("people", __name__, url_prefix="/people", template_folder="templates")
scoping.decided(blueprint, "account_id", by=people.person_asked)
WORDS_CHARS = 60
ROWS_SHOWN = 50
_FIELDS = {
    "username_wrong": "username",
    "username_taken": "username",
    "name_wrong": "display_name",
    "mail_wrong": "mail",
    "region_unknown": "region",
    "region_unclear": "region",
}

log = structlog.get_logger()


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One person as the preview carries them; nothing about it is believed when it comes back."""

    username: str
    display_name: str
    role: Role
    region: str
    mail: str = ""


@blueprint.get("")
@auth.require(Right.MANAGE_PEOPLE)
def index() -> ResponseReturnValue:
    """Everybody of one's region, or those looked for."""
    session, who = http.db_session(), auth.person()
    words, role = request.args.get("q", "").strip()[:WORDS_CHARS], request.args.get("role", "")
    place, state = request.args.get("region", "").strip()[:120], request.args.get("state", "")
    region, wrong = "", ""
    if place:
        try:
            region = Places(session, who.region_code).find(place)
        except Rejected as error:
            wrong = str(error.sentence)
    found = Found(words, role if role in {*Role} else "", region, state)
    page = paginate(session, people.people_query(who, found), request.args.get("page", 1, int))
    return render_template(
        "accounts/people.html",
        page=page,
        found=found,
        place=place,
        wrong=wrong,
        asked=bool(words or role or place or state),
        roles=[(one.value, role_name(one)) for one in Role],
        names=people.place_names(session, [one.region_code for one in page.rows]),
        factors=people.with_factor(session, page.rows),
        invited=people.invitations_of(session, page.rows, http.now()),
        locked=[one.id for one in page.rows if rules.locked(one.locked_until, http.now())],
        regions=_regions(),
    )


@blueprint.get("/new")
@auth.require(Right.MANAGE_PEOPLE)
def new() -> ResponseReturnValue:
    return _new_page(_with_roles(InviteForm(formdata=None)))


@blueprint.post("/new")
@auth.require(Right.MANAGE_PEOPLE)
def invite() -> ResponseReturnValue:
    """Invite somebody; the link is shown this once."""
    form = _with_roles(InviteForm())
    if not form.validate():
        return _new_page(form), 422
    try:
        account, token = people.add(http.db_session(), _facts(form), auth.person(), http.now())
    except Refusal as error:
        _beside(form, error)
        return _new_page(form), 422
    return _link_page(account, token)


@blueprint.get("/<uuid:account_id>")
@auth.require(Right.MANAGE_PEOPLE)
def one(account_id: UUID) -> ResponseReturnValue:
    """One person: what they may, where they are signed in, what they did."""
    return _person_page(_asked(account_id))


@blueprint.post("/<uuid:account_id>")
@auth.require(Right.MANAGE_PEOPLE)
def change(account_id: UUID) -> ResponseReturnValue:
    account, form = _asked(account_id), _with_roles(PersonForm())
    if not form.validate():
        return _person_page(account, form), 422
    try:
        people.change(http.db_session(), account, _facts(form, account.username), auth.person(), http.now())
    except Refusal as error:
        _beside(form, error)
        return _person_page(account, form), 422
    flash(_("It holds from now on."))
    return redirect(url_for("people.one", account_id=account.id))


@blueprint.post("/<uuid:account_id>/invite")
@auth.require(Right.MANAGE_PEOPLE)
def invite_again(account_id: UUID) -> ResponseReturnValue:
    """A link to choose a new password."""
    account = _asked(account_id)
    return _link_page(account, people.invite_again(http.db_session(), account, auth.person(), http.now()))


@blueprint.post("/<uuid:account_id>/close")
@auth.require(Right.MANAGE_PEOPLE)
def close(account_id: UUID) -> ResponseReturnValue:
    account = _asked(account_id)
    people.close(http.db_session(), account, auth.person(), http.now())
    flash(_("%(name)s cannot sign in any more. The account can be opened again.", name=account.display_name))
    return redirect(url_for("people.one", account_id=account.id))


@blueprint.post("/<uuid:account_id>/open")
@auth.require(Right.MANAGE_PEOPLE)
def reopen(account_id: UUID) -> ResponseReturnValue:
    account = _asked(account_id)
    people.reopen(http.db_session(), account, auth.person(), http.now())
    flash(_("%(name)s can sign in again.", name=account.display_name))
    return redirect(url_for("people.one", account_id=account.id))


@blueprint.post("/<uuid:account_id>/factor/remove")
@auth.require(Right.MANAGE_PEOPLE)
def take_factor_away(account_id: UUID) -> ResponseReturnValue:
    account = _asked(account_id)
    people.take_factor_away(http.db_session(), account, auth.person(), http.now())
    flash(_("The second factor is taken away. Whoever needs one sets it up anew at the next sign-in."))
    return redirect(url_for("people.one", account_id=account.id))


@blueprint.post("/<uuid:account_id>/sign-out")
@auth.require(Right.MANAGE_PEOPLE)
def sign_out(account_id: UUID) -> ResponseReturnValue:
    account = _asked(account_id)
    people.sign_out(http.db_session(), account, auth.person(), http.now())
    flash(_("%(name)s is signed out everywhere.", name=account.display_name))
    return redirect(url_for("people.one", account_id=account.id))


@blueprint.get("/import")
@auth.require(Right.MANAGE_PEOPLE)
def import_page() -> ResponseReturnValue:
    return _import_page()


@blueprint.get("/import/template.xlsx")
@auth.require(Right.MANAGE_PEOPLE)
def import_template() -> ResponseReturnValue:
    """A sheet to fill in."""
    made = importing.template(http.db_session(), auth.person())
    return Response(made, content_type=XLSX_TYPE, headers={"Content-Disposition": "attachment; filename=people.xlsx"})


@blueprint.post("/import/read")
@auth.require(Right.MANAGE_PEOPLE)
def import_read() -> ResponseReturnValue:
    """What a sheet holds; nobody is invited yet."""
    file, session, who = request.files.get("file"), http.db_session(), auth.person()
    try:
        if file is None or not file.filename:
            raise Rejected("no_file", _("Choose a file."))
        lines = importing.read(session, file.read(), who)
    except Refusal as error:
        if http.wants_json():
            raise
        return _import_page(str(error.sentence)), http.status_of(error)
    good = [line.facts for line in lines if line.facts is not None]
    rows = [Row(one.username, one.display_name, one.role, one.region_code, one.mail) for one in good]
    return render_template(
        "accounts/import_read.html",
        name=file.filename[:80],
        good=good,
        faults=[line for line in lines if line.facts is None],
        rows=msgspec.json.encode(rows).decode(),
        rows_shown=ROWS_SHOWN,
        names=people.place_names(session, [one.region_code for one in good]),
    )


@blueprint.post("/import")
@auth.require(Right.MANAGE_PEOPLE)
def import_kept() -> ResponseReturnValue:
    """Invite all of them, and show their links to print, this once."""
    try:
        rows = msgspec.json.decode(request.form.get("rows", ""), type=list[Row])
    except msgspec.MsgspecError as error:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat.")) from error
    facts = [Facts(one.username, one.display_name, one.role, one.region, one.mail) for one in rows]
    if not 0 < len(facts) <= importing.MAX_ROWS:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat."))
    session = http.db_session()
    made = importing.keep(session, facts, auth.person(), http.now())
    links = [(account, _address(token)) for account, token in made]
    return render_template(
        "accounts/links.html",
        links=[(account, address, qr_of(address, mask=3)) for account, address in links],
        names=people.place_names(session, [account.region_code for account, _link in links]),
        until=http.now() + rules.INVITED_FOR,
        heading=ngettext("%(num)s person is invited", "%(num)s people are invited", len(links)),
    )


def _asked(account_id: UUID) -> Account:
    return people.person_asked(http.db_session(), account_id, auth.person())


def _with_roles(form: PersonForm) -> PersonForm:
    form.role.choices = [(role.value, role_name(role)) for role in people.grantable(auth.person())]
    return form


def _facts(form: PersonForm, username: str = "") -> Facts:
    return Facts(
        username or form.username.data.strip().lower(),
        " ".join(form.display_name.data.split()),
        Role(form.role.data),
        Places(http.db_session(), auth.person().region_code).find(form.region.data or ""),
        (form.mail.data or "").strip(),
    )


def _beside(form: PersonForm, error: Refusal) -> None:
    """Put what is wrong beside its field."""
    name = _FIELDS.get(error.code, "role")
    form[name if name in form else "role"].errors = [str(error.sentence)]


def _regions() -> list[tuple[str, str]]:
    """What may be typed as a region: each by its code, with its name."""
    return list(Places(http.db_session(), auth.person().region_code).paths.items())


def _new_page(form: PersonForm) -> str:
    return render_template("accounts/new_person.html", form=form, regions=_regions(), far=not auth.person().region_code)


def _person_page(account: Account, form: PersonForm | None = None) -> str:
    session, who, now = http.db_session(), auth.person(), http.now()
    form = form or _with_roles(PersonForm(formdata=None, obj=account, region=account.region_code))
    names = people.place_names(session, [account.region_code])
    idle = current_app.extensions["services"].settings.session_idle_minutes
    query = session.query(WebSession).filter_by(account_id=account.id, step="").order_by(WebSession.seen_at.desc())
    sessions = [row for row in query if not rules.idle_too_long(row.seen_at, now, idle)]
    return render_template(
        "accounts/person.html",
        account=account,
        place=names[account.region_code],
        form=form,
        own=account.id == who.id,
        may_decide=people.may_decide(account, who),
        has_factor=factors.in_use(session, account),
        required=factor_required(account),
        locked=rules.locked(account.locked_until, now),
        invited=people.invitations_of(session, [account], now).get(account.id),
        sessions=[row for row in sessions if not rules.over(row.created_at, now, rules.Step.NOTHING)],
        standings=me.standings(account),
        history=people.history(session, account),
        actions=ACTIONS,
        regions=_regions(),
        far=not who.region_code,
    )


def _link_page(account: Account, token: str) -> str:
    """The link, this once; also by mail, where the server sends any."""
    address, until = _address(token), http.now() + rules.INVITED_FOR
    http.db_session().commit()  # a mail server may be slow, and nobody else should wait for it
    mailed, wrong = False, ""
    send: SendMail | None = current_app.extensions.get("send_mail")
    if account.mail and send is not None:
        text = _(
            "%(name)s, you are invited to Yuanjiao. Your account: %(account)s."
            " Choose a password here until %(until)s: %(address)s",
            name=account.display_name,
            account=account.username,
            until=moment(until),
            address=address,
        )
        try:
            send(account.mail, _("Your account"), text)
            mailed = True
        except (OSError, smtplib.SMTPException) as error:
            log.warning("people.mail_failed", error=repr(error)[:300])
            wrong = str(error)[:200] or type(error).__name__
    return render_template(
        "accounts/link.html",
        account=account,
        address=address,
        square=qr_of(address),
        until=until,
        mailed=mailed,
        wrong=wrong,
    )


def _address(token: str) -> str:
    return f"{current_app.extensions['services'].settings.public_url}{url_for('accounts.invitation', token=token)}"


def _import_page(wrong: str = "") -> str:
    return render_template("accounts/import.html", wrong=wrong)
