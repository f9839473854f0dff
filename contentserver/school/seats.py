"""Pages for whoever sits in a browser: from where they come, and how they are told what went wrong."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import TooManyRequests

from contentserver.kernel import http
from contentserver.kernel.errors import NotFound
from contentserver.kernel.ids import token_hash
from contentserver.members import SEAT


def whence() -> str:
    """Whom a limit counts: a seat, or an address where there is none."""
    cookie = request.cookies.get(SEAT, "")
    return f"{get_remote_address()} {token_hash(cookie)}"


def answer_errors(pages: Blueprint, template: str) -> None:
    """Let the pages of a blueprint say by a template, or to a script as JSON, what is wrong."""

    def sorry(code: str, sentence: str, status: int) -> ResponseReturnValue:
        if http.wants_json():
            return {"code": code, "title": sentence}, status
        return render_template(template, sentence=sentence), status

    def not_found(error: NotFound) -> ResponseReturnValue:
        return sorry(error.code, str(error.sentence), 404)

    def too_often(_error: TooManyRequests) -> ResponseReturnValue:
        return sorry("http_429", _("Too many attempts. Wait a minute and try again."), 429)

    def expired(_error: CSRFError) -> ResponseReturnValue:
        return sorry("form_expired", _("This form has expired. Load the page again and repeat."), 400)

    pages.register_error_handler(NotFound, not_found)
    pages.register_error_handler(TooManyRequests, too_often)
    pages.register_error_handler(CSRFError, expired)
