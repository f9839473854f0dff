"""The page of one matter: what holds in one's region; a county adds documents and changes them, as TOML."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contentserver.bylaws.rules import Law
from contentserver.bylaws.service import Bylaws, InForce, may_govern
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Rejected

_L = TypeVar("_L", bound=Law)


def pages(
    blueprint: Blueprint,
    laws: Bylaws[_L],
    *,
    template: str,
    seen_by: Right,
    written: Callable[[_L], str],
    example: str,
    adopted: Callable[[_L], str],
    **more: object,
) -> None:
    """Put the page of a matter on its own blueprint, as `index` and `adopt`.

    Args:
        template: extends `bylaws.html`; is given `more`.
        written: a document as TOML.
        example: what stands in the form before one is chosen.
        adopted: the sentence when one holds.
    """

    def page(code: str, text: str, errors: Mapping[str, object]) -> str:
        who = auth.person()
        return render_template(
            template,
            laws=laws.holding(http.db_session(), who.region_code, ended=True),
            govern=may_govern(who),
            code=code,
            text=text,
            longest=laws.longest,
            errors=errors,
            here=f"{blueprint.name}.index",
            **more,
        )

    @blueprint.get("")
    @auth.require(seen_by)
    def index() -> ResponseReturnValue:
        code = request.args.get("code", "")
        chosen: InForce[_L] | None = laws.holding(http.db_session(), auth.person().region_code, ended=True).get(code)
        return page(code, written(chosen.law), {}) if chosen else page("", example, {})

    @blueprint.post("")
    @auth.require(Right.ASSESS)
    def adopt() -> ResponseReturnValue:
        session, typed = http.db_session(), request.form
        code, text = typed.get("code", "").strip(), typed.get("document", "").replace("\r\n", "\n")
        try:
            made = laws.adopt(session, code, text, auth.person(), http.now(), ended=typed.get("do") == "end")
        except (Rejected, Conflict) as error:
            if http.wants_json():
                raise
            session.rollback()
            return page(code, text, error.fields or {"": error.sentence}), http.status_of(error)
        flash(adopted(made.law))
        return redirect(url_for(f"{blueprint.name}.index"))
