"""Pages of the slice."""

from flask import Blueprint

blueprint = Blueprint("courses", __name__, template_folder="templates")
