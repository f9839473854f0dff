"""Pages of the slice."""

from flask import Blueprint

blueprint = Blueprint("timetable", __name__, template_folder="templates")
