"""The same bytes over an imagined line, later; and no line means no line."""

import random

import httpx
import pytest

from tests.tvclient.counterpart import TOKEN, Counterpart
from tvclient.adapters.api import Api
from tvclient.adapters.errors import ServerUnreachable
from tvclient.fleet.lines import Quality, Way
from tvclient.fleet.slow_http import SlowTransport


def api_over(server: Counterpart, way: Way | None) -> tuple[Api, SlowTransport]:
    transport = SlowTransport(httpx.HTTPTransport, way)
    return Api(server.url, TOKEN, transport=transport), transport


@pytest.mark.parametrize("quality", [None, Quality(kbps=2000, latency_ms=20, loss=0.02)])
def test_what_comes_is_what_was_sent(http_server: Counterpart, quality: Quality | None) -> None:
    http_server.want()
    name = http_server.add_package(size=60_000)
    api, transport = api_over(http_server, Way(quality, random.Random(1)) if quality else None)
    with api:
        assert api.desired() == http_server.desired_token
        access = api.package(name)
        whole = (http_server.packages / name / "low" / "1.m4s").read_bytes()
        with api.file(access, "low/1.m4s", 7) as (offset, pieces):
            assert (offset, b"".join(pieces)) == (7, whole[7:])
        transport.rest()
        assert api.desired() == http_server.desired_token


def test_bytes_take_as_long_as_the_line_needs(http_server: Counterpart) -> None:
    name = http_server.add_package(size=50_000)
    passed: list[float] = []
    way = Way(Quality(kbps=800), random.Random(1))
    api, _transport = api_over(http_server, way)
    with api, api.file(api.package(name), "low/1.m4s") as (_offset, pieces):
        began = way.now()
        for piece in pieces:
            passed.append(len(piece))
        assert way.now() - began >= 0.9 * sum(passed) * 8 / 800_000


def test_without_a_line_nothing_leaves(http_server: Counterpart) -> None:
    http_server.want()
    way = Way(Quality(outages_per_day=86_400 * 1000, outage_s=1000), random.Random(1))
    api, _transport = api_over(http_server, way)
    while way.down_until(way.now()) is None:
        pass
    with api, pytest.raises(ServerUnreachable):
        api.desired()
    assert http_server.requests == []
