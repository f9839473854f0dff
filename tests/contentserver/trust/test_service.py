"""The keys in the database, on both engines: entered, prepared, used, retired, revoked; the set is counted up."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver import trust
from contentserver.kernel.errors import Conflict
from contentserver.trust import KeyState, Placed
from schedules.wire.signing import FOR, Purpose
from tests.contentserver.conftest import NOW

APPROVALS = Purpose.APPROVALS
LATER = NOW + timedelta(minutes=1)


def test_a_key_from_its_making_to_its_end(session: Session) -> None:
    first = Placed("k0", "x0", "file:a")
    assert trust.enter_first(session, dict.fromkeys(Purpose, first), NOW)
    assert not trust.enter_first(session, {APPROVALS: Placed("k9", "x9", "file:z")}, NOW)
    assert [jwk.get(FOR) for jwk in trust.trusted_set(session)] == [None]
    assert trust.prepare(session, Placed("k1", "x1", "file:b"), APPROVALS, None, LATER) == trust.keys_no(session) == 1
    with pytest.raises(Conflict):
        trust.prepare(session, Placed("k2", "x2", "file:c"), APPROVALS, None, LATER)
    assert trust.use(session, APPROVALS, None, LATER) == "k1"
    assert trust.retiring(session, APPROVALS)
    assert not trust.to_be_mended(session, LATER)
    assert trust.retire(session, APPROVALS, None, LATER) == 2
    assert trust.to_be_mended(session, LATER)
    assert trust.lacking_after(session, "k1") == [APPROVALS]
    made = {APPROVALS: Placed("k3", "x3", "token:c")}
    assert trust.revoke(session, "k1", made, None, LATER) == [APPROVALS]
    found = {(row.kid, row.purpose): row.state for row in trust.rows(session)}
    assert found == {
        ("k0", "timetables"): KeyState.SIGNING,
        ("k0", "approvals"): KeyState.RETIRED,
        ("k1", "approvals"): KeyState.REVOKED,
        ("k3", "approvals"): KeyState.SIGNING,
    }
    assert {jwk["kid"]: jwk[FOR] for jwk in trust.trusted_set(session)} == {"k0": ["timetables"], "k3": ["approvals"]}
    for gone in ("k1", "nobody"):
        with pytest.raises(Conflict):
            trust.lacking_after(session, gone)
