"""Packages through the whole way of a signed address, beside a bare nginx that gives the same files to anybody.

Real gunicorn and the server's own nginx configuration; pieces of lessons as boxes fetch them, sixteen at once by curl.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from media_pipeline.manifest import (
    MANIFEST_FILE,
    MadeWith,
    Manifest,
    PackageFile,
    PackagePath,
    SourceFacts,
    encode_manifest,
    package_name,
)
from tests.benchmarks.measure import Result, ratio, result
from tests.demo.stack import free_port
from tests.fronted import fronted, program
from tests.serving import services_in

ROOT = Path(__file__).parents[2]
PIECES, PIECE_BYTES = 400, 750_000
"""A lesson of forty minutes at 1 Mbit/s, in pieces of six seconds."""
GOAL = 0.95
BARE = """user {user}; worker_processes 2; daemon off; pid {folder}/bare.pid; error_log stderr warn;
events {{ worker_connections 4096; }}
http {{ access_log off; sendfile on; server {{ listen 127.0.0.1:{port}; root {root}; }} }}
"""


def run(rounds: int) -> list[Result]:
    """How long a lesson takes from a bare nginx over how long it takes by signed addresses."""
    with tempfile.TemporaryDirectory(prefix="serving-") as name, ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        services = services_in(folder, accel_prefix="/internal/packages/")
        package, paths = _package(services.settings.packages_dir)
        plain, bare = free_port(), free_port()
        running.enter_context(fronted(folder, services, plain))
        running.enter_context(_bare(folder, services.settings.packages_dir, bare))
        base, query, _expires = services.store.access(package, datetime.now(UTC))
        signed = [f"http://127.0.0.1:{plain}{base}{path}{query}" for path in paths]
        open_ = [f"http://127.0.0.1:{bare}/{package}/{path}" for path in paths]
        pairs = ratio(lambda: _fetch(folder, open_), lambda: _fetch(folder, signed), rounds)
        services.database.engine.dispose()
    return [
        result(
            "a lesson by signed addresses, speed", pairs, goal=GOAL, better="higher", against="bare nginx, same files"
        )
    ]


def _fetch(folder: Path, addresses: list[str]) -> None:
    orders = folder / "orders"
    orders.write_text("".join(f'url = "{one}"\noutput = "/dev/null"\n' for one in addresses))
    argv = ["curl", "--silent", "--fail", "--parallel", "--parallel-max", "16", "--config", str(orders)]
    subprocess.run(argv, check=True, stderr=subprocess.DEVNULL)


def _package(store: Path) -> tuple[str, list[str]]:
    content = Random(1).randbytes(PIECE_BYTES)
    digest, paths = hashlib.sha256(content).hexdigest(), [f"v/{number:04d}.m4s" for number in range(PIECES)]
    listed = tuple(PackageFile(PackagePath(path), PIECE_BYTES, digest) for path in paths)
    master = PackageFile(PackagePath("master.m3u8"), 9, hashlib.sha256(b"#EXTM3U8\n").hexdigest())
    made = Manifest(1000, (), (master, *listed), MadeWith("ffmpeg n9", "1"), SourceFacts(1000, 9, "h264"))
    name = package_name(raw := encode_manifest(made))
    (store / name / "v").mkdir(parents=True)
    for path in paths:
        (store / name / path).write_bytes(content)
    (store / name / "master.m3u8").write_bytes(b"#EXTM3U8\n")
    (store / name / MANIFEST_FILE).write_bytes(raw)
    return name, paths


@contextmanager
def _bare(folder: Path, root: Path, port: int) -> Iterator[None]:
    file = folder / "bare.conf"
    user = (folder / "web" / "nginx.conf").read_text().partition("user ")[2].partition(";")[0]
    file.write_text(BARE.format(user=user, folder=folder, port=port, root=root))
    with program(["nginx", "-p", str(folder), "-c", str(file), "-e", "stderr"], port):
        yield
