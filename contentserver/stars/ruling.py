"""Pages of the rules: in words, as the document, by version; a new one is tried on last year before it is adopted."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.bylaws import may_govern
from contentserver.kernel import auth, clock, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.stars import document, rulebook, service, words
from contentserver.stars.document import STAR_NAMES

blueprint = Blueprint("star_rules", __name__, url_prefix="/stars/rules", template_folder="templates")
SHOWN_CHANGES = 200


@blueprint.get("")
@auth.require(Right.SEE_REPORTS)
def show() -> ResponseReturnValue:
    """The rules in force, or an older version."""
    session, who = http.db_session(), auth.person()
    valid = rulebook.in_force(session, who.region_code)
    own = rulebook.versions(session, valid.region_code)
    number = request.args.get("version", type=int)
    shown = valid if number is None else rulebook.version_named(session, valid.region_code, number)
    return render_template(
        "stars/rules.html",
        shown=shown,
        in_force=valid,
        versions=own,
        names=service.names_of(session, [one.by for one in own]),
        govern=may_govern(who),
        star_names=STAR_NAMES,
        words=words,
    )


@blueprint.get("/edit")
@auth.require(Right.ASSESS)
def edit() -> ResponseReturnValue:
    """The document, to be changed."""
    _require_govern()
    valid = rulebook.in_force(http.db_session(), auth.person().region_code)
    return _edit_page(valid.text, "", None, {})


@blueprint.post("/edit")
@auth.require(Right.ASSESS)
def changed() -> ResponseReturnValue:
    """Try a document on last year's evidence, or adopt it."""
    _require_govern()
    session, who = http.db_session(), auth.person()
    text = request.form.get("document", "").replace("\r\n", "\n")
    why = request.form.get("why", "").strip()
    found = document.read(text)
    if found.rules is None:
        return _edit_page(text, why, None, {}, found.faults), 422
    if request.form.get("do") == "adopt":
        try:
            version = rulebook.adopt(session, text, why, request.form.get("instead_of", ""), who, http.now())
        except (Rejected, Conflict) as error:
            session.rollback()
            simulation = _simulation(text)
            wrong = error.fields or {"": error.sentence}
            return _edit_page(text, why, simulation, wrong), http.status_of(error)
        flash(_("Version %(number)s is in force. Rounds that have begun keep theirs.", number=version.number))
        return redirect(url_for("star_rules.show"))
    return _edit_page(text, why, _simulation(text), {})


def _simulation(text: str) -> rulebook.Simulation | None:
    session, root = http.db_session(), auth.person().region_code
    new = document.read(text).rules
    old = rulebook.in_force(session, root).rules
    return rulebook.simulate(session, root, old, new, clock.local(http.now()).date()) if new else None


def _edit_page(
    text: str,
    why: str,
    simulation: rulebook.Simulation | None,
    errors: object,
    faults: tuple[document.Fault, ...] = (),
) -> str:
    return render_template(
        "stars/rules_edit.html",
        text=text,
        why=why,
        simulation=simulation,
        shown=SHOWN_CHANGES,
        faults=faults,
        errors=errors,
        in_force=rulebook.in_force(http.db_session(), auth.person().region_code),
        words=words,
    )


def _require_govern() -> None:
    if not may_govern(auth.person()):
        raise Forbidden("no_right", _("Your role may not do this."))
