"""The page of the schemes: what holds in one's region; a county adds schemes and changes them, as TOML."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.assessments import schemes, words
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Rejected

blueprint = Blueprint("assessment_schemes", __name__, url_prefix="/assessments/schemes", template_folder="templates")


@blueprint.get("")
@auth.require(Right.ASSESS)
def index() -> ResponseReturnValue:
    """The schemes that hold in one's region; one of them to change, or the first as an example."""
    here = schemes.schemes_in(http.db_session(), auth.person().region_code, ended=True)
    code = request.args.get("code", "")
    chosen = here.get(code) or next(iter(here.values()))
    return _page(code if code in here else "", schemes.written(chosen.scheme), {})


@blueprint.post("")
@auth.require(Right.ASSESS)
def adopt() -> ResponseReturnValue:
    """Add a scheme to one's region, or change one for it; `end` says that no round begins by it any more."""
    session, typed = http.db_session(), request.form
    code, text = typed.get("code", "").strip(), typed.get("document", "").replace("\r\n", "\n")
    try:
        made = schemes.adopt(session, code, text, auth.person(), http.now(), ended=typed.get("do") == "end")
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        session.rollback()
        return _page(code, text, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("“%(scheme)s” holds in your region from now on. Rounds that are under way keep theirs.",
            scheme=words.name_of(made.scheme)))  # fmt: skip
    return redirect(url_for("assessment_schemes.index"))


def _page(code: str, text: str, errors: Mapping[str, object]) -> str:
    who = auth.person()
    return render_template(
        "assessments/schemes.html",
        schemes=schemes.schemes_in(http.db_session(), who.region_code, ended=True),
        govern=schemes.may_govern(who),
        code=code,
        text=text,
        longest=schemes.LONGEST,
        errors=errors,
        words=words,
    )
