"""Processes: what goes through several hands, step by step, with deadlines. Front door for the slices above."""

from flask import Blueprint

from contentserver.processes import views
from contentserver.processes.listing import count_late
from contentserver.processes.models import Process, ProcessStep
from contentserver.processes.ports import Kind, Source, Waiting
from contentserver.processes.rules import Decision, Hand, Outcome, Plan, desk_of, due_on, is_working_day
from contentserver.processes.service import begin, current, decide, end, escalate, hands, of_subject, owner, under_way
from contentserver.processes.views import CALENDAR, KINDS, SOURCES, waiting_count

__all__ = [
    "CALENDAR",
    "KINDS",
    "SOURCES",
    "Decision",
    "Hand",
    "Kind",
    "Outcome",
    "Plan",
    "Process",
    "ProcessStep",
    "Source",
    "Waiting",
    "begin",
    "blueprints",
    "count_late",
    "current",
    "decide",
    "desk_of",
    "due_on",
    "end",
    "escalate",
    "hands",
    "is_working_day",
    "of_subject",
    "owner",
    "under_way",
    "waiting_count",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)
