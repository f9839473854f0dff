"""Filling boxes over a village's line: against the line itself, against curl that resumes, and three boxes against one.

`python -m tests.benchmarks.filling URL FOLDER KEYS BOXES NAME...` is the boxes' end, run inside the village.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from media_pipeline.manifest import MANIFEST_FILE, PackageFile, encode_manifest, package_name
from schedules.airings import PackageName
from schedules.wire.codec import encode
from schedules.wire.messages import Approval, PackageAccess
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from schedules.wire.topics import BoxId
from tests.benchmarks.measure import Result
from tests.benchmarks.weak_line import SERVER, WeakLine, Weather
from tests.demo.stack import free_port, wait_until
from tests.tvclient.counterpart import TOKEN, now
from tests.tvclient.evening import lesson
from tests.tvclient.packing import pack
from tests.tvclient.village import showing
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.lan import MulticastLan
from tvclient.adapters.neighbours import Neighbours
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.prefetch import Prefetch
from tvclient.adapters.ration import Ration

BAD = Weather(cut_every_s=15.0, cut_for_s=3.0)
SEGMENTS, SEGMENT_BYTES = 12, 130_000
"""Six seconds of a small rendition at 170 kbit/s; its two sounds are a fifth of it each."""
LESSONS = 2
USEFUL_GOAL, IDEAL_GOAL, SHARED_GOAL = 0.97, 1.2, 1.05


class Filled(msgspec.Struct, frozen=True):
    """What one filling took, from the first question to the last file."""

    seconds: float


class _Village:
    """Lessons on a real nginx, and the line to it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.web = folder, folder / "web"
        self._signer = Signer(new_private_jwk())
        self.keys = jwk_set([self._signer.public_jwk]).decode()
        self.names = [self._add(bytes([number])) for number in range(LESSONS)]
        self.port = free_port()
        self.url = f"http://{SERVER}:{self.port}"

    def needed(self) -> list[tuple[PackageName, PackageFile]]:
        """The files that a box fetches, without the manifests."""
        store = PackageStore(self.folder / "list", Verifier(self.keys.encode()), 2**40)
        found = []
        for name in self.names:
            place = self.web / "packages" / name
            access = msgspec.json.decode((self.web / "api/v1/packages" / name).read_bytes(), type=PackageAccess)
            store.take_manifest(name, (place / MANIFEST_FILE).read_bytes(), access.approval)
            found += [(name, file) for file in store.missing(name, best=False)]
        return found

    def useful_bytes(self) -> int:
        """What must come at least: those files and the manifests."""
        manifests = sum((self.web / "packages" / name / MANIFEST_FILE).stat().st_size for name in self.names)
        return manifests + sum(file.bytes for _, file in self.needed())

    @contextmanager
    def served(self) -> Iterator[None]:
        """nginx, listening at the county's end of a line that stands."""
        config = self.folder / "nginx.conf"
        config.write_text(
            f"user root;\ndaemon off;\npid {self.folder}/nginx.pid;\nerror_log {self.folder}/error.log;\n"
            f"events {{}}\nhttp {{ access_log off; default_type application/octet-stream;\n"
            f"server {{ listen {SERVER}:{self.port}; root {self.web}; }} }}\n"
        )
        nginx = subprocess.Popen(["nginx", "-c", str(config), "-e", f"{self.folder}/error.log"])
        try:
            wait_until((self.folder / "nginx.pid").exists, "nginx", 10)
            yield
        finally:
            nginx.terminate()
            nginx.wait(10)

    def _add(self, seed: bytes) -> PackageName:
        files, manifest = pack(seed, 6 * SEGMENTS, SEGMENT_BYTES, muxed=False, segments=SEGMENTS)
        files[MANIFEST_FILE] = encode_manifest(manifest)
        name = PackageName(package_name(files[MANIFEST_FILE]))
        word = Approval(package=name, lesson=lesson(), approved_at=now(), approved_by="审核员")
        access = PackageAccess(
            approval=self._signer.sign(word).decode(),
            base=f"/packages/{name}/",
            query="",
            expires_at=now().replace(year=now().year + 1),
        )
        for path, data in {
            f"api/v1/packages/{name}": encode(access),
            **{f"packages/{name}/{path}": data for path, data in files.items()},
        }.items():
            at = self.web / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(data)
        return name


