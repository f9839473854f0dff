"""Packages for boxes and browsers: the signed word that a package may air, and its files at signed addresses."""

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.courses import service
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.errors import Forbidden, NotFound
from schedules.wire.messages import PackageAccess

blueprint = Blueprint("courses_api", __name__)
scoping.free(blueprint, "name", because="packages are for every box, and for whoever holds a signed address")
scoping.free(blueprint, "file", because="a file of the package, at its signed address")


@blueprint.get("/api/v1/packages/<name>")
def package(name: str) -> ResponseReturnValue:
    """For an enrolled box: the approval and a signed address."""
    auth.require_box()
    approval = service.approval_of(http.db_session(), name)
    base, query, expires = current_app.extensions["services"].store.access(name, http.now())
    return http.json_response(PackageAccess(approval=approval.jws, base=base, query=query, expires_at=expires))


@blueprint.get("/api/v1/admissions/<name>")
def admission(name: str) -> ResponseReturnValue:
    """For nginx, which gives the pieces itself: whether an address of a package was made here and still holds."""
    _require_address(name)
    return "", 204


def _require_address(name: str) -> None:
    store = current_app.extensions["services"].store
    if not store.address_valid(name, request.args.get("e", ""), request.args.get("s", ""), http.now()):
        raise Forbidden("address_expired", _("This address has expired."))


@blueprint.get("/media/<name>/<path:file>")
def media(name: str, file: str) -> ResponseReturnValue:
    """A file of a package, for whoever holds a signed address; where nginx does not give it itself."""
    _require_address(name)
    store = current_app.extensions["services"].store
    if not store.has(name, file):
        raise NotFound("file_unknown", _("The package has no such file."))
    response: ResponseReturnValue = store.send(name, file)
    return response
