"""Boxes of one local network: one fetches for all, and none is worse off for a neighbour that lies or dawdles."""

import socket
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import PackageName
from schedules.wire.codec import decode, encode
from schedules.wire.messages import FetchRules, Holding, Shelf
from schedules.wire.signing import Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.tvclient.awaiting import eventually
from tests.tvclient.counterpart import Counterpart
from tests.tvclient.village import LOOPBACK, Box, Cable, showing, village
from tvclient.adapters import lending, neighbours
from tvclient.adapters.lan import Neighbour, private
from tvclient.adapters.lending import Lending
from tvclient.adapters.neighbours import my_turn
from tvclient.adapters.packages import PackageStore

P = PackageName("p")


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_of_those_who_want_a_package_it_is_always_just_one_boxs_turn(boxes: list[tuple[bool, bool]]) -> None:
    known = [Neighbour(number, f"box-{number}") for number in range(len(boxes))]
    shelves = [
        (who, Shelf(box=BoxId(who.box), packages={P: Holding(wanted=wants or fetches, fetching=fetches)}))
        for who, (wants, fetches) in zip(known, boxes, strict=True)
    ]
    wanting = [who for who, (wants, fetches) in zip(known, boxes, strict=True) if wants or fetches]
    turns = [my_turn(who, P, [one for one in shelves if one[0] != who], fetching=boxes[who.box][1]) for who in wanting]
    assert sum(turns) == (1 if wanting else 0)


