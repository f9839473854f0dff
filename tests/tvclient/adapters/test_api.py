from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from schedules import claim
from schedules.airings import PackageName
from schedules.wire.messages import EventBatch, Reported
from tests.tvclient.broker import free_port
from tests.tvclient.counterpart import BOX, LAYER, STEM, TOKEN, Counterpart, now
from tests.tvclient.evening import ROSTER
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import OfferExpired, Refused, Revoked, ServerUnreachable, Unknown
from tvclient.adapters.identity import Vault


@pytest.fixture
def api(http_server: Counterpart) -> Iterator[Api]:
    with Api(http_server.url, TOKEN) as opened:
        yield opened


def test_enrolment_from_the_offer_to_the_credentials(http_server: Counterpart, tmp_path: Path) -> None:
    nonce = "0123456789abcdef" * 2
    with Api(http_server.url) as api:
        offer = api.ask_enrolment(Vault(tmp_path).identity(), "serial", claim.commitment(nonce))
        assert (offer.claim_stem, offer.claim_code) == (STEM, "")
        assert api.reveal_nonce(offer, nonce).credentials is None
        assert http_server.claim_code.startswith(STEM[:4])
        assert api.enrolment_state(offer).credentials is None
        http_server.claimed = True
        assert api.enrolment_state(offer).credentials == http_server.credentials()
        http_server.expired = True
        with pytest.raises(OfferExpired):
            api.enrolment_state(offer)


def test_signed_bytes_come_as_they_were_signed(api: Api, http_server: Counterpart) -> None:
    desired, layer = http_server.want(), http_server.plan(1)
    assert api.desired() == desired
    assert api.layer(LAYER) == layer


def test_the_roster_is_sent_again_only_when_it_changed(api: Api) -> None:
    first = api.roster("")
    assert first
    roster, etag = first
    assert roster == ROSTER
    assert api.roster(etag) is None
    assert api.roster('"older"') == first


def test_events_are_answered_by_an_ack_and_reports_by_nothing(api: Api, http_server: Counterpart) -> None:
    ack = api.send_events(EventBatch(box=BOX, epoch="e", events=()))
    assert (ack.through, ack.generation) == (0, "g1")
    report = Reported(box=BOX, epoch="e", at=now())
    api.send_reported(report)
    assert http_server.reported == report


def test_one_exchange_makes_the_clock_sure(api: Api) -> None:
    clock = Clock(wall=lambda: 0.0)
    assert clock.unsure()
    api.sample_time(clock)
    assert not clock.unsure()
    assert abs((clock.now() - now()).total_seconds()) < 1


def test_an_ended_enrolment_is_told_from_an_unknown_token(api: Api, http_server: Counterpart) -> None:
    http_server.unknown = True
    with pytest.raises(Unknown):
        api.desired()
    http_server.ended = "Another box stands in its place."
    with pytest.raises(Revoked, match="Another box stands in its place"):
        api.desired()


def test_another_token_is_used_from_the_next_call_on(api: Api, http_server: Counterpart) -> None:
    http_server.want()
    http_server.token = "newer"
    with pytest.raises(Unknown):
        api.desired()
    api.authorise("newer")
    assert api.desired() == http_server.desired_token


def test_a_refusal_keeps_its_code(api: Api) -> None:
    with pytest.raises(Refused) as refused:
        api.package(PackageName("sha256-none"))
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_a_server_that_is_not_there_is_the_worlds_fault() -> None:
    with Api(f"http://127.0.0.1:{free_port()}") as api, pytest.raises(ServerUnreachable):
        api.desired()


def test_an_answer_that_is_no_message_is_no_answer(tmp_path: Path) -> None:
    def nonsense(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"<html>a hotel's sign-in page</html>")

    with Api("http://server", transport=httpx.MockTransport(nonsense)) as api:
        with pytest.raises(ServerUnreachable):
            api.sample_time(Clock())
        with pytest.raises(ServerUnreachable):
            api.ask_enrolment(Vault(tmp_path).identity(), "", "")
