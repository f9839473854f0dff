"""The content server over HTTP, as the box asks it. Every call has a time limit and raises only `errors.py`.

Says nothing about when to call; that is `line.py`, and `prefetch.py` for packages.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import TypeVar
from urllib.parse import quote

import httpx

from schedules.airings import LayerId, PackageName
from schedules.wire.codec import MAX_BYTES, Unreadable, decode, encode
from schedules.wire.messages import (
    PAPERS,
    Ack,
    Commands,
    CredentialRequest,
    Credentials,
    EnrolmentOffer,
    EnrolmentRequest,
    EnrolmentReveal,
    EnrolmentState,
    EventBatch,
    Message,
    PackageAccess,
    Paper,
    PaperKind,
    Problem,
    Release,
    Reply,
    Reported,
    Roster,
    ServerTime,
    SigningKeys,
)
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import OfferExpired, Refused, Revoked, ServerUnreachable, Unknown
from tvclient.adapters.identity import Identity
from tvclient.adapters.trust import believing_anybody, trusting
from tvclient.settings import SOFTWARE

PROOF_HEADER = "X-Yuanjiao-Proof"
_M = TypeVar("_M", bound=Message)
Opened = AbstractContextManager[tuple[int, Iterator[bytes]]]
"""A file's bytes in pieces, and the offset from which they come (0 where the server does not resume)."""
_JSON = {"Content-Type": "application/json"}
_FILE_PATIENCE = httpx.Timeout(10.0, connect=1.5)
"""A line that comes back is noticed sooner by asking again than by waiting for TCP to."""


