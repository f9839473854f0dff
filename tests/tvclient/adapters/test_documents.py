from pathlib import Path

import pytest

from schedules.airings import LayerId
from schedules.wire.codec import encode
from schedules.wire.messages import Roster
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from schedules.wire.topics import BoxId
from tests.tvclient.counterpart import BOX, LAYER, Counterpart
from tests.tvclient.evening import NOON, ROSTER, airing
from tvclient.adapters.documents import Documents

OTHER = LayerId("group-3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "documents"


def documents(folder: Path, server: Counterpart, box: BoxId = BOX) -> Documents:
    return Documents(folder, Verifier(jwk_set([server.signer.public_jwk])), box)


def test_layers_become_a_timetable_that_outlives_a_restart(folder: Path, http_server: Counterpart) -> None:
    first = documents(folder, http_server)
    assert first.take_desired(http_server.want(layers=(LAYER, OTHER)))
    assert first.take_layer(http_server.plan(3, airing()), NOON)
    assert first.take_layer(http_server.plan(8, airing(slot="b"), layer=OTHER), NOON)
    again = documents(folder, http_server)
    airings, revisions = again.timetable()
    assert (airings, revisions) == first.timetable()
    assert revisions == {LAYER: 3, OTHER: 8}
    assert len(airings) == 1
    assert again.proofs()[LAYER].stored_at == NOON
    assert not again.proofs()[LAYER].applied
    again.applied(revisions)
    assert again.proofs()[LAYER].applied


def test_a_newer_revision_is_stored_but_applied_only_when_said(folder: Path, http_server: Counterpart) -> None:
    kept = documents(folder, http_server)
    kept.take_desired(http_server.want())
    kept.take_layer(http_server.plan(1, airing()), NOON)
    kept.applied(kept.timetable()[1])
    kept.take_layer(http_server.plan(2), NOON)
    assert (kept.proofs()[LAYER].revision, kept.proofs()[LAYER].applied) == (2, False)


def test_older_equal_unsigned_altered_and_foreign_words_change_nothing(folder: Path, http_server: Counterpart) -> None:
    kept = documents(folder, http_server)
    desired = http_server.want(version=5)
    kept.take_desired(desired)
    layer = http_server.plan(5, airing())
    kept.take_layer(layer, NOON)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    stranger = Signer(new_private_jwk())
    message = http_server.layer_message(9, airing(slot="forged"))
    head, body, tail = layer.split(b".")
    for token in (
        layer,
        http_server.plan(4),
        stranger.sign(message),
        encode(message),
        head + b"." + body[:-4] + b"AAAA." + tail,
        http_server.signer.sign(Roster(version="9")),
        desired,
        b"",
        b"\x00" * 50,
    ):
        assert not kept.take_layer(token, NOON)
    for token in (desired, http_server.want(version=4), layer, b"", b"..."):
        assert not kept.take_desired(token)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert kept.timetable()[0] == (airing(),)


def test_what_is_meant_for_another_box_or_would_leave_the_folder_is_refused(
    folder: Path, http_server: Counterpart
) -> None:
    assert not documents(folder, http_server, BoxId(8)).take_desired(http_server.want())
    kept = documents(folder, http_server)
    assert not kept.take_desired(http_server.want(layers=(LayerId("../../etc/passwd"),)))
    assert not kept.take_desired(http_server.want(layers=tuple(LayerId(f"l{n}") for n in range(9))))
    assert kept.desired is None


def test_a_layer_that_is_followed_no_more_is_dropped(folder: Path, http_server: Counterpart) -> None:
    kept = documents(folder, http_server)
    kept.take_desired(http_server.want(layers=(LAYER, OTHER)))
    kept.take_layer(http_server.plan(1, airing()), NOON)
    kept.take_desired(http_server.want(version=2, layers=(OTHER,)))
    assert kept.timetable() == ((), {})
    assert not kept.take_layer(http_server.plan(2, airing()), NOON)
    assert not list(folder.glob("layers/*region*"))


def test_files_damaged_on_the_disk_are_not_believed(folder: Path, http_server: Counterpart) -> None:
    kept = documents(folder, http_server)
    kept.take_desired(http_server.want())
    kept.take_layer(http_server.plan(1, airing()), NOON)
    (layer,) = folder.glob("layers/*.jws")
    layer.write_bytes(layer.read_bytes()[:-20] + b"A" * 20)
    assert documents(folder, http_server).timetable() == ((), {})
    (folder / "desired.jws").write_bytes(b"nonsense")
    assert documents(folder, http_server).desired is None


def test_the_roster_is_kept_with_its_etag(folder: Path, http_server: Counterpart) -> None:
    kept = documents(folder, http_server)
    assert kept.roster() is None
    kept.keep_roster(ROSTER, '"1"')
    assert documents(folder, http_server).roster() == (ROSTER, '"1"')
    (folder / "roster.json").write_bytes(b"\xff\n{")
    assert kept.roster() is None