def run(pairs: int) -> list[Result]:
    """One box and curl in turn on the bad line, then three boxes on one that is never cut."""
    ours, theirs, useful = [], [], []
    with tempfile.TemporaryDirectory(prefix="filling-") as name:
        village = _Village(Path(name))
        for number in range(pairs):
            with WeakLine(BAD, seed=number) as line, village.served():
                seconds = _boxes(village, line, 1, f"ours-{number}")
                ours.append(seconds / _ideal(village, line))
                useful.append(village.useful_bytes() / line.received)
            with WeakLine(BAD, seed=number) as line, village.served():
                seconds = _curl(village, line, Path(name) / f"curl-{number}")
                theirs.append(seconds / _ideal(village, line))
        calm = msgspec.structs.replace(BAD, bps=8_000_000, cut_every_s=0.0)
        received = []
        for boxes in (1, 3):
            with WeakLine(calm) as line, village.served():
                _boxes(village, line, boxes, f"lan-{boxes}")
                received.append(line.received)
    print(
        f"time to ready over ideal: {statistics.median(ours):.3f}, curl -C -: {statistics.median(theirs):.3f} (medians)"
    )
    cycle_s = BAD.cut_every_s + BAD.cut_for_s
    weather = f"{BAD.bps / 1e6:g} Mbit/s, {BAD.round_trip_s * 1000:g} ms, {BAD.loss:.0%} lost"
    weather += f", gone {BAD.cut_for_s:g} s in every {cycle_s:g}"
    return [
        _line("time to ready over ideal", ours, IDEAL_GOAL, "lower", f"the bare rate; {weather}"),
        _line(
            "time to ready over curl's",
            [one / other for one, other in zip(ours, theirs, strict=True)],
            1.0,
            "lower",
            "curl -C -, again after each failure, same line",
        ),
        _line("useful over received bytes", useful, USEFUL_GOAL, "higher", f"TCP payload received; {weather}"),
        _line("bytes of three boxes on one LAN", [received[1] / received[0]], SHARED_GOAL, "lower", "one box alone"),
    ]


def _line(name: str, samples: list[float], goal: float, better: str, against: str) -> Result:
    return Result(
        name=name, value=statistics.median(samples), goal=goal, better=better, against=against, samples=tuple(samples)
    )


def _ideal(village: _Village, line: WeakLine) -> float:
    """Seconds that the bytes alone need at the line's rate, while it is there."""
    return village.useful_bytes() * 8 / line.weather.bps + line.cut_s


def _boxes(village: _Village, line: WeakLine, count: int, place: str) -> float:
    """Seconds until so many boxes hold everything."""
    argv = [sys.executable, "-m", "tests.benchmarks.filling", village.url, str(village.folder / place), village.keys]
    said = subprocess.run(
        line.inside([*argv, str(count), *village.names]), check=True, stdout=subprocess.PIPE, timeout=300
    )
    return msgspec.json.decode(said.stdout.splitlines()[-1], type=Filled).seconds


def _curl(village: _Village, line: WeakLine, folder: Path) -> float:
    """Seconds until curl has the same files, resumed and begun again as often as it takes."""
    wanted = {
        folder / name / file.path: (f"{village.url}/packages/{name}/{file.path}", file.bytes)
        for name, file in village.needed()
    }
    for name in village.names:
        size = (village.web / "packages" / name / MANIFEST_FILE).stat().st_size
        wanted[folder / name / MANIFEST_FILE] = (f"{village.url}/packages/{name}/{MANIFEST_FILE}", size)
    folder.mkdir(parents=True)
    config = folder / "curl.conf"
    began = time.monotonic()
    while lacking := [path for path, (_, size) in wanted.items() if not path.exists() or path.stat().st_size < size]:
        config.write_text("".join(f'url = "{wanted[path][0]}"\noutput = "{path}"\n' for path in lacking))
        argv = ["curl", "--silent", "--fail", "--continue-at", "-", "--create-dirs", "--connect-timeout", "4"]
        argv += ["--speed-limit", "1", "--speed-time", "10", "--config", str(config)]
        subprocess.run(line.inside(argv), check=False, timeout=300)
    return time.monotonic() - began


class _Box:
    """One box of the village; alone on its network where it has no neighbours."""

    def __init__(self, url: str, folder: Path, keys: str, number: int, *, alone: bool) -> None:
        self.store = PackageStore(folder / str(number), Verifier(keys.encode()), 2**40)
        lan = MulticastLan(BoxId(number), ["127.0.0.1"])
        neighbours = None if alone else Neighbours(BoxId(number), lan, self.store, "127.0.0.1")
        self.api = Api(url, TOKEN)
        self.prefetch = Prefetch(self.api, self.store, Clock(), lambda: None, Ration(), neighbours)

    def whole(self, names: list[PackageName]) -> bool:
        reports = [self.store.report(name) for name in names]
        return all(one.playable and one.stored_bytes == one.wanted_bytes for one in reports)


def _fill(url: str, folder: Path, keys: str, count: int, names: list[PackageName]) -> None:
    boxes = [_Box(url, folder, keys, number, alone=count == 1) for number in range(1, count + 1)]
    began = time.monotonic()
    for box in boxes:
        box.store.limit(dict.fromkeys(names, "low"))
        box.prefetch.prefer(showing(*names))
        box.prefetch.start()
    wait_until(lambda: all(box.whole(names) for box in boxes), "the boxes are filled", 250, 0.02)
    print(msgspec.json.encode(Filled(time.monotonic() - began)).decode(), flush=True)
    for box in boxes:
        box.prefetch.close()
        box.api.close()


if __name__ == "__main__":
    _fill(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), [PackageName(one) for one in sys.argv[5:]])