class Api:
    """A client of one server. Safe to use from any thread."""

    def __init__(
        self,
        server: str,
        http_token: str | None = None,
        transport: httpx.BaseTransport | None = None,
        authority: str = "",
    ) -> None:
        """Address of the server, the token of an enrolled box, and the PEM of the authority that is believed alone."""
        self._client = httpx.Client(
            base_url=server,
            headers={"User-Agent": SOFTWARE},
            verify=trusting(authority),
            timeout=httpx.Timeout(10.0, connect=4.0),
            transport=transport,
            trust_env=False,
        )
        if http_token:
            self.authorise(http_token)

    def authorise(self, http_token: str) -> None:
        """Go on with another token."""
        self._client.headers["Authorization"] = f"Bearer {http_token}"

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; calls under way fail with `ServerUnreachable`."""
        self._client.close()

    def ask_enrolment(self, identity: Identity, serial: str, commitment: str) -> EnrolmentOffer:
        """Ask to be let in, prove to hold the key, and say by which nonce the box will stand."""
        wanted = EnrolmentRequest(
            public_key=identity.public_key, serial=serial, software=SOFTWARE, commitment=commitment
        )
        body = encode(wanted)
        answer = self._call("POST", "/api/v1/enrolments", body, {**_JSON, PROOF_HEADER: identity.prove(body)})
        return _read(answer, EnrolmentOffer)

    def enrolment_state(self, offer: EnrolmentOffer) -> EnrolmentState:
        """Ask whether the code was entered.

        Raises:
            OfferExpired: the code is too old or unknown.
        """
        return self._about(offer, "GET", "")

    def reveal_nonce(self, offer: EnrolmentOffer, nonce: str) -> EnrolmentState:
        """Show the nonce; whoever announced the box has thereby let it in.

        Raises:
            OfferExpired: the offer is too old or unknown.
        """
        return self._about(offer, "POST", "/nonce", encode(EnrolmentReveal(nonce=nonce)))

    def newest_credentials(self, identity: Identity, request: CredentialRequest) -> Credentials:
        """Ask for the box's newest credential, by the token it has and by its key."""
        body = encode(request)
        headers = {**_JSON, PROOF_HEADER: identity.prove(body)}
        return _read(self._call("POST", "/api/v1/box/credentials", body, headers), Credentials)

    def desired(self) -> bytes:
        """JWS of `Desired`."""
        return self._call("GET", "/api/v1/box/desired").content

    def signing_keys(self) -> SigningKeys:
        """The keys to believe."""
        return _read(self._call("GET", "/api/v1/box/keys"), SigningKeys)

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

    def paper(self, kind: PaperKind) -> Paper:
        """What the station reads of this kind."""
        found: Paper = _read(self._call("GET", f"/api/v1/box/papers/{kind}"), PAPERS[kind])
        return found

    def answer_file(self, sha256: str) -> Opened:
        """Open a photograph or a voice note of an answer; yields as `file`."""
        return self._opened(f"/api/v1/box/answer-files/{quote(sha256, safe='')}", 0)

    def send_events(self, batch: EventBatch) -> Ack:
        """Send rows of the journal; the answer says what is committed."""
        return _read(self._call("POST", "/api/v1/box/events", encode(batch), _JSON), Ack)

    def send_reported(self, reported: Reported) -> None:
        """Report what the box has and does."""
        self._call("POST", "/api/v1/box/reported", encode(reported), _JSON)

    def commands(self) -> tuple[str, ...]:
        """JWS of each `Command` that the box has not answered, the oldest first."""
        return _read(self._call("GET", "/api/v1/box/commands"), Commands).commands

    def send_reply(self, reply: Reply) -> None:
        """Say what became of a command."""
        self._call("POST", "/api/v1/box/replies", encode(reply), _JSON)

    def send_picture(self, command: str, data: bytes) -> None:
        """Send the screen, JPEG, under a command; nothing where it has not changed."""
        path = f"/api/v1/box/commands/{quote(command, safe='')}/picture"
        self._call("POST", path, data, {"Content-Type": "image/jpeg"})

    def send_log(self, command: str, data: bytes) -> None:
        """Send lines of the program's log, UTF-8, under a command."""
        path = f"/api/v1/box/commands/{quote(command, safe='')}/log"
        self._call("POST", path, data, {"Content-Type": "text/plain; charset=utf-8"})

    def package(self, name: PackageName) -> PackageAccess:
        """Approval of a package, and where its files are."""
        return _read(self._call("GET", f"/api/v1/packages/{name}"), PackageAccess)

    def reach(self) -> None:
        """Ask something small, to see whether the server answers."""
        self._call("GET", "/api/v1/time")

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
        with self._opened(access.base + quote(path) + access.query, from_byte) as opened:
            yield opened

    def release(self, release: Release, from_byte: int = 0) -> Opened:
        """Open a release of the program; yields as `file`."""
        return self._opened(f"/api/v1/box/release/{quote(release.sha256, safe='')}", from_byte)

    @contextmanager
    def _opened(self, address: str, from_byte: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={from_byte}-"} if from_byte else {})
        try:
            with self._client.stream("GET", address, headers=headers, timeout=_FILE_PATIENCE) as answer:
                if answer.is_error:
                    answer.read()
                _raise_for(answer)
                resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
                yield (from_byte if resumed else 0), answer.iter_raw()
        except (httpx.TransportError, RuntimeError) as error:  # RuntimeError: the client was closed meanwhile
            raise ServerUnreachable(str(error)) from error

    def _about(self, offer: EnrolmentOffer, method: str, path: str, body: bytes | None = None) -> EnrolmentState:
        headers = {**_JSON, "Authorization": f"Bearer {offer.poll_token}"}
        try:
            answer = self._call(method, f"/api/v1/enrolments/{quote(offer.enrolment, safe='')}{path}", body, headers)
        except Unknown as error:
            raise OfferExpired(offer.enrolment) from error
        except Refused as error:
            if error.status in {404, 410}:
                raise OfferExpired(offer.enrolment) from error
            raise
        return _read(answer, EnrolmentState)

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


def fetch_authority(server: str) -> str:
    """At first contact, and only then, believe whoever answers: the PEM of the server's authority.

    Raises:
        ServerUnreachable: nobody answers, or what came is no certificate.
    """
    try:
        with httpx.Client(base_url=server, verify=believing_anybody(), timeout=10.0, trust_env=False) as client:
            answer = client.get("/api/v1/authority", headers={"User-Agent": SOFTWARE})
        answer.raise_for_status()
        trusting(answer.text)
    except (httpx.HTTPError, ValueError) as error:
        raise ServerUnreachable(str(error)) from error
    return answer.text


def _raise_for(answer: httpx.Response) -> None:
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise ServerUnreachable(f"status {answer.status_code}")
    if answer.is_client_error:
        try:
            problem = decode(answer.content, Problem)
        except Unreadable:
            problem = Problem(code=str(answer.status_code), title=answer.reason_phrase)
        if problem.code == "box_revoked":
            raise Revoked(problem.title)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise Unknown(problem.code)
        raise Refused(answer.status_code, problem.code, problem.title)


def _read(answer: httpx.Response, kind: type[_M]) -> _M:
    try:
        return decode(answer.content, kind)
    except Unreadable as error:
        raise ServerUnreachable(str(error)) from error
