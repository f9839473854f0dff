"""Decisions and outcomes in words."""

from typing import Final

from flask_babel import lazy_gettext as _

from contentserver.processes.listing import Which
from contentserver.processes.rules import Decision, Outcome

WHICH: Final = {
    Which.MINE: _("What waits for me"),
    Which.BELOW: _("What waits for me or below me"),
    Which.BEGUN: _("What I began"),
    Which.ALL: _("Everything under way"),
    Which.OVER: _("What is over"),
}
OUTCOMES: Final = {
    Outcome.DONE: _("agreed and done"),
    Outcome.REFUSED: _("not agreed"),
    Outcome.WITHDRAWN: _("taken back"),
}
DECISIONS: Final = {Decision.YES: _("agreed"), Decision.NO: _("did not agree")}
