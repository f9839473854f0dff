"""How an enrolled box stands with its server: with its newest credential, unknown to it, or ended.

Whatever refuses the box is doubted first: over HTTP, with the box's key, it asks for its newest credential. Only the
server's answer to that counts. Decides nothing about lessons; `line.py` acts upon it.
"""

import structlog

from schedules.wire.messages import CredentialRequest
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import Refused, ServerUnreachable, Unknown
from tvclient.adapters.household import Household
from tvclient.adapters.identity import Vault

ASK_AGAIN_S = 5.0
STRANGER_ASKS_S = 60.0

log = structlog.get_logger(__name__)


class Standing:
    """One household's standing."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        """Nothing is doubted."""
        self._vault, self._clock = vault, clock
        self._doubted = False
        self._again_at = 0.0
        self._settled: int | None = None
        self.unknown = False
        """The server does not know this box, for instance after it was restored from a backup."""

    def doubt(self) -> None:
        """Something was refused: find out at the next turn."""
        self._doubted = True

    def turn(self, household: Household) -> None:
        """Ask for the newest credential where one is due; it is durable before it is used.

        Raises:
            Revoked: the enrolment was ended.
            OSError: the newest one could not be stored.
            AdapterError: it could not be used at once; whatever is asked next uses it.
        """
        desired = household.documents.desired
        wanted = desired.credential_no if desired else household.credentials.credential_no
        due = wanted not in (household.credentials.credential_no, self._settled)
        if not (due or self._doubted or self.unknown) or self._clock.ticks() < self._again_at:
            return
        self._again_at = self._clock.ticks() + (STRANGER_ASKS_S if self.unknown else ASK_AGAIN_S)
        request = CredentialRequest(box=household.box, at=self._clock.now())
        try:
            credentials = household.api.newest_credentials(self._vault.identity(), request)
        except Unknown:
            if not self.unknown:
                log.warning("box.unknown", box=household.box)
            self._doubted, self.unknown = False, True
            self._again_at = self._clock.ticks() + STRANGER_ASKS_S
            return
        except (Refused, ServerUnreachable) as error:
            log.warning("credentials.not_given", reason=str(error))
            return
        if credentials.box != household.box:
            return
        self._vault.keep(credentials)
        household.renew(credentials)
        self._doubted, self.unknown, self._settled = False, False, wanted
        log.info("credentials.renewed", credential_no=credentials.credential_no)
        household.api.desired()  # the new token's first use: only then the old one ends, and the broker's old password
