"""A member's seat in a browser: whoever opened their own record keeps its secret there, in a signed cookie.

The record's secret stays the one authority (`own_link`): where the administrator gives a new one or ends it, where the
record is merged or forgotten, nobody is seated any more, whatever cookie there is. No account is needed or made.
"""

from datetime import datetime, timedelta
from typing import Final

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import http
from contentserver.kernel.errors import NotFound
from contentserver.members.models import Member
from contentserver.members.own_link import member_holding

COOKIE: Final = "seat"
LASTS: Final = timedelta(days=30)
LONGEST: Final = 300
"""Characters of a cookie; more is none of ours."""
_SALT: Final = "seat"


def sit_down(session: Session, response: Response, secret: str) -> None:
    """Let an answer seat whoever holds a record's secret.

    Raises:
        NotFound: nobody does, or nobody any more.
    """
    member = member_holding(session, secret)
    audit(session, who=None, action="seat.taken", subject=f"member {member.id}", now=http.now())
    value = _serializer().dumps([secret, int(http.now().timestamp())])
    response.set_cookie(COOKIE, value, max_age=LASTS, httponly=True, secure=request.is_secure, samesite="Lax")


def stand_up(response: Response) -> None:
    """Let an answer end the seat in this browser."""
    response.delete_cookie(COOKIE, httponly=True, secure=request.is_secure, samesite="Lax")


def seated(session: Session) -> Member | None:
    """Who sits at the browser that asks; None for nobody, or nobody any more."""
    secret = _secret(request.cookies.get(COOKIE, ""), http.now())
    try:
        return member_holding(session, secret) if secret else None
    except NotFound:
        return None


def _secret(cookie: str, now: datetime) -> str:
    """What a cookie holds; empty for one that was not signed here, or is too old."""
    if not cookie or len(cookie) > LONGEST:
        return ""
    try:
        secret, at = _serializer().loads(cookie)
        fresh = 0 <= now.timestamp() - int(at) + 1 < LASTS.total_seconds()
    except (BadData, TypeError, ValueError):
        return ""
    return str(secret) if fresh else ""


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.extensions["services"].settings.secret_key, salt=_SALT)
