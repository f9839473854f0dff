"""Kinds and states of articles in words."""

from typing import Final

from flask_babel import lazy_gettext as _

from contentserver.portal.rules import Kind, State

KINDS: Final = {Kind.NEWS: _("News"), Kind.READING: _("Reading for phones")}
STATES: Final = {
    State.DRAFT: _("draft"),
    State.WAITING: _("waits for agreement"),
    State.PUBLISHED: _("everybody reads it"),
    State.WITHDRAWN: _("taken back"),
}
LIGHTS: Final = {State.DRAFT: "idle", State.WAITING: "risk", State.PUBLISHED: "good", State.WITHDRAWN: "idle"}
