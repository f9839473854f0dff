"""The page of the schemes: what holds in one's region; a county adds schemes and changes them, as TOML."""

from flask import Blueprint
from flask_babel import gettext as _

from contentserver import bylaws
from contentserver.assessments import schemes, words
from contentserver.assessments.rules import Scheme
from contentserver.kernel.auth import Right

blueprint = Blueprint("assessment_schemes", __name__, url_prefix="/assessments/schemes", template_folder="templates")


def _adopted(scheme: Scheme) -> str:
    sentence = _("“%(scheme)s” holds in your region from now on. Rounds that are under way keep theirs.")
    return str(sentence % {"scheme": words.name_of(scheme)})


bylaws.pages(
    blueprint,
    schemes.SCHEMES,
    template="assessments/schemes.html",
    seen_by=Right.ASSESS,
    written=schemes.written,
    example=schemes.written(next(iter(schemes.SCHEMES.shipped.values()))),
    adopted=_adopted,
    words=words,
)
