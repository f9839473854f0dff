"""Pages of what a person keeps of the reports: filters under names with their mail, and tokens for programs."""

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal
from contentserver.regions import region_named
from contentserver.reports import keeping, openapi, service, tokens
from contentserver.reports.mailing import NOT_ALLOWED
from contentserver.reports.rules import Rhythm

blueprint = Blueprint("saved_reports", __name__, url_prefix="/reports", template_folder="templates")
scoping.decided(blueprint, "kept_id", by=lambda opened, kept_id, who: keeping.kept_named(opened, who, kept_id))
scoping.decided(blueprint, "token_id", by=lambda opened, token_id, who: tokens.token_named(opened, who, token_id))
RHYTHMS = (
    (Rhythm.NEVER, _("no mail")),
    (Rhythm.WEEKLY, _("every Monday, of the week before")),
    (Rhythm.MONTHLY, _("on the first, of the month before")),
)
DAYS = (30, 90, 366)
"""How long a token may hold, to choose from."""


@blueprint.get("/kept")
@auth.require(Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """What a person keeps, and how its mail went."""
    return _kept_page()


@blueprint.post("/kept")
@auth.require(Right.SEE_REPORTS)
def keep() -> ResponseReturnValue:
    """Keep the filter of the overview that the form stood on."""
    opened, who = http.db_session(), auth.person()
    code = request.form.get("region") or who.region_code or next(iter(service.nodes_of(opened, "")), "")
    region_named(opened, code)
    auth.require_scope(code)
    arguments = {**request.form.to_dict(), "region": code}
    keeping.keep(opened, who, request.form.get("name", ""), arguments, _locale(), http.now())
    flash(gettext("The report is kept."))
    return redirect(url_for("saved_reports.index"))


@blueprint.post("/kept/<uuid:kept_id>/remove")
@auth.require(Right.SEE_REPORTS)
def remove(kept_id: UUID) -> ResponseReturnValue:
    """Take one away; the page then offers to bring it back."""
    keeping.remove(http.db_session(), auth.person(), kept_id, http.now())
    return redirect(url_for("saved_reports.index", removed=kept_id))


@blueprint.post("/kept/<uuid:kept_id>/back")
@auth.require(Right.SEE_REPORTS)
def bring_back(kept_id: UUID) -> ResponseReturnValue:
    """Bring back what was taken away."""
    keeping.bring_back(http.db_session(), auth.person(), kept_id, http.now())
    flash(gettext("The report is kept again."))
    return redirect(url_for("saved_reports.index"))


@blueprint.post("/kept/<uuid:kept_id>/mail")
@auth.require(Right.SEE_REPORTS)
def mail(kept_id: UUID) -> ResponseReturnValue:
    """How often one comes by mail, and where to."""
    rhythm, address = request.form.get("rhythm", ""), request.form.get("address", "")
    try:
        keeping.set_mail(http.db_session(), auth.person(), kept_id, rhythm, address, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        return _kept_page(wrong=(kept_id, error, rhythm, address)), http.status_of(error)
    flash(gettext("The mail is set."))
    return redirect(url_for("saved_reports.index"))


@blueprint.post("/kept/<uuid:kept_id>/again")
@auth.require(Right.SEE_REPORTS)
def try_again(kept_id: UUID) -> ResponseReturnValue:
    """Try a mail again that failed."""
    keeping.try_again(http.db_session(), auth.person(), kept_id, http.now())
    flash(gettext("It is sent again within a minute."))
    return redirect(url_for("saved_reports.index"))


@blueprint.get("/api")
@auth.require(Right.SEE_REPORTS)
def api_page() -> ResponseReturnValue:
    """The API in words, and the person's tokens."""
    return _api_page()


@blueprint.post("/api")
@auth.require(Right.SEE_REPORTS)
def make_token() -> ResponseReturnValue:
    """Make a token; its secret stands on this answer and nowhere else."""
    name, days = request.form.get("name", ""), request.form.get("days", 0, int)
    try:
        row, secret = tokens.make_token(http.db_session(), auth.person(), name, days, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        return _api_page(wrong=error, name=name), http.status_of(error)
    return _api_page(made=row.name, secret=secret)


@blueprint.post("/api/<uuid:token_id>/end")
@auth.require(Right.SEE_REPORTS)
def end_token(token_id: UUID) -> ResponseReturnValue:
    """End a token at once."""
    row = tokens.revoke(http.db_session(), auth.person(), token_id, http.now())
    flash(gettext("The token %(name)s has ended.", name=row.name))
    return redirect(url_for("saved_reports.api_page"))


def _kept_page(wrong: tuple[UUID, Refusal, str, str] | None = None) -> str:
    opened, who = http.db_session(), auth.person()
    kept = keeping.kept_by(opened, who)
    removed = request.args.get("removed", type=UUID)
    taken = keeping.kept_named(opened, who, removed) if removed else None
    return render_template(
        "reports/kept.html",
        kept=[(one, f"{url_for('reports.overview_page')}?{one.query}") for one in kept],
        mails=keeping.last_mails(opened, kept),
        removed=taken if taken is not None and taken.removed_at is not None else None,
        rhythms=RHYTHMS,
        may_mail=bool(current_app.extensions["services"].settings.smtp_url),
        not_allowed=NOT_ALLOWED,
        wrong=wrong,
    )


def _api_page(**shown: object) -> str:
    opened, who = http.db_session(), auth.person()
    home = str(current_app.extensions["services"].settings.public_url)
    return render_template(
        "reports/api.html",
        document=openapi.document(home),
        home=home,
        tokens=[(row, tokens.holds(row, http.now())) for row in tokens.tokens_of(opened, who)],
        region=region_named(opened, who.region_code).name if who.region_code else "",
        days=DAYS,
        **shown,
    )


def _locale() -> str:
    chosen = session.get("locale")
    return chosen if chosen in http.LOCALES else str(current_app.extensions["services"].settings.default_locale)
