"""Real mDNS on the loopback interface, and a machine that has no network."""

from schedules.wire.topics import BoxId
from tests.tvclient.awaiting import eventually
from tvclient.adapters.lan import MulticastLan


def test_boxes_find_each_other_and_see_each_other_leave() -> None:
    first, second = MulticastLan(BoxId(1), ["127.0.0.1"]), MulticastLan(BoxId(2), ["127.0.0.1"])
    try:
        known_first, known_second = first.start(40_001), second.start(40_002)
        ours = {known_first.name, known_second.name}
        eventually(lambda: ours & {one.name for one in first.others()}, "the second is seen")
        eventually(lambda: ours & {one.name for one in second.others()}, "the first is seen")
        seen = next(one for one in second.others() if one.name in ours)
        assert (seen.box, seen.host, seen.port) == (1, "127.0.0.1", 40_001)
        assert known_first < known_second
        eventually(first.settled, "everybody has had time")
        second.close()
        eventually(lambda: not ours & {one.name for one in first.others()}, "the second is gone")
    finally:
        first.close()
        second.close()


def test_without_a_network_the_box_is_alone() -> None:
    lan = MulticastLan(BoxId(1), [])
    lan.start(40_003)
    assert lan.others() == ()
    lan.close()
