"""The page: what is kept, for how long and why; what is too old at the moment; other days."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from contentserver.accounts import Account
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.retention import service, words
from contentserver.retention.rules import RULES, Kind

blueprint = Blueprint("retention", __name__, url_prefix="/retention", template_folder="templates")
scoping.free(blueprint, "kind", because="how long it is kept holds in every region; the service asks who may change it")


@blueprint.get("")
@auth.require(Right.SEE_MEMBERS)
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post("/<kind>")
@auth.require(Right.ADMINISTER)
def change(kind: str) -> ResponseReturnValue:
    """Keep a kind for so many days from now on."""
    if kind not in {*Kind}:
        raise NotFound("kind_unknown", _("There is no such kind of data."))
    found, days = Kind(kind), request.form.get("days", None, int)
    try:
        service.keep_for(http.db_session(), found, days, request.form.get("reason", ""), auth.person(), http.now())
    except Rejected as error:
        return _page(found, error), http.status_of(error)
    flash(gettext("It is kept for %(days)s days now. Until tonight this can be changed back.", days=days))
    return redirect(url_for("retention.index", _anchor=found.value))


def _page(open_kind: Kind | None = None, error: Rejected | None = None) -> str:
    session, settings = http.db_session(), current_app.extensions["services"].settings
    lines, runs = service.lines(session, settings.data_dir, http.now()), service.last_runs(session)
    return render_template(
        "retention/index.html",
        lines=lines,
        names=words.NAMES,
        why=words.WHY,
        bounds=RULES,
        by={row.by: session.get_one(Account, row.by).display_name for line in lines if (row := line.chosen)},
        runs=[(run, service.taken_in(run)) for run in runs],
        may_change=service.may_change(auth.person()),
        open_kind=open_kind,
        wrong=error.sentence if error else "",
        typed=request.form,
    )
