"""The page of the kinds of entries: what holds in one's region; a county adds kinds and changes them, as TOML."""

from flask import Blueprint
from flask_babel import gettext as _

from contentserver import bylaws
from contentserver.kernel.auth import Right
from contentserver.ledger import kinds, words
from contentserver.ledger.rules import KindOfEntry

blueprint = Blueprint("ledger_kinds", __name__, url_prefix="/ledger/kinds", template_folder="templates")
EXAMPLE = """zh = "环境整治"
en = "Clean-up"
monthly = 1
photographs = "must"
signatures = "no"
fields = [
  { name = "subject", zh = "整治内容", en = "What was cleaned", type = "text", required = true },
  { name = "people", zh = "参加人数", en = "People", type = "people", required = true },
]
"""


def _adopted(kind: KindOfEntry) -> str:
    return str(_("%(kind)s holds in your region from now on.", kind=words.name_of(kind)))


bylaws.pages(
    blueprint,
    kinds.KINDS,
    template="ledger/kinds.html",
    seen_by=Right.SEE_REPORTS,
    written=kinds.written,
    example=EXAMPLE,
    adopted=_adopted,
    words=words,
)
