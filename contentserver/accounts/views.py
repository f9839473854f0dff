"""Sign in, sign out."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.accounts import service
from contentserver.accounts.schemas import SignInForm
from contentserver.kernel import http

blueprint = Blueprint("accounts", __name__, template_folder="templates")
SESSION_KEY = "sid"
"""Where the signed cookie keeps the secret of the server-side session."""


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    return render_template("accounts/sign_in.html", form=SignInForm())


@blueprint.post("/sign-in")
@http.limiter.limit("60 per minute")
def sign_in_submitted() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate():
        try:
            token = service.open_session(http.db_session(), form.username.data, form.password.data, http.now())
        except service.WrongPassword as error:
            http.db_session().commit()  # the failed attempt counts towards the lock
            form.password.errors = [str(error.sentence)]
        else:
            locale = session.get("locale")
            session.clear()
            session[SESSION_KEY] = token
            if locale:
                session["locale"] = locale
            return redirect(http.local_path(request.args.get("next")))
    return render_template("accounts/sign_in.html", form=form), 422


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    token = session.pop(SESSION_KEY, None)
    if token:
        service.close_session(http.db_session(), token)
    flash(_("You are signed out."))
    return redirect(url_for("accounts.sign_in"))
