from pathlib import Path

import pytest

from media_pipeline.manifest import decode_manifest
from schedules.airings import PackageName
from schedules.wire.messages import PackageState
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from tests.tvclient.counterpart import Counterpart
from tvclient.adapters.errors import NotPlayable
from tvclient.adapters.packages import PackageStore
from tvclient.core.ports import Playable, Track

BUDGET = 10_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "packages"


def store(folder: Path, server: Counterpart, budget: int = BUDGET) -> PackageStore:
    return PackageStore(folder, Verifier(jwk_set([server.signer.public_jwk])), budget)


def begin(kept: PackageStore, server: Counterpart, name: PackageName) -> None:
    manifest = (server.packages / name / "manifest.json").read_bytes()
    assert kept.take_manifest(name, manifest, server.approvals[name])


def fill(kept: PackageStore, server: Counterpart, name: PackageName, *, best: bool) -> None:
    for file in kept.missing(name, best=best):
        kept.part(name, file).write_bytes((server.packages / name / file.path).read_bytes())
        assert kept.accept(name, file)


def alter(folder: Path, name: PackageName, *paths: str) -> None:
    """Change one byte of each of these stored files."""
    for path in paths:
        data = bytearray((folder / name / path).read_bytes())
        data[-1] ^= 1
        (folder / name / path).write_bytes(bytes(data))


def sounds_of(playable: Playable) -> list[tuple[str, str]]:
    return [(sound.path.parent.name, sound.label) for sound in playable.sounds]


