"""The conversation by which a box is let in: first contact, a nonce of either side, a code on the screen, credentials.

One turn at a time, in the line's thread; never waits. The box computes the code's end itself, from the authority that
it verified the server against (`schedules/claim.py`). What an enrolled box does: `line.py`, `standing.py`.
"""

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog

from schedules import claim
from schedules.wire.messages import Credentials, EnrolmentOffer
from tvclient.adapters.api import Api, fetch_authority
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import OfferExpired, Refused, Revoked, ServerUnreachable, Unknown
from tvclient.adapters.identity import Vault
from tvclient.adapters.trust import is_secure
from tvclient.core import events
from tvclient.settings import Settings

POLL_CLAIM_S = 2.0
RETRY_S = 5.0
REFUSED_RETRY_S = 20.0

log = structlog.get_logger(__name__)


class Enrolling:
    """One box's way in."""

    def __init__(
        self,
        settings: Settings,
        vault: Vault,
        clock: Clock,
        post: Callable[[events.Event], None],
        sample_time: Callable[[Api], None],
    ) -> None:
        """Nothing is asked before the first turn."""
        self._settings, self._vault, self._clock, self._post = settings, vault, clock, post
        self._sample_time = sample_time
        self.begin("")

    def begin(self, authority: str) -> None:
        """Begin anew; what was offered before is forgotten.

        Args:
            authority: PEM that is trusted already; empty asks the server for its own, at every new code.
        """
        self._known = self._settings.authority or authority
        self._again_at = 0.0
        self._forget()

    def hasten(self) -> None:
        """Somebody asks whether the code was entered: the next turn asks at once."""
        self._again_at = 0.0

    def turn(self) -> Credentials | None:
        """Ask what is due; the credentials once the box is let in."""
        if self._clock.ticks() < self._again_at:
            return None
        try:
            credentials = self._ask()
        except OfferExpired:
            self._forget()
            return None
        except ServerUnreachable as error:
            log.info("enrolment.unreachable", reason=str(error))
            if self._offer is None:
                self._post(events.ServerUnreachable())
            self._wait(RETRY_S)
            return None
        except (Refused, Revoked, Unknown) as error:
            log.warning("enrolment.refused", reason=str(error))
            self._forget()
            self._wait(REFUSED_RETRY_S)
            return None
        self._wait(POLL_CLAIM_S)
        return credentials

    def _forget(self) -> None:
        self._authority = self._known
        self._offer: EnrolmentOffer | None = None
        self._nonce = ""
        self._shown = False

    def _ask(self) -> Credentials | None:
        server = self._settings.server
        if is_secure(server) and not self._authority:
            self._authority = fetch_authority(server)
        with Api(server, authority=self._authority) as api:
            if self._offer is None:
                self._nonce = secrets.token_hex(16)
                offer = api.ask_enrolment(self._vault.identity(), self._settings.serial, claim.commitment(self._nonce))
                _require_halves(offer)
                self._offer = offer
                self._sample_time(api)
            if self._shown:
                state = api.enrolment_state(self._offer)
            else:
                state = api.reveal_nonce(self._offer, self._nonce)
                if state.credentials is None:
                    self._show(self._offer)
        if state.credentials is not None:
            self._require_same_server(state.credentials)
            log.info("enrolment.done", box=state.credentials.box)
        return state.credentials

    def _show(self, offer: EnrolmentOffer) -> None:
        code = claim.claim_code(
            stem=offer.claim_stem,
            public_key=self._vault.identity().public_key,
            authority=self._authority,
            box_nonce=self._nonce,
            server_nonce=offer.server_nonce,
        )
        self._shown = True
        self._post(events.ClaimOffered(claim.shown(code), f"{_claim_page(self._settings.server, offer)}?code={code}"))
        log.info("enrolment.offered", claim_code=claim.shown(code))

    def _require_same_server(self, credentials: Credentials) -> None:
        """Whoever lets the box in must be the one it talks with, and may not send it to a line without TLS."""
        if not is_secure(self._settings.server):
            return
        same = self._settings.authority or credentials.authority.strip() == self._authority.strip()
        if not credentials.broker.tls or not same:
            raise Refused(0, "authority_differs", "the credentials name another authority, or a broker without TLS")

    def _wait(self, seconds: float) -> None:
        self._again_at = self._clock.ticks() + seconds


def _require_halves(offer: EnrolmentOffer) -> None:
    """A code that comes whole from the server would prove nothing, and is not shown."""
    stem = offer.claim_stem
    if len(stem) != claim.STEM_LENGTH or not set(stem) <= set(claim.ALPHABET) or len(offer.server_nonce) < 32:
        raise Refused(0, "offer_incomplete", "the server's program is too old, or this is not the server")


def _claim_page(server: str, offer: EnrolmentOffer) -> str:
    """The page that the phone opens; it is this server's, whatever the offer says."""
    if urlsplit(offer.claim_url).hostname == urlsplit(server).hostname:
        return offer.claim_url.partition("?")[0]
    return f"{server}/boxes/claim"
