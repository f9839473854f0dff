"""What is allowed to whom, found out by asking."""

import csv
import io
from pathlib import Path

from werkzeug.routing import Rule

from contentserver.kernel.auth import Role
from contentserver.kernel.http import SAFE_METHODS
from tests.contentserver.scope.asking import JSON, Office
from tests.contentserver.scope.conftest import BOX, EVERYWHERE, NOBODY, PROGRAM

GOLDEN = Path(__file__).parents[2] / "golden" / "rights.csv"
HEAD = ("route", "verb", "who")
STAFF = tuple(role.value for role in Role)
SIGNED_IN, PUBLIC = "signed in", "everybody"
NO_RIGHT = frozenset({"no_right", "reads_only"})
"""What a refusal is called that is for want of a right; others are about the things asked for."""


def rights_rows(office: Office) -> list[tuple[str, str, str]]:
    """For each route and verb who gets past the question of rights, about things of their own region."""
    return [(rule.rule, method, _who(office, rule, method)) for rule, method in office.rules()]


def written(rows: list[tuple[str, str, str]]) -> str:
    """The rows as the file has them."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows([HEAD, *rows])
    return lines.getvalue()


def _who(office: Office, rule: Rule, method: str) -> str:
    asked = [who for who in (NOBODY, *STAFF, EVERYWHERE, PROGRAM, BOX) if _may(office, rule, method, who)]
    if NOBODY in asked:
        return PUBLIC
    if {*STAFF, EVERYWHERE} <= set(asked):
        return SIGNED_IN
    return ", ".join(asked) or NOBODY


def _may(office: Office, rule: Rule, method: str, who: str) -> bool:
    """Whether the question of rights is answered with yes; of looking, about things elsewhere: nothing is drawn."""
    about = office.away if method in SAFE_METHODS else office.home
    answer = office.ask(who, rule, method, office.path(rule, about), office.form(rule, about), JSON, about)
    if office.changed():
        office.put_right()
    assert answer.status < 500, f"{who}: {method} {rule.rule} breaks"
    return answer.status != 401 and answer.code not in NO_RIGHT