def test_the_lowest_rendition_comes_first_and_plays_then_the_better_one(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    assert kept.report(name).state is PackageState.WAITING
    begin(kept, http_server, name)
    assert kept.report(name).state is PackageState.FETCHING
    fill(kept, http_server, name, best=False)
    low = kept.report(name)
    assert low.state is PackageState.STORED
    assert low.stored_bytes < low.wanted_bytes
    opened = kept.playable(name)
    assert opened.playlist == folder / name / "low/index.m3u8"
    assert sounds_of(opened) == [("low-0", "普通话"), ("low-1", "English")]
    fill(kept, http_server, name, best=True)
    assert kept.report(name).stored_bytes == low.wanted_bytes
    assert kept.playable(name) == Playable(
        folder / name / "720p/index.m3u8",
        (
            Track(folder / name / "sound/main-0/index.m3u8", "zh", "普通话"),
            Track(folder / name / "sound/main-1/index.m3u8", "en", "English"),
        ),
        (
            Track(folder / name / "captions/zh.vtt", "zh", "普通话"),
            Track(folder / name / "captions/en.vtt", "en", "English"),
        ),
    )
    assert kept.poster(name) == folder / name / "poster.jpg"


def test_only_what_a_showing_reads_is_fetched_and_it_plays_as_soon_as_one_sound_is_there(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    wanted = [file.path for file in kept.missing(name, best=True)]
    homes = dict.fromkeys(path.rpartition("/")[0] for path in wanted)
    assert list(homes) == ["", "captions", "low", "sound/low-0", "sound/low-1", "720p", "sound/main-0", "sound/main-1"]
    assert [path for path in wanted if path.startswith("captions/")] == ["captions/zh.vtt", "captions/en.vtt"]
    fetched = dict.fromkeys(homes, PackageState.FETCHING)
    for file in kept.missing(name, best=False):
        kept.part(name, file).write_bytes((http_server.packages / name / file.path).read_bytes())
        assert kept.accept(name, file)
        fetched[file.path.rpartition("/")[0]] = kept.report(name).state
    assert fetched["low"] is PackageState.FETCHING
    assert fetched["sound/low-0"] is PackageState.STORED


def test_a_tight_budget_keeps_to_what_fits(folder: Path, http_server: Counterpart) -> None:
    name, later = http_server.add_package(b"a"), http_server.add_package(b"b")
    for budget, best, after in ((30_000, "low", None), (90_000, "360p", "low"), (400_000, "720p", "720p")):
        kept = store(folder / str(budget), http_server, budget)
        begin(kept, http_server, name)
        begin(kept, http_server, later)
        kept.plan([name, later])
        assert pictures(kept, name) == {"low", best}
        assert pictures(kept, later) == ({"low", after} if after else set())


def pictures(kept: PackageStore, name: PackageName) -> set[str]:
    paths = [file.path for file in kept.missing(name, best=True)]
    return {path.split("/")[0] for path in paths if path.endswith(".m4s")} - {"sound"}


@pytest.mark.parametrize(("codecs", "best"), [({"avc1"}, "720p"), ({"avc1", "hvc1"}, "720p-hevc"), ({"hvc1"}, None)])
def test_a_newer_codec_is_for_boxes_that_say_so(
    folder: Path, http_server: Counterpart, codecs: set[str], best: str | None
) -> None:
    name = http_server.add_package()
    kept = PackageStore(folder, Verifier(jwk_set([http_server.signer.public_jwk])), BUDGET, frozenset(codecs))
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    assert kept.playable(name).playlist.parent.name == (best or "720p-hevc")
    assert (folder / name / "low").exists() == ("avc1" in codecs)
    assert (folder / name / "720p").exists() == (codecs == {"avc1"})


def test_what_no_codec_of_the_box_shows_is_neither_fetched_nor_played(folder: Path, http_server: Counterpart) -> None:
    name = http_server.add_package()
    kept = PackageStore(folder, Verifier(jwk_set([http_server.signer.public_jwk])), BUDGET, frozenset({"av01"}))
    begin(kept, http_server, name)
    assert kept.missing(name, best=True) == ()
    assert kept.report(name).state is PackageState.FETCHING
    with pytest.raises(NotPlayable, match="not_stored"):
        kept.playable(name)


def test_a_package_whose_pictures_hold_the_sound_plays(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(muxed=True), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    assert kept.playable(name).playlist == folder / name / "720p/index.m3u8"
    assert kept.playable(name).sounds == ()
    assert kept.report(name).state is PackageState.STORED


def test_a_damaged_sound_track_leaves_the_others_and_without_any_what_is_left_of_one_is_heard(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    assert kept.report(name).state is PackageState.STORED
    alter(folder, name, "sound/main-0/1.m4s")
    opened = kept.playable(name)
    assert opened.playlist.parent.name == "720p"
    assert sounds_of(opened) == [("main-1", "English")]
    assert [file.path for file in kept.missing(name, best=True)] == ["sound/main-0/1.m4s"]
    (folder / name / "sound/main-1/init.mp4").unlink()
    assert sounds_of(kept.playable(name)) == [("low-0", "普通话"), ("low-1", "English")]
    assert kept.playable(name).playlist.parent.name == "low"
    assert kept.report(name).state is PackageState.STORED
    alter(folder, name, "sound/low-0/index.m3u8", "sound/low-1/2.m4s")
    assert sounds_of(kept.playable(name)) == [("main-0", "普通话")]
    assert kept.playable(name).playlist.parent.name == "720p"
    assert kept.report(name).state is PackageState.FETCHING
    assert kept.scarred(name)
    fill(kept, http_server, name, best=True)
    assert sounds_of(kept.playable(name)) == [("main-0", "普通话"), ("main-1", "English")]


def test_altered_captions_and_posters_are_left_out(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    alter(folder, name, "captions/zh.vtt", "poster.jpg")
    again = store(folder, http_server)
    assert [track.language for track in again.playable(name).captions] == ["en"]
    assert again.poster(name) is None
    assert {file.path for file in again.missing(name, best=False)} == {"captions/zh.vtt", "poster.jpg"}


def test_everything_is_known_again_after_a_restart(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    again = store(folder, http_server)
    assert again.report(name) == kept.report(name)
    assert again.playable(name) == kept.playable(name)


def test_a_half_file_is_never_visible(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    file = kept.missing(name, best=False)[-1]
    kept.part(name, file).write_bytes((http_server.packages / name / file.path).read_bytes()[:-1])
    assert not kept.accept(name, file)
    assert not (folder / name / file.path).exists()
    assert not kept.part(name, file).exists()
    with pytest.raises(NotPlayable, match="not_stored"):
        kept.playable(name)


def test_a_file_altered_on_the_disk_is_thrown_away_and_a_whole_rendition_plays(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    alter(folder, name, "720p/1.m4s")
    assert kept.playable(name).playlist == folder / name / "low/index.m3u8"
    assert [file.path for file in kept.missing(name, best=True)] == ["720p/1.m4s"]
    assert not (folder / name / "720p/1.m4s").exists()


def test_of_what_was_whole_the_least_damaged_rendition_plays_also_after_a_restart(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    assert not kept.scarred(name)
    alter(folder, name, "720p/0.m4s", "720p/1.m4s", "low/2.m4s")
    for one in (kept, store(folder, http_server)):
        assert one.playable(name).playlist == folder / name / "low/index.m3u8"
        assert one.scarred(name)
    assert [file.path for file in kept.missing(name, best=False)] == ["low/2.m4s"]
    fill(kept, http_server, name, best=True)
    assert not kept.scarred(name)
    assert kept.playable(name).playlist == folder / name / "720p/index.m3u8"


def test_what_never_was_whole_is_awaited_and_not_shown_in_pieces(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=False)
    (folder / name / ".whole").unlink(missing_ok=True)
    (folder / name / "low/1.m4s").unlink()
    again = store(folder, http_server)
    assert not again.scarred(name)
    with pytest.raises(NotPlayable, match="not_stored"):
        again.playable(name)


def test_an_altered_manifest_is_refused_while_running_and_after_a_restart(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=True)
    manifest = folder / name / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"360p", b"361p"))
    for one in (kept, store(folder, http_server)):
        with pytest.raises(NotPlayable, match="refused"):
            one.playable(name)
        assert one.report(name).state is PackageState.REFUSED


def test_without_the_servers_approval_of_just_this_package_nothing_is_taken(
    folder: Path, http_server: Counterpart
) -> None:
    name, other, kept = http_server.add_package(b"a"), http_server.add_package(b"b"), store(folder, http_server)
    manifest = (http_server.packages / name / "manifest.json").read_bytes()
    good = http_server.approvals[name]
    assert kept.take_manifest(name, manifest, http_server.approvals[other]) is None
    http_server.approve(name, signer=Signer(new_private_jwk()))
    assert kept.take_manifest(name, manifest, http_server.approvals[name]) is None
    assert kept.take_manifest(name, manifest, "") is None
    assert kept.take_manifest(name, manifest + b" ", good) is None
    assert kept.report(name).state is PackageState.REFUSED
    assert not (folder / name).exists()
    assert kept.take_manifest(name, manifest, good) == decode_manifest(manifest)
    assert kept.report(name).state is PackageState.FETCHING


def test_what_nothing_plans_to_show_makes_room_the_least_recently_shown_first(
    folder: Path, http_server: Counterpart
) -> None:
    names = [http_server.add_package(seed, size=20_000) for seed in (b"a", b"b", b"c")]
    whole = store(folder, http_server)
    for name in names:
        begin(whole, http_server, name)
        fill(whole, http_server, name, best=True)
    whole.playable(names[0])
    filled = sum(whole.stored().values())
    kept = store(folder, http_server, budget=int(filled * 0.9))
    kept.plan([names[2]])
    kept.make_room()
    assert kept.stored().keys() == {names[0], names[2]}
    kept.plan([])
    kept.make_room()
    assert kept.stored().keys() == {names[0], names[2]}
    kept.make_room(filled // 3)
    assert kept.stored().keys() == {names[0]}
    assert [place.name for place in folder.iterdir()] == [names[0]]


def test_what_will_air_stays_and_better_renditions_of_later_airings_give_way(
    folder: Path, http_server: Counterpart
) -> None:
    first, last = http_server.add_package(b"a"), http_server.add_package(b"b")
    whole = store(folder, http_server)
    for name in (first, last):
        begin(whole, http_server, name)
        fill(whole, http_server, name, best=True)
    kept = store(folder, http_server, budget=whole.stored()[first] + 30_000)
    kept.plan([first, last])
    kept.make_room()
    assert kept.report(first).rendition == "720p"
    assert kept.report(last).rendition == "low"
    assert kept.report(last).stored_bytes == kept.report(last).wanted_bytes
    assert not (folder / last / "720p/0.m4s").exists()
    assert kept.playable(last).playlist == folder / last / "low/index.m3u8"


def test_the_journal_in_need_gets_even_what_will_air_but_never_what_plays(
    folder: Path, http_server: Counterpart
) -> None:
    gone, playing, next_, last = (http_server.add_package(seed) for seed in (b"a", b"b", b"c", b"d"))
    kept = store(folder, http_server)
    for name in (gone, playing, next_, last):
        begin(kept, http_server, name)
        fill(kept, http_server, name, best=True)
    kept.plan([playing, next_, last])
    kept.playable(playing)
    best = kept.stored()[gone]
    assert kept.release(1) == best
    assert kept.stored().keys() == {playing, next_, last}
    assert 0 < kept.release(1) < best
    assert (kept.report(next_).rendition, kept.report(last).rendition) == ("720p", "low")
    assert kept.release(best) >= best
    assert kept.stored().keys() == {playing, next_}
    kept.release(10**12)
    assert kept.stored().keys() == {playing}
    assert kept.playable(playing).playlist.parent.name == "720p"
    assert kept.release(1) == 0


def test_what_a_power_cut_left_half_done_is_cleared_away(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=False)
    stored = kept.missing(name, best=True)[0]
    kept.part(name, stored).write_bytes(b"half")
    (folder / name / ".parts" / "of-nothing").write_bytes(b"x")
    (folder / name / ".draft.tmp").write_bytes(b"x")
    (folder / "sha256-unfinished").mkdir()
    again = store(folder, http_server)
    again.plan([name])
    assert [part.name for part in (folder / name / ".parts").iterdir()] == [stored.sha256]
    assert not (folder / name / ".draft.tmp").exists()
    assert [place.name for place in folder.iterdir()] == [name]
    assert again.report(name) == kept.report(name)


def test_only_verified_files_of_trusted_packages_can_be_opened(folder: Path, http_server: Counterpart) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    fill(kept, http_server, name, best=False)
    opened = kept.open(name, "low/0.m4s")
    assert opened
    assert opened.read() == (http_server.packages / name / "low/0.m4s").read_bytes()
    opened.close()
    alter(folder, name, "low/0.m4s")
    for path in ("low/0.m4s", "720p/0.m4s", "manifest.json", ".approval.jws", "../x", "/etc/passwd", ""):
        assert kept.open(name, path) is None
    assert kept.open(PackageName(".."), "etc/passwd") is None
    assert kept.papers(PackageName("..")) is None


def test_a_report_says_what_plays_and_what_the_first_showing_still_lacks(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    assert (kept.report(name).playable, kept.report(name).missing_bytes) == (False, None)
    begin(kept, http_server, name)
    lacking = [kept.report(name).missing_bytes or 0]
    while not kept.report(name).playable:
        file = kept.missing(name, best=False)[0]
        kept.part(name, file).write_bytes((http_server.packages / name / file.path).read_bytes())
        assert kept.accept(name, file)
        lacking.append(kept.report(name).missing_bytes or 0)
    assert lacking == sorted(lacking, reverse=True)
    assert lacking[0] > 0
    assert lacking[-1] == 0
    assert kept.report(name).rendition == "low"
    fill(kept, http_server, name, best=True)
    assert kept.report(name).rendition == "720p"
    kept.refuse(name)
    assert not kept.report(name).playable


def test_no_more_than_the_rendition_that_the_server_wants_is_fetched_and_nothing_is_thrown_away(
    folder: Path, http_server: Counterpart
) -> None:
    name, kept = http_server.add_package(), store(folder, http_server)
    begin(kept, http_server, name)
    best = kept.report(name).wanted_bytes
    assert kept.limit({name: "360p"})
    assert not kept.limit({name: "360p"})
    assert kept.report(name).wanted_bytes < best
    fill(kept, http_server, name, best=True)
    assert kept.report(name).rendition == "360p"
    assert kept.limit({name: "low"})
    assert kept.missing(name, best=True) == ()
    assert kept.playable(name).playlist.parent.name == "360p"
    assert kept.limit({})
    assert {file.path.split("/")[0] for file in kept.missing(name, best=True)} == {"720p"}
    assert kept.limit({name: "no such rendition"})
    assert kept.report(name).wanted_bytes == best


def test_room_is_what_is_left_beside_the_planned_packages(folder: Path, http_server: Counterpart) -> None:
    planned, over = http_server.add_package(b"a"), http_server.add_package(b"b")
    kept = store(folder, http_server)
    assert kept.room([planned]).free_bytes == BUDGET
    for name in (planned, over):
        begin(kept, http_server, name)
        fill(kept, http_server, name, best=True)
    room = kept.room([planned])
    assert room.budget_bytes == BUDGET
    assert room.free_bytes == BUDGET - kept.report(planned).stored_bytes
    assert kept.room([planned, over]).free_bytes == room.free_bytes - kept.report(over).stored_bytes
    assert store(folder / "small", http_server, budget=1).room([]).free_bytes == 1
