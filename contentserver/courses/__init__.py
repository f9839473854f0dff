"""Courses and lessons: recordings, their packages, their approval. Front door for the slices above."""

from flask import Blueprint

from contentserver.courses import api, views
from contentserver.courses.jobs import TranscodeJobs
from contentserver.courses.models import Course, Lesson
from contentserver.courses.rules import LessonState, airable
from contentserver.courses.service import (
    courses_seen_from,
    lesson_card,
    lesson_with,
    lessons_in_review,
    running_transcodes,
)
from contentserver.courses.uploads import PIECE_LIMIT_BYTES

__all__ = [
    "PIECE_LIMIT_BYTES",
    "Course",
    "Lesson",
    "LessonState",
    "TranscodeJobs",
    "airable",
    "blueprints",
    "courses_seen_from",
    "lesson_card",
    "lesson_with",
    "lessons_in_review",
    "running_transcodes",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
