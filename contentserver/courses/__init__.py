"""Courses and lessons: recordings, their packages, their approval. Front door for the slices above."""

from flask import Blueprint

from contentserver.courses import api, bulk, reviewing, views
from contentserver.courses.deciding import waiting_for as lessons_to_review
from contentserver.courses.importing import Intake
from contentserver.courses.importing import on_command_line as import_folder
from contentserver.courses.jobs import TranscodeJobs
from contentserver.courses.models import Course, Lesson
from contentserver.courses.playing import Player, player_of
from contentserver.courses.ports import Holdings, ScanImpossible, Scanner, ScannerAway, StoreAway
from contentserver.courses.rules import LessonState, Terms, airable, approved, plannable
from contentserver.courses.service import (
    approval_of,
    courses_seen_from,
    lesson_asked,
    lesson_card,
    lesson_with,
    lessons_in_review,
    running_transcodes,
    where_lesson,
)
from contentserver.courses.signing import any_approved, sign_anew
from contentserver.courses.uploads import KEPT, PIECE_LIMIT_BYTES, Uploads
from contentserver.courses.watching import watch

__all__ = [
    "KEPT",
    "PIECE_LIMIT_BYTES",
    "Course",
    "Holdings",
    "Intake",
    "Lesson",
    "LessonState",
    "Player",
    "ScanImpossible",
    "Scanner",
    "ScannerAway",
    "StoreAway",
    "Terms",
    "TranscodeJobs",
    "Uploads",
    "airable",
    "any_approved",
    "approval_of",
    "approved",
    "blueprints",
    "courses_seen_from",
    "import_folder",
    "lesson_asked",
    "lesson_card",
    "lesson_with",
    "lessons_in_review",
    "lessons_to_review",
    "plannable",
    "player_of",
    "running_transcodes",
    "sign_anew",
    "watch",
    "where_lesson",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, bulk.blueprint, reviewing.blueprint, api.blueprint)
