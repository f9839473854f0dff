"""Who may ask for what, route by route: `tests/golden/rights.csv` says it, to be read in a review."""

from pathlib import Path

from tests.contentserver.scope.asking import Office
from tests.contentserver.scope.conftest import EVERYWHERE
from tests.contentserver.scope.rights import GOLDEN, PUBLIC, SIGNED_IN, STAFF, rights_rows, written


def test_the_table_of_rights_is_the_one_that_was_agreed(office: Office, tmp_path: Path) -> None:
    """Where rights were changed on purpose: look at the difference, then put the new file in the old one's place."""
    found = rights_rows(office)
    new = tmp_path / GOLDEN.name
    new.write_text(written(found), encoding="utf-8")
    agreed, now = (set(file.read_text(encoding="utf-8").splitlines()) for file in (GOLDEN, new))
    assert sorted(now - agreed) == [], f"rights that nobody agreed to; if they are meant: cp {new} {GOLDEN}"
    assert sorted(agreed - now) == [], f"rights that are gone; if that is meant: cp {new} {GOLDEN}"
    for route, verb, who in found:  # whoever was signed out on the way would hide all that follows
        if who not in (PUBLIC, SIGNED_IN) and set(who.split(", ")) & set(STAFF):
            assert EVERYWHERE in who.split(", "), f"{verb} {route}"
