"""States of messages and deliveries, and rules of groups, in words."""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from contentserver.kernel.auth import Role
from contentserver.kernel.display import ROLE_NAMES
from contentserver.messaging.rules import Audience, Channel, State, Way

STATES: Final = {
    State.WAITING: _("waits for agreement"),
    State.RELEASED: _("on its way"),
    State.DONE: _("done"),
    State.STOPPED: _("stopped"),
}
LIGHTS: Final = {State.WAITING: "risk", State.RELEASED: "risk", State.DONE: "good", State.STOPPED: "idle"}
WAYS: Final = {
    Way.WAITING: _("waits"),
    Way.SUBMITTED: _("handed over, no receipt yet"),
    Way.DELIVERED: _("delivered"),
    Way.FAILED: _("not delivered"),
    Way.UNKNOWN: _("nobody knows"),
    Way.STOPPED: _("stopped"),
}
WAY_LIGHTS: Final = {
    Way.WAITING: "idle",
    Way.SUBMITTED: "risk",
    Way.DELIVERED: "good",
    Way.FAILED: "bad",
    Way.UNKNOWN: "risk",
    Way.STOPPED: "idle",
}
CHANNELS: Final = {Channel.SMS: _("Short message"), Channel.MAIL: _("E-mail")}
HOW: Final = {"reply": _("answered so by phone"), "desk": _("told us")}


def audience(rule: Audience, region: str, groups: Mapping[str, str]) -> str:
    """To whom, in a sentence.

    Args:
        region: what the region is called.
        groups: names of groups of stations and of branches by id; of one that is gone it says so.
    """
    if rule.staff:
        roles = "、".join(str(ROLE_NAMES[Role(one)]) for one in rule.roles if one in {*Role})
        who = roles or gettext("everybody with an account")
        return str(gettext("%(region)s: %(who)s", region=region, who=who))
    said = [gettext("all members")]
    if rule.groups or rule.branches:
        gone = gettext("a deleted group")
        said = [
            gettext(
                "members of %(groups)s",
                groups="、".join(groups.get(one, gone) for one in (*rule.groups, *rule.branches)),
            )
        ]
    if rule.missed:
        said.append(ngettext("who missed the last lesson", "who missed the last %(num)s lessons", rule.missed))
    return str(gettext("%(region)s: %(who)s", region=region, who=" ".join(map(str, said))))
