"""The password again, before what takes data out, commands televisions or decides about people.

One hook before the views, so that none of them can forget it; which views ask is listed by the composition root.
"""

from collections.abc import Callable, Collection

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from contentserver.accounts import rules, service, views
from contentserver.kernel import http
from contentserver.kernel.auth import person_or_none
from contentserver.kernel.errors import Forbidden

FIELD = "password_again"


def ask_again(endpoints: Collection[str]) -> Callable[[], ResponseReturnValue | None]:
    """What to do before a request: nothing where the password was given lately, or the view is none of `endpoints`."""

    def ask() -> ResponseReturnValue | None:
        who = person_or_none()
        if who is None or request.endpoint not in endpoints or rules.confirmed(who.confirmed_at, http.now()):
            return None
        wrong, given = "", request.form.get(FIELD, "") if request.method not in http.SAFE_METHODS else ""
        if given:
            try:
                views.confirm_with(given)
            except service.WrongPassword as error:
                wrong = str(error.sentence)
            else:
                return None
        if http.wants_json():
            raise Forbidden("password_again", wrong or _("Give your password again: at /confirm, then repeat this."))
        if request.method in http.SAFE_METHODS:
            return redirect(url_for("accounts.confirm", next=request.full_path.rstrip("?")))
        back = http.local_path(request.referrer)
        if "HX-Request" in request.headers or request.files:
            answer = make_response(redirect(url_for("accounts.confirm", next=back)))
            if "HX-Request" in request.headers:
                answer = make_response("", 200)
                answer.headers["HX-Redirect"] = url_for("accounts.confirm", next=back)
            else:
                flash(gettext("Choose the file again after the password: it was not kept."))
            return answer
        kept = [(name, value) for name, value in request.form.items(multi=True) if name not in (FIELD, "csrf_token")]
        page = render_template("accounts/confirm_post.html", kept=kept, wrong=wrong, field=FIELD)
        return make_response(page, 403)

    return ask


def refuse_readers() -> None:
    """Whoever only reads changes nothing but what is their own.

    Raises:
        Forbidden: they asked for a change.
    """
    who = person_or_none()
    if who is None or not who.reads_only or request.method in http.SAFE_METHODS:
        return
    if request.endpoint != "language" and request.blueprint not in {"accounts", "own_account"}:
        raise Forbidden("reads_only", _("Your role reads and changes nothing."))
