"""How a box learns which keys to believe: over TLS, from the server that its authority vouches for.

A key never vouches for the next one. The box asks when the server says that there is another set (`Desired.keys_no`),
and seldom, when something is signed by a key that it does not know. The new set is durable before it is used; then
all that is stored is verified again, and what only an older key had signed is asked for anew. For one thread alone.
"""

import msgspec
import structlog

from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import Refused
from tvclient.adapters.household import Household
from tvclient.adapters.identity import Vault

ASK_AGAIN_S = 5.0
PUZZLED_S = 300.0
"""An unknown key is asked about at most this often: it may be nobody's."""
APPROVALS_AT_ONCE = 5
APPROVALS_AGAIN_S = 15.0

log = structlog.get_logger(__name__)


class Trusting:
    """One box's trust, over the whole life of the program."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault, self._clock = vault, clock
        self._again_at = self._puzzled_at = self._approvals_at = 0.0
        self._settled: int | None = None

    def turn(self, household: Household) -> bool:
        """Ask for the keys where there is a reason to, and for some of the approvals that are wanted anew.

        Returns:
            Whether other keys are believed now: everything else is to be asked for at once.

        Raises:
            AdapterError: the server does not answer.
            OSError: the new set could not be stored.
        """
        changed = self._is_due(household) and self._ask(household)
        if not changed:
            self._renew_approvals(household)
        return changed

    def _is_due(self, household: Household) -> bool:
        desired, ticks = household.documents.desired, self._clock.ticks()
        known = household.credentials.keys_no
        other = desired is not None and desired.keys_no not in (known, self._settled)
        return (other and ticks >= self._again_at) or (household.keyring.puzzled and ticks >= self._puzzled_at)

    def _ask(self, household: Household) -> bool:
        self._again_at = self._clock.ticks() + ASK_AGAIN_S
        desired, before = household.documents.desired, household.credentials
        try:
            answer = household.api.signing_keys()
        except Refused as error:
            log.warning("keys.not_given", reason=str(error))
            self._puzzled_at = self._clock.ticks() + PUZZLED_S
            return False
        self._puzzled_at = self._clock.ticks() + PUZZLED_S
        self._settled = desired.keys_no if desired else None
        household.keyring.puzzled = False
        same = bytes(answer.keys) == bytes(before.signing_keys)
        if same and answer.keys_no == before.keys_no:
            return False
        credentials = msgspec.structs.replace(before, signing_keys=answer.keys, keys_no=answer.keys_no)
        self._vault.keep(credentials)
        household.believe(credentials)
        log.info("keys.believed", keys_no=answer.keys_no)
        return not same

    def _renew_approvals(self, household: Household) -> None:
        unproved = household.store.unproved()
        if not unproved or self._clock.ticks() < self._approvals_at:
            return
        for name in unproved[:APPROVALS_AT_ONCE]:
            try:
                good = household.store.approve_again(name, household.api.package(name).approval)
            except Refused as error:
                log.warning("approval.not_given", package=name, reason=str(error))
                household.store.refuse(name)
                household.packages_changed()
                continue
            if not good:
                self._approvals_at = self._clock.ticks() + APPROVALS_AGAIN_S
                return
            log.info("approval.renewed", package=name)
            household.packages_changed()
