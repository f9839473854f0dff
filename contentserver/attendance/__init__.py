"""Evidence: events as boxes observed them, sessions derived from them. Front door for the slices above."""

from flask import Blueprint

from contentserver.attendance import api, evidence, hours, inspecting, paper, roll, views
from contentserver.attendance.acknowledging import acknowledge, begin_generation, lacks
from contentserver.attendance.correcting import add_member as put_on_roll
from contentserver.attendance.counting import rule_on
from contentserver.attendance.doubting import OLD_NOTES, review_of
from contentserver.attendance.inspecting import waiting_for_person
from contentserver.attendance.lately import stayed_away
from contentserver.attendance.merged import settle_members
from contentserver.attendance.models import IS_EXCHANGE, CorrectionRow, EventRow, SessionRow, SignInRow, StaleDay
from contentserver.attendance.presence import presence_of
from contentserver.attendance.presence import take_changed as rolls_changed
from contentserver.attendance.quarantine import OLD_QUARANTINED
from contentserver.attendance.rules import day_counted, union_ms
from contentserver.attendance.service import Taken, rebuild, take_in
from contentserver.attendance.tallying import Tally
from contentserver.attendance.tallying import unpacked as quiz_of
from contentserver.attendance.whereabouts import stood_in
from contentserver.attendance.words import DOUBTS, METHODS, SENTENCES, TOPICS
from contentserver.attendance.words import correction as correction_in_words
from contentserver.attendance.words import sentence as event_in_words

__all__ = [
    "DOUBTS",
    "IS_EXCHANGE",
    "METHODS",
    "OLD_NOTES",
    "OLD_QUARANTINED",
    "SENTENCES",
    "TOPICS",
    "CorrectionRow",
    "EventRow",
    "SessionRow",
    "SignInRow",
    "StaleDay",
    "Taken",
    "Tally",
    "acknowledge",
    "begin_generation",
    "blueprints",
    "correction_in_words",
    "day_counted",
    "event_in_words",
    "lacks",
    "presence_of",
    "put_on_roll",
    "quiz_of",
    "rebuild",
    "review_of",
    "rolls_changed",
    "rule_on",
    "settle_members",
    "stayed_away",
    "stood_in",
    "take_in",
    "union_ms",
    "waiting_for_person",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    pages = (views, roll, paper, evidence, hours, inspecting, api)
    return tuple(each.blueprint for each in pages)
