"""Pages of the television's program: which releases there are, who runs them, who gave one up, and who is to run one.

How a release comes here: `contentserver admin add-release`.
"""

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from contentserver.boxes import releasing
from contentserver.boxes.models import Box
from contentserver.boxes.views import blueprint
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict
from contentserver.regions import ancestors_and_self, region_named, regions_in, subtree_filter
from contentserver.stations import Station

VILLAGE = 12
"""Digits of a village's code: one is offered for a trial."""


@blueprint.get("/boxes/programs")
@auth.require(Right.ADMINISTER)
def programs() -> ResponseReturnValue:
    uses, unwanted = releasing.uses_of_releases(http.db_session(), auth.person().region_code)
    regions = _regions()
    trial = next((code for code, _name, _boxes in regions if len(code) == VILLAGE), "")
    return render_template("boxes/programs.html", uses=uses, unwanted=unwanted, regions=regions, trial=trial)


@blueprint.post("/boxes/programs")
@auth.require(Right.ADMINISTER)
def want_program() -> ResponseReturnValue:
    """A release for one region, or for all of the person's once it runs somewhere; or take it back."""
    session, who = http.db_session(), auth.person()
    version = request.form.get("version", "")
    services = current_app.extensions["services"]
    if "back" in request.form:
        releasing.unwant_release(session, version, who.region_code, who, services.signer, http.now())
        flash(_("Nobody is asked for %(version)s any more; whoever runs it keeps it.", version=version))
        return redirect(url_for("boxes.programs"))
    root = who.region_code
    if "everywhere" not in request.form:
        root = region_named(session, request.form.get("region", "")).code
        auth.require_scope(root)
    elif not releasing.is_proved(session, version):
        raise Conflict("release_untried", _("Try it in one village first; it runs nowhere yet."))
    changed = releasing.want_release(session, version, root, who, services.signer, http.now())
    flash(
        ngettext(
            "%(num)s television fetches the program and begins it anew when nobody watches.",
            "%(num)s televisions fetch the program and begin it anew when nobody watches.",
            changed,
        )
    )
    return redirect(url_for("boxes.programs"))


def _regions() -> Sequence[tuple[str, str, int]]:
    """The regions where boxes stand, each before those within it: code, name with its depth before it, boxes."""
    session, root = http.db_session(), auth.person().region_code
    boxes = session.execute(
        select(Station.region_code, func.count())
        .join(Box, Box.station_id == Station.id)
        .where(Box.revoked_at.is_(None), subtree_filter(Station.region_code, root))
        .group_by(Station.region_code)
    )
    counts: dict[str, int] = {}
    for code, number in boxes:
        for above in ancestors_and_self(code):
            counts[above] = counts.get(above, 0) + number
    found = [one for one in regions_in(session, root) if one.code in counts]
    least = min((len(one.code) for one in found), default=0)
    return [
        (
            one.code,
            "\u3000" * sum(least < length <= len(one.code) for length in (4, 6, 9, 12)) + one.name,
            counts[one.code],
        )
        for one in found
    ]
