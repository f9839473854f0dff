"""Courses and lessons: recordings, their packages, their approval. Front door for the slices above."""

from flask import Blueprint

from contentserver.courses import api, views
from contentserver.courses.jobs import TranscodeJobs
from contentserver.courses.models import Course, Lesson
from contentserver.courses.rules import LessonState, airable
from contentserver.courses.service import airable_lessons, lesson_card, lesson_with

__all__ = [
    "Course",
    "Lesson",
    "LessonState",
    "TranscodeJobs",
    "airable",
    "airable_lessons",
    "blueprints",
    "lesson_card",
    "lesson_with",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, api.blueprint)
