"""The content server over HTTP, as the box asks it. Every call has a time limit and raises only `errors.py`.

Says nothing about when to call; that is `line.py`, and `prefetch.py` for packages.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar
from urllib.parse import quote

import httpx

from schedules.airings import LayerId, PackageName
from schedules.wire.codec import MAX_BYTES, Unreadable, decode, encode
from schedules.wire.messages import (
    Ack,
    EnrolmentOffer,
    EnrolmentRequest,
    EnrolmentState,
    EventBatch,
    Message,
    PackageAccess,
    Problem,
    Reported,
    Roster,
    ServerTime,
)
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import OfferExpired, Refused, Revoked, ServerUnreachable
from tvclient.adapters.identity import Identity
from tvclient.settings import SOFTWARE

PROOF_HEADER = "X-Yuanjiao-Proof"
_M = TypeVar("_M", bound=Message)
_JSON = {"Content-Type": "application/json"}


class Api:
    """A client of one server. Safe to use from any thread."""

    def __init__(
        self, server: str, http_token: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Address of the server, and the token of an enrolled box."""
        headers = {"User-Agent": SOFTWARE}
        if http_token:
            headers["Authorization"] = f"Bearer {http_token}"
        self._client = httpx.Client(
            base_url=server,
            headers=headers,
            timeout=httpx.Timeout(10.0, connect=4.0),
            transport=transport,
            trust_env=False,
        )

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; calls under way fail with `ServerUnreachable`."""
        self._client.close()

    def ask_enrolment(self, identity: Identity, serial: str) -> EnrolmentOffer:
        """Ask to be let in, and prove to hold the key."""
        body = encode(EnrolmentRequest(public_key=identity.public_key, serial=serial, software=SOFTWARE))
        answer = self._call("POST", "/api/v1/enrolments", body, {**_JSON, PROOF_HEADER: identity.prove(body)})
        return _read(answer, EnrolmentOffer)

    def enrolment_state(self, offer: EnrolmentOffer) -> EnrolmentState:
        """Ask whether the code was entered.

        Raises:
            OfferExpired: the code is too old or unknown.
        """
        headers = {"Authorization": f"Bearer {offer.poll_token}"}
        try:
            answer = self._call("GET", f"/api/v1/enrolments/{offer.enrolment}", headers=headers)
        except (Refused, Revoked) as error:
            if isinstance(error, Revoked) or error.status in {404, 410}:
                raise OfferExpired(offer.enrolment) from error
            raise
        return _read(answer, EnrolmentState)

    def desired(self) -> bytes:
        """JWS of `Desired`."""
        return self._call("GET", "/api/v1/box/desired").content

    def layer(self, layer: LayerId) -> bytes:
        """JWS of the layer's newest `LayerMessage`."""
        return self._call("GET", f"/api/v1/layers/{layer}").content

    def alerts(self, layer: LayerId) -> bytes:
        """JWS of the newest `AlertsMessage` of a region."""
        return self._call("GET", f"/api/v1/alerts/{layer}").content

    def roster(self, known: str) -> tuple[Roster, str] | None:
        """Who may sign in, with the answer's ETag; None when `known`, an earlier ETag, is still good."""
        answer = self._call("GET", "/api/v1/box/roster", headers={"If-None-Match": known} if known else {})
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        return _read(answer, Roster), answer.headers.get("ETag", "")

    def send_events(self, batch: EventBatch) -> Ack:
        """Send rows of the journal; the answer says what is committed."""
        return _read(self._call("POST", "/api/v1/box/events", encode(batch), _JSON), Ack)

    def send_reported(self, reported: Reported) -> None:
        """Report what the box has and does."""
        self._call("POST", "/api/v1/box/reported", encode(reported), _JSON)

    def package(self, name: PackageName) -> PackageAccess:
        """Approval of a package, and where its files are."""
        return _read(self._call("GET", f"/api/v1/packages/{name}"), PackageAccess)

    def sample_time(self, clock: Clock) -> bool:
        """One exchange of four timestamps; whether it was better than what the clock knew."""
        asked = clock.ticks()
        answer = self._call("GET", "/api/v1/time")
        return clock.observe(asked, _read(answer, ServerTime), clock.ticks())

    @contextmanager
    def file(self, access: PackageAccess, path: str, from_byte: int = 0) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Open one file of a package.

        Yields:
            The offset from which the bytes come (0 where the server does not resume), and the bytes in pieces.
        """
        if not access.base.startswith("/"):
            raise Refused(0, "foreign_address", "packages come from this server alone")
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={from_byte}-"} if from_byte else {})
        try:
            with self._client.stream("GET", access.base + quote(path) + access.query, headers=headers) as answer:
                if answer.is_error:
                    answer.read()
                _raise_for(answer)
                resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
                yield (from_byte if resumed else 0), answer.iter_raw(64 * 1024)
        except (httpx.TransportError, httpx.StreamError) as error:
            raise ServerUnreachable(str(error)) from error

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, path, content=body, headers=headers)
        except (httpx.HTTPError, RuntimeError) as error:  # RuntimeError: the client was closed meanwhile
            raise ServerUnreachable(str(error)) from error
        _raise_for(answer)
        if len(answer.content) > 2 * MAX_BYTES:
            raise ServerUnreachable("the answer is too long")
        return answer


def _raise_for(answer: httpx.Response) -> None:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise Revoked(answer.request.url.path)
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise ServerUnreachable(f"status {answer.status_code}")
    if answer.is_client_error:
        try:
            problem = decode(answer.content, Problem)
        except Unreadable:
            problem = Problem(code=str(answer.status_code), title=answer.reason_phrase)
        raise Refused(answer.status_code, problem.code, problem.title)


def _read(answer: httpx.Response, kind: type[_M]) -> _M:
    try:
        return decode(answer.content, kind)
    except Unreadable as error:
        raise ServerUnreachable(str(error)) from error
