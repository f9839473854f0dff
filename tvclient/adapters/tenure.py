"""Whose box this is: nobody's yet, one server's, or no longer. Holds the household while there is one.

A household comes with credentials and goes with the end of an enrolment, or when the box is let in anew. Runs in the
line's thread, one turn at a time. The conversations themselves: `enrolling.py`, `standing.py`.
"""

from collections.abc import Callable

import structlog

from schedules.wire.messages import Credentials
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.enrolling import Enrolling
from tvclient.adapters.household import Household, forget_documents
from tvclient.adapters.identity import Vault
from tvclient.adapters.standing import Standing
from tvclient.core import events
from tvclient.settings import Settings

log = structlog.get_logger(__name__)


class Tenure:
    """One box's belonging, over its whole life."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        post: Callable[[events.Event], None],
        sample_time: Callable[[Api], None],
        furnish: Callable[[Credentials], Household],
    ) -> None:
        """Nothing is there before `restore`.

        Args:
            furnish: makes a household of credentials; nothing of it talks yet.
        """
        self._settings, self._clock, self._post, self._furnish = settings, clock, post, furnish
        self._vault = Vault(settings.data / "secret")
        self._enrolling = Enrolling(settings, self._vault, clock, post, sample_time)
        self._standing = Standing(self._vault, clock)
        self._ended: str | None = None
        self.household: Household | None = None

    def restore(self) -> None:
        """What an earlier life of the program left: a household, or the end of one."""
        self._ended, credentials = self._vault.ended(), self._vault.credentials()
        if self._ended is not None:
            self._post(events.EnrolmentEnded(self._ended))
        elif credentials is not None:
            self._take(credentials)

    def turn(self) -> Household | None:
        """Find out what is doubted, and ask to be let in where the box is nobody's.

        Returns:
            A household that was furnished in this turn; it is to begin to talk.

        Raises:
            Revoked, OSError: as `Standing.turn`; OSError too where new credentials could not be stored.
        """
        if self._ended is not None:
            return None
        if self.household is not None:
            was_unknown = self._standing.unknown
            self._standing.turn(self.household)
            if self._standing.unknown and not was_unknown:
                self._enrolling.begin(self.household.credentials.authority)
            elif was_unknown and not self._standing.unknown:
                self._post(events.Enrolled())
        if self.household is not None and not self._standing.unknown:
            return None
        credentials = self._enrolling.turn()
        return self._move_in(credentials) if credentials else None

    @property
    def known(self) -> bool:
        """Whether there is a household that its server knows."""
        return self.household is not None and not self._standing.unknown

    def doubt(self) -> None:
        """Something was refused; the next turn finds out why."""
        self._standing.doubt()

    def hasten(self) -> None:
        """Somebody asks whether the code was entered."""
        self._enrolling.hasten()

    def end(self, reason: str) -> None:
        """The server has ended the enrolment: nothing is shown but that; packages and journal stay."""
        household, self.household, self._ended = self.household, None, reason
        log.warning("box.ended", reason=reason)
        self._post(events.EnrolmentEnded(reason))
        if household:
            household.close()
        self._vault.end(reason)

    def begin_anew(self) -> None:
        """After an end somebody wants the box to be let in again, by whichever server answers."""
        if self._ended is not None:
            self._ended = None
            self._enrolling.begin("")

    def close(self) -> None:
        """Let go of everything."""
        if self.household:
            self.household.close()

    def _move_in(self, credentials: Credentials) -> Household:
        """Forget what an earlier enrolment counted, store the credentials, furnish; the old household goes."""
        forget_documents(self._settings.data)
        self._vault.keep(credentials)
        if self.household:
            self.household.close()
        return self._take(credentials)

    def _take(self, credentials: Credentials) -> Household:
        self._standing = Standing(self._vault, self._clock)
        self.household = household = self._furnish(credentials)
        self._post(events.Enrolled())
        return household
