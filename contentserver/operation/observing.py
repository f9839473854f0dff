"""What the web server tells whoever watches over it: `/metrics` for Prometheus, `/ready` for who sends it requests.

`/health` of every application says that the process lives and reaches its database; `/ready`, that it should be asked.
"""

import os
import time
from ipaddress import ip_address, ip_network
from typing import Final

from flask import Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import DBAPIError

from contentserver.app import Services
from contentserver.kernel import scoping
from contentserver.kernel.metrics import WebMeters, exposition
from contentserver.operation.gauges import Standing
from contentserver.operation.schema import head, revision_of

UNCOUNTED: Final = frozenset({"static", "health", "ready", "metrics"})
LEAST_FREE_BYTES: Final = 100 << 20


def observe(app: Flask, services: Services) -> Flask:
    """Let an application count its requests and tell how it stands; gives it back."""
    registry = CollectorRegistry()
    meters, standing = WebMeters(registry), Standing(services)
    allowed = [ip_network(one.strip()) for one in services.settings.metrics_from.split(",") if one.strip()]

    def metrics() -> ResponseReturnValue:
        """Everything that Prometheus asks for; nobody else is told that it is there."""
        if not any(ip_address(request.remote_addr or "0.0.0.0") in one for one in allowed):  # noqa: S104
            abort(404)
        return Response(exposition(registry, [standing]), content_type=CONTENT_TYPE_LATEST)

    def ready() -> ResponseReturnValue:
        """Whether requests should come here, and what is missing otherwise."""
        missing = missing_of(services)
        return {"status": "ready" if not missing else "not ready", "missing": missing}, 503 if missing else 200

    def count(response: Response) -> Response:
        if request.endpoint not in UNCOUNTED:
            part = request.blueprint or "none"
            meters.answered(part, request.method, response.status_code, time.monotonic() - g.started)
        return response

    app.add_url_rule("/metrics", view_func=metrics)
    app.add_url_rule("/ready", view_func=ready)
    app.after_request(count)
    scoping.require_declared(app)
    return app


def missing_of(services: Services) -> list[str]:
    """What this server lacks to answer requests, in English, for programs and logs."""
    missing = []
    try:
        revision = revision_of(services.database.engine)
        if revision != head():
            missing.append(f"database: tables of revision {revision or 'none'}, {head()} is wanted")
    except DBAPIError as error:
        missing.append(f"database: {str(error.orig)[:200]}")
    folder = services.settings.data_dir
    if not os.access(folder, os.W_OK):
        missing.append(f"data folder: {folder} is not writable")
    elif (found := os.statvfs(folder)).f_bavail * found.f_frsize < LEAST_FREE_BYTES:
        missing.append(f"data folder: less than {LEAST_FREE_BYTES >> 20} MB free")
    if not services.settings.signing_key_file.exists() and not services.settings.pkcs11_module:
        missing.append("signing key: there is none")
    return missing
