"""Pages of the slice."""

from flask import Blueprint

blueprint = Blueprint("attendance", __name__, template_folder="templates")
