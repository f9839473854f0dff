from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from schedules.airings import PackageName
from schedules.wire.messages import EventBatch, Reported
from tests.tvclient.broker import free_port
from tests.tvclient.counterpart import BOX, LAYER, TOKEN, Counterpart, now
from tests.tvclient.evening import ROSTER
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import OfferExpired, Refused, Revoked, ServerUnreachable
from tvclient.adapters.identity import Vault


@pytest.fixture
def api(http_server: Counterpart) -> Iterator[Api]:
    with Api(http_server.url, TOKEN) as opened:
        yield opened


def test_enrolment_from_the_offer_to_the_credentials(http_server: Counterpart, tmp_path: Path) -> None:
    with Api(http_server.url) as api:
        offer = api.ask_enrolment(Vault(tmp_path).identity(), "serial")
        assert offer.claim_code == "7K4M-92QP"
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


def test_a_revoked_token_is_said_clearly(api: Api, http_server: Counterpart) -> None:
    http_server.revoked = True
    with pytest.raises(Revoked):
        api.desired()


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
            api.ask_enrolment(Vault(tmp_path).identity(), "")
