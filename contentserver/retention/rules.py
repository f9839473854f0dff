"""What is kept for how many days, and within which bounds that may be changed. The one place for it. Pure.

What stands behind a kind: `service.py`; why it is kept so long, in words: `words.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

YEAR: Final = 365
NIGHT_HOUR: Final = 3
"""From this hour of the stations' day on what is old goes, once a day."""


class Kind(StrEnum):
    """A kind of data, as the database and the audit trail name it."""

    SCREENS = "screens"
    """Pictures of screens, and logs, that boxes sent."""
    KEYS = "keys"
    """Keys pressed from afar, and sign-ins that a phone asked for."""
    PRESENCE = "presence"
    """When a box had a line."""
    WEB_SESSIONS = "web_sessions"
    FAILED_SIGN_INS = "failed_sign_ins"
    INVITATIONS = "invitations"
    """Links by which somebody chose a password, used or lapsed."""
    DELEGATIONS = "delegations"
    """Who stood in for whom, once it has ended."""
    TOKENS = "tokens"
    """Tokens for programs that have ended."""
    QUARANTINE = "quarantine"
    """Events that contradict others, once somebody has put them aside."""
    NOTES = "notes"
    """What was written when somebody looked at a doubtful session."""
    FORMER_MEMBERS = "former_members"
    """Names, numbers and cards of members who left."""
    PHOTOGRAPHS = "photographs"
    """Photographs that were taken away from the five ones and spot checks."""
    NOTICES = "notices"
    """Notices that are over or were withdrawn, and who had read them."""
    OFFERS = "offers"
    """Entries of the villages' bulletin that are over, with whom to ask."""
    CASE_FILES = "case_files"
    """Photographs and voice notes of questions and answers."""
    ASKERS = "askers"
    """Who asked a question."""
    DOCUMENTS = "documents"
    """Documents that were sent, with receipts, answers and attachments."""
    LEDGER_DRAFTS = "ledger_drafts"
    """What somebody began to write for the work book, and never wrote."""
    AUDIT = "audit"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Rule:
    """Days that a kind is kept unless somebody chose others, and the fewest and the most they may choose.

    `days` is None for what is kept for ever; nobody can choose otherwise.
    """

    days: int | None
    least: int = 1
    most: int = 20 * YEAR


RULES: Final[Mapping[Kind, Rule]] = {
    Kind.SCREENS: Rule(30, 1, YEAR),
    Kind.KEYS: Rule(30, 1, YEAR),
    Kind.PRESENCE: Rule(30, 30, 2 * YEAR),
    Kind.WEB_SESSIONS: Rule(30, 7, YEAR),
    Kind.FAILED_SIGN_INS: Rule(90, 1, YEAR),
    Kind.INVITATIONS: Rule(90, 1, YEAR),
    Kind.DELEGATIONS: Rule(YEAR, 30, 5 * YEAR),
    Kind.TOKENS: Rule(YEAR, 30, 5 * YEAR),
    Kind.QUARANTINE: Rule(5 * YEAR, YEAR),
    Kind.NOTES: Rule(5 * YEAR, YEAR),
    Kind.FORMER_MEMBERS: Rule(3 * YEAR, YEAR),
    Kind.PHOTOGRAPHS: Rule(YEAR, 30, 5 * YEAR),
    Kind.NOTICES: Rule(3 * YEAR, YEAR),
    Kind.OFFERS: Rule(YEAR, 30, 5 * YEAR),
    Kind.CASE_FILES: Rule(3 * YEAR, 30),
    Kind.ASKERS: Rule(YEAR, 30),
    Kind.DOCUMENTS: Rule(10 * YEAR, YEAR),
    Kind.LEDGER_DRAFTS: Rule(90, 7, YEAR),
    Kind.AUDIT: Rule(None),
    Kind.EVIDENCE: Rule(None),
}


def allowed(kind: Kind, days: int | None) -> bool:
    """Whether somebody may choose these days for a kind; for what is kept for ever nobody may."""
    rule = RULES[kind]
    return rule.days is not None and days is not None and rule.least <= days <= rule.most


def days_kept(kind: Kind, chosen: Mapping[str, int]) -> int | None:
    """For how many days a kind is kept; None for ever. A choice outside of the bounds does not count."""
    days = chosen.get(kind)
    return days if allowed(kind, days) else RULES[kind].days


def cutoff(kind: Kind, chosen: Mapping[str, int], now: datetime) -> datetime | None:
    """What is older than this goes; None where nothing ever does."""
    days = days_kept(kind, chosen)
    return None if days is None else now - timedelta(days=days)


def due(local_now: datetime, last_local: datetime | None) -> bool:
    """Whether tonight's turn has come and has not been taken, by the stations' clock."""
    since = local_now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if local_now < since:
        since -= timedelta(days=1)
    return last_local is None or last_local < since