def test_one_fetches_for_all_and_every_file_leaves_the_server_once(http_server: Counterpart, tmp_path: Path) -> None:
    names = [http_server.add_package(seed, size=30_000) for seed in (b"a", b"b")]
    with village(http_server, tmp_path, 3, 1, 2) as boxes:
        for box in boxes:
            box.prefetch.prefer(showing(*names))
        eventually(lambda: all(box.whole(name) for box in boxes for name in names), "whole everywhere")
        given_bytes = sum(box.given for box in boxes)
        assert given_bytes <= 1.05 * sum(boxes[0].store.stored().values())
        for box in boxes:
            assert box.store.playable(names[0]).playlist.parent.name == "720p"
    media = [path for path in http_server.requests if path.endswith(".m4s")]
    assert len(media) - len(set(media)) <= 3


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no absent neighbour."""
    for limit in ("CONNECT_S", "ANSWER_S", "START_S"):
        monkeypatch.setattr(neighbours, limit, 60.0)


@pytest.mark.usefixtures("patient")
def test_files_are_lent_while_the_rest_is_still_coming(http_server: Counterpart, tmp_path: Path) -> None:
    name = http_server.add_package()

    def began(box: Box) -> bool:
        return box.store.stored().get(name, 0) > 0

    with village(http_server, tmp_path, 1, 2) as (first, second):
        http_server.withheld = "/low/2.m4s"
        first.prefetch.prefer(showing(name))
        eventually(lambda: began(first), "the first files, from the server")
        second.prefetch.prefer(showing(name))
        eventually(lambda: began(second), "the first files, from next door")
        assert not any(box.store.report(name).playable for box in (first, second))
        http_server.withheld = None
        eventually(lambda: first.whole(name) and second.whole(name), "whole")
        assert second.given == 0  # all of it came from next door


@pytest.mark.usefixtures("patient")
def test_what_a_neighbour_has_needs_no_server_at_all(http_server: Counterpart, tmp_path: Path) -> None:
    name, cable = http_server.add_package(), Cable()
    with village(http_server, tmp_path, 1, cable=cable) as (first,):
        first.prefetch.prefer(showing(name))
        eventually(lambda: first.whole(name), "whole at the first")
        second = Box(http_server, tmp_path, 2, cable, url="http://127.0.0.1:9")
        second.prefetch.prefer(showing(name))
        eventually(lambda: second.whole(name), "whole at the second")
        assert second.given == 0
        second.close()


@pytest.mark.parametrize("altered", ["low/0.m4s", "manifest.json"])
def test_a_neighbour_that_lies_is_left_alone_and_costs_nothing(
    http_server: Counterpart, tmp_path: Path, altered: str
) -> None:
    name = http_server.add_package()

    def lie(path: str) -> bytes:
        data = (http_server.packages / name / path).read_bytes()
        return bytes(len(data)) if path == altered else data

    with _Stranger(http_server, name, lie) as stranger, village(http_server, tmp_path, 5, cable=stranger.cable) as one:
        one[0].prefetch.prefer(showing(name))
        eventually(lambda: one[0].whole(name), "whole")
        assert one[0].store.playable(name)
        assert stranger.asked.count(altered) == 1
        after = stranger.asked.index(altered) + 1
        already_asked = {"low/1.m4s", "low/2.m4s"}
        assert {path for path in stranger.asked[after:] if path not in {"approval", ""}} <= already_asked
        assert (http_server.packages / name / "low/0.m4s").stat().st_size <= one[0].given


def test_a_neighbour_that_answers_nothing_is_given_up(
    http_server: Counterpart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "ANSWER_S", 0.2)
    name, cable = http_server.add_package(), Cable()
    with socket.create_server((LOOPBACK, 0)) as deaf:
        cable.boxes.append(Neighbour(0, "deaf", LOOPBACK, deaf.getsockname()[1]))
        with village(http_server, tmp_path, 5, cable=cable) as (box,):
            box.prefetch.prefer(showing(name))
            eventually(lambda: box.whole(name), "whole")


def test_a_neighbour_that_only_promises_is_awaited_no_longer_than_patience_lasts(
    http_server: Counterpart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "PATIENCE_S", 0.3)
    monkeypatch.setattr(neighbours, "LOOK_EVERY_S", 0.05)
    name = http_server.add_package()
    with (
        _Stranger(http_server, name, lambda _path: None, fetching=True) as stranger,
        village(http_server, tmp_path, 5, cable=stranger.cable) as (box,),
    ):
        box.prefetch.prefer(showing(name))
        eventually(lambda: stranger.asked, "looked at the shelf")
        eventually(lambda: box.whole(name), "whole all the same")


def test_the_rules_can_forbid_neighbours(http_server: Counterpart, tmp_path: Path) -> None:
    name, cable = http_server.add_package(), Cable()
    with village(http_server, tmp_path, 1, 2, cable=cable) as boxes:
        for box in boxes:
            box.prefetch.follow(FetchRules(neighbours=False))
            box.prefetch.prefer(showing(name))
        eventually(lambda: all(box.whole(name) for box in boxes), "whole everywhere")
        assert boxes[0].given == boxes[1].given > boxes[0].store.stored()[name]
        assert _get(cable.boxes[0].port, "/").status_code == 403


def test_only_what_a_manifest_names_is_lent(http_server: Counterpart, tmp_path: Path) -> None:
    name, cable = http_server.add_package(), Cable()
    with village(http_server, tmp_path, 1, cable=cable) as (box,):
        box.prefetch.prefer(showing(name))
        eventually(lambda: box.whole(name), "whole")
        port = cable.boxes[0].port
        shelf = decode(_get(port, "/").content, Shelf)
        assert shelf.packages[name].stored_bytes == box.store.stored()[name]
        eventually(lambda: not decode(_get(port, "/").content, Shelf).packages[name].wanted, "nothing more wanted")
        for path in ("low/0.m4s", "manifest.json", "poster.jpg"):
            assert _get(port, f"/{name}/{path}").content == (http_server.packages / name / path).read_bytes()
        assert _get(port, f"/{name}/approval").text == http_server.approvals[name]
        whole = (http_server.packages / name / "low/0.m4s").read_bytes()
        for header, first, last in (
            ("bytes=10-", 10, None),
            ("bytes=10-19", 10, 20),
            ("bytes=4990-9999999", 4990, None),
        ):
            part = _get(port, f"/{name}/low/0.m4s", header)
            assert (part.status_code, part.content) == (206, whole[first:last])
        assert _get(port, f"/{name}/low/0.m4s", "bytes=9999999-").status_code == 416
        for header in ("bytes=-5", "bytes=5-3x", "lines=1-2", "bytes=0-1,3-4"):
            assert _get(port, f"/{name}/low/0.m4s", header).content == whole
        for path in (
            f"/{name}/",
            f"/{name}",
            f"/{name}/.approval.jws",
            f"/{name}/.parts/x",
            f"/{name}/../{name}/low/0.m4s",
            f"/{name}/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "//etc/passwd",
            "/%00/x",
            "/" + "a" * 3000,
        ):
            assert _status(port, path) == 404, path
        assert httpx.post(f"http://{LOOPBACK}:{port}/", trust_env=False).status_code == 501


def test_more_than_a_few_at_once_are_turned_away(http_server: Counterpart, tmp_path: Path) -> None:
    store = PackageStore(tmp_path, Verifier(jwk_set([http_server.signer.public_jwk])), 1000)
    lent = Lending(store, lambda: Shelf(box=BoxId(1)), LOOPBACK)
    idle = [socket.create_connection((LOOPBACK, lent.port)) for _ in range(lending.AT_ONCE)]
    with pytest.raises(httpx.TransportError):
        _get(lent.port, "/")
    for one in idle:
        one.close()
    eventually(lambda: _answers(lent.port), "room again")
    lent.close()


@pytest.mark.parametrize("host", ["192.168.1.5", "10.0.0.1", "172.20.3.4", "127.0.0.1", "169.254.7.7", "fe80::1%eth0"])
def test_addresses_of_a_local_network(host: str) -> None:
    assert private(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "1.2.4.8", "2400:3200::1", "::ffff:8.8.8.8", "example.com", ""])
def test_addresses_of_elsewhere(host: str) -> None:
    assert not private(host)


def _get(port: int, path: str, asked: str = "") -> httpx.Response:
    headers = {"Range": asked} if asked else {}
    return httpx.get(f"http://{LOOPBACK}:{port}{path}", headers=headers, trust_env=False)


def _status(port: int, path: str) -> int:
    """The answer to a path that is sent as it stands."""
    connection = HTTPConnection(LOOPBACK, port)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def _answers(port: int) -> bool:
    try:
        return _get(port, "/").status_code == 200
    except httpx.TransportError:
        return False


class _Stranger:
    """A neighbour of number 0 whose files are whatever `tell` says; None gives nothing."""

    def __init__(
        self, server: Counterpart, name: PackageName, tell: Callable[[str], bytes | None], *, fetching: bool = False
    ) -> None:
        from werkzeug import Request, Response
        from werkzeug.serving import make_server

        self.cable, self.asked = Cable(), list[str]()
        holding = Holding(stored_bytes=0 if fetching else 10**9, wanted=fetching, fetching=fetching)

        @Request.application
        def answer(request: Request) -> Response:
            path = request.path.removeprefix(f"/{name}").removeprefix("/")
            self.asked.append(path)
            if not path:
                return Response(encode(Shelf(box=BoxId(0), packages={name: holding})))
            given = server.approvals[name].encode() if path == "approval" else tell(path)
            return Response("", 404) if given is None else Response(given)

        self._server = make_server(LOOPBACK, 0, answer, threaded=True)
        self.cable.boxes.append(Neighbour(0, "stranger", LOOPBACK, self._server.server_port))

    def __enter__(self) -> "_Stranger":
        from threading import Thread

        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
