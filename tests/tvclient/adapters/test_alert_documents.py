"""Alerts on the disk: only signed, newer, for a followed region; they outlive restarts, a full disk and forgers."""

import threading
from pathlib import Path

import httpx
import pytest

from schedules.airings import LayerId
from schedules.wire.codec import encode
from schedules.wire.messages import Alert, AlertsMessage, Roster
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from tests.tvclient.counterpart import LAYER
from tests.tvclient.evening import NOON, alert
from tvclient.adapters import alert_documents
from tvclient.adapters.alert_documents import AlertDocuments
from tvclient.adapters.api import Api
from tvclient.adapters.errors import ServerUnreachable
from tvclient.core.events import AlertsChanged, Event

VILLAGE, OTHER = LayerId("region-640221203205"), LayerId("region-640205")
SIGNER = Signer(new_private_jwk())


class Box:
    """A folder, what is followed, and what was said."""

    def __init__(self, folder: Path, *followed: LayerId) -> None:
        self.followed: tuple[LayerId, ...] = followed or (LAYER, VILLAGE)
        self.said: list[Event] = []
        self.kept = AlertDocuments(
            folder, Verifier(jwk_set([SIGNER.public_jwk])), lambda: self.followed, self.said.append
        )

    def last(self) -> list[str]:
        assert isinstance(self.said[-1], AlertsChanged)
        return [one.id for one in self.said[-1].alerts]


def signed(revision: int, *alerts: Alert, layer: LayerId = LAYER, signer: Signer = SIGNER) -> bytes:
    return signer.sign(AlertsMessage(layer=layer, revision=revision, published_at=NOON, alerts=alerts))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "alerts"


def test_alerts_of_all_followed_regions_are_said_and_outlive_a_restart(folder: Path) -> None:
    box = Box(folder)
    assert box.kept.came(signed(3, alert("county")))
    assert box.kept.came(signed(1, alert("village"), layer=VILLAGE))
    assert sorted(box.last()) == ["county", "village"]
    assert box.kept.revisions() == {LAYER: 3, VILLAGE: 1}
    again = Box(folder)
    assert again.said == []
    again.kept.tell()
    assert sorted(again.last()) == ["county", "village"]
    assert again.kept.revisions() == {LAYER: 3, VILLAGE: 1}


def test_a_newer_document_without_it_takes_an_alert_back(folder: Path) -> None:
    box = Box(folder)
    box.kept.came(signed(1, alert("a"), alert("b")))
    box.kept.came(signed(2, alert("b")))
    assert box.last() == ["b"]
    box.kept.came(signed(3))
    assert box.last() == []


def test_forged_older_equal_altered_and_foreign_words_change_nothing(folder: Path) -> None:
    box = Box(folder)
    good = signed(5, alert("true"))
    box.kept.came(good)
    said, before = list(box.said), {path: path.read_bytes() for path in folder.iterdir()}
    head, body, tail = good.split(b".")
    for token in (
        good,
        signed(5),
        signed(4),
        signed(9, signer=Signer(new_private_jwk())),
        signed(9, layer=OTHER),
        encode(AlertsMessage(layer=LAYER, revision=9, published_at=NOON)),
        head + b"." + body[:-4] + b"AAAA." + tail,
        SIGNER.sign(Roster(version="9")),
        b"",
        b"\xff\x00",
    ):
        assert not box.kept.came(token)
    assert box.said == said
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_name_that_would_leave_the_folder_is_refused(folder: Path) -> None:
    evil = LayerId("../../secret")
    box = Box(folder, evil, LAYER)
    assert not box.kept.came(signed(1, alert(), layer=evil))
    assert not (folder.parent.parent / "secret.jws").exists()


def test_a_region_that_is_followed_no_more_is_dropped(folder: Path) -> None:
    box = Box(folder)
    box.kept.came(signed(1, alert("county")))
    box.kept.came(signed(1, alert("village"), layer=VILLAGE))
    box.followed = (LAYER,)
    box.kept.tell()
    assert box.last() == ["county"]
    assert box.kept.revisions() == {LAYER: 1}
    assert [path.name for path in folder.glob("*.jws")] == [f"{LAYER}.jws"]


def test_files_damaged_or_exchanged_on_the_disk_are_not_believed(folder: Path) -> None:
    box = Box(folder)
    box.kept.came(signed(1, alert("county")))
    box.kept.came(signed(1, alert("village"), layer=VILLAGE))
    county, village = folder / f"{LAYER}.jws", folder / f"{VILLAGE}.jws"
    county.write_bytes(county.read_bytes()[:-10] + b"A" * 10)
    (folder / f"{OTHER}.jws").write_bytes(village.read_bytes())
    again = Box(folder, LAYER, VILLAGE, OTHER)
    again.kept.tell()
    assert again.last() == ["village"]


def test_a_full_disk_silences_no_alert_but_proves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box(folder)
    token = signed(1, alert("now"))
    with monkeypatch.context() as full:

        def refuse(*_: object) -> None:
            raise OSError(28, "no space left")

        full.setattr(alert_documents, "write_durably", refuse)
        assert box.kept.came(token)
        assert box.last() == ["now"]
        assert box.kept.revisions() == {}
        box.kept.keep_answered(frozenset({"now"}))
    assert box.kept.came(token), "the same word again, now that there is room"
    assert box.kept.revisions() == {LAYER: 1}


def test_answers_are_remembered(folder: Path) -> None:
    box = Box(folder)
    box.kept.came(signed(1, alert("read"), alert("unread")))
    box.kept.keep_answered(frozenset({"read"}))
    again = Box(folder)
    again.kept.tell()
    assert again.said == [AlertsChanged((alert("read"), alert("unread")), frozenset({"read"}))]
    (folder / "answered.json").write_bytes(b"{not json")
    assert Box(folder).kept.came(signed(2))


def test_what_mqtt_did_not_bring_is_asked_for(folder: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(LAYER):
            return httpx.Response(200, content=signed(7, alert("asked")))
        return httpx.Response(404, json={"code": "alerts_unknown", "title": "never"})

    box = Box(folder)
    with Api("http://server", "token", httpx.MockTransport(answer)) as api:
        box.kept.fetch(api)
    assert box.last() == ["asked"]
    with (
        Api("http://server", "token", httpx.MockTransport(lambda _request: httpx.Response(500))) as api,
        pytest.raises(ServerUnreachable),
    ):
        box.kept.fetch(api)


def test_the_last_word_said_is_the_newest_whatever_threads_bring_it(folder: Path) -> None:
    box = Box(folder)
    tokens = [signed(number, alert(f"a{number}")) for number in range(1, 21)]
    threads = [threading.Thread(target=box.kept.came, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert box.last() == ["a20"]
    assert box.kept.revisions() == {LAYER: 20}
