"""What the server wants of a box's line, on its way through a whole television: fetched, reported, lifted again."""

from datetime import timedelta
from pathlib import Path

from schedules.airings import PackageName
from schedules.wire import topics
from schedules.wire.messages import Desired, StationCard
from tests.tvclient.awaiting import eventually
from tests.tvclient.counterpart import BOX, LAYER, Counterpart, now
from tests.tvclient.evening import airing
from tests.tvclient.test_shell import enrolled, television


def want(server: Counterpart, version: int, renditions: dict[PackageName, str]) -> None:
    """Sign and publish what the server wants."""
    wanted = Desired(
        box=BOX,
        version=version,
        station=StationCard(id="s", name="马场村站点"),
        layers=(LAYER,),
        roster_version="1",
        renditions=renditions,
    )
    server.desired_token = server.signer.sign(wanted)
    server.publish(topics.desired(BOX), server.desired_token)


def test_a_box_fetches_what_its_line_can_carry_and_says_how_far_it_is(server: Counterpart, tmp_path: Path) -> None:
    package = server.add_package(size=150_000)
    want(server, 1, {package: "low"})
    server.plan(1, airing(start=now() + timedelta(hours=5), package=package))
    enrolled(tmp_path / "tv", server)

    def stored(rendition: str) -> bool:
        held = server.reported.packages.get(package) if server.reported else None
        return held is not None and held.rendition == rendition and held.stored_bytes == held.wanted_bytes

    with television(server.url, tmp_path / "tv"):
        eventually(lambda: stored("low"), "the small one, reported")
        assert not any("/720p/" in path for path in server.requests)
        assert server.reported
        held, disk = server.reported.packages[package], server.reported.disk
        assert (held.playable, held.missing_bytes) == (True, 0)
        assert disk
        assert 0 < disk.free_bytes < disk.budget_bytes
        small = held.stored_bytes
        want(server, 2, {})
        eventually(lambda: stored("720p"), "the best one, reported")
        assert server.reported.packages[package].stored_bytes > small
        eventually(lambda: server.reported and server.reported.line, "the measured line")
