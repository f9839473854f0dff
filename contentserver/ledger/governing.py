"""The page of the kinds of entries: what holds in one's region; a county adds kinds and changes them, as TOML."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.ledger import kinds, words

blueprint = Blueprint("ledger_kinds", __name__, url_prefix="/ledger/kinds", template_folder="templates")
EXAMPLE = """zh = "环境整治"
en = "Clean-up"
monthly = 1
photographs = "must"
signatures = "no"
fields = [
  { name = "subject", zh = "整治内容", en = "What was cleaned", type = "text", required = true },
  { name = "people", zh = "参加人数", en = "People", type = "people", required = true },
]
"""


@blueprint.get("")
@auth.require(Right.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """The kinds that hold in one's region; one of them, or an example of a new one, to change."""
    here = kinds.kinds_in(http.db_session(), auth.person().region_code, ended=True)
    code = request.args.get("code", "")
    chosen = here.get(code)
    return _page(code if chosen else "", kinds.written(chosen.kind) if chosen else EXAMPLE, {})


@blueprint.post("")
@auth.require(Right.ASSESS)
def adopt() -> ResponseReturnValue:
    """Add a kind to one's region, or change one for it; `ended` says that nobody writes it any more."""
    session, typed = http.db_session(), request.form
    code, text = typed.get("code", "").strip(), typed.get("document", "").replace("\r\n", "\n")
    try:
        made = kinds.adopt(session, code, text, auth.person(), http.now(), ended=typed.get("do") == "end")
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        session.rollback()
        return _page(code, text, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("%(kind)s holds in your region from now on.", kind=words.name_of(made.kind)))
    return redirect(url_for("ledger_kinds.index"))


def _page(code: str, text: str, errors: Mapping[str, object]) -> str:
    who = auth.person()
    return render_template(
        "ledger/kinds.html",
        kinds=kinds.kinds_in(http.db_session(), who.region_code, ended=True),
        govern=kinds.may_govern(who),
        code=code,
        text=text,
        longest=kinds.LONGEST,
        errors=errors,
        words=words,
    )
