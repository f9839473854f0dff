"""An S3 store of a test's own: SeaweedFS, a real server of several machines, as one process on free ports.

It keeps what it was given in a folder and refuses what is not signed by its one account, as a county's would.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from minio import Minio
from minio.error import MinioException
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

from tests import processes
from tests.demo.stack import free_port, wait_until

KEY, SECRET, BUCKET = "yuanjiao", "the-store-s-secret", "packages"


class ObjectStore:
    """One store; `command` runs it, and it may be ended and run again."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder, self.port = folder, port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        account = {
            "name": "content server",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (folder / "accounts.json").write_text(json.dumps({"identities": [account]}))
        (folder / "data").mkdir(exist_ok=True)
        given = [f"-{name}.port={free_port()}" for name in ("master", "volume", "filer")]
        given += [f"-{name}.port.grpc={free_port()}" for name in ("master", "volume", "filer", "s3")]
        self.command = [
            "weed", "-logtostderr=true", "-v=0", "server", f"-dir={folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            "-master.telemetry=false", "-master.volumeSizeLimitMB=512", "-volume.max=64", "-volume.minFreeSpace=1",
            "-filer", f"-filer.localSocket={folder}/filer.sock", "-s3", f"-s3.port={self.port}", "-s3.port.iceberg=0",
            "-s3.port.lance=0", f"-s3.localSocket={folder}/s3.sock", f"-s3.config={folder}/accounts.json", *given,
        ]  # fmt: skip

    @property
    def url(self) -> str:
        """What the server's setting says of it."""
        return f"s3+http://{KEY}:{SECRET}@127.0.0.1:{self.port}/{BUCKET}"

    @property
    def client(self) -> Minio:
        """A client of the account."""
        return Minio(f"127.0.0.1:{self.port}", KEY, SECRET, secure=False, region="us-east-1")

    def make_bucket(self) -> None:
        """Wait until it takes in files, and make the bucket for packages."""

        def made() -> bool:
            client = self.client
            try:
                if not client.bucket_exists(BUCKET):
                    client.make_bucket(BUCKET)
                for kept in [*self.names()[:1]]:
                    self.body(kept)
                client.put_object(BUCKET, "probe", BytesIO(b"1"), 1)
                client.remove_object(BUCKET, "probe")
            except (MinioException, HTTPError):
                return False
            return True

        wait_until(made, "the S3 store takes in files", 120, 0.3)

    def names(self) -> list[str]:
        """Everything that is kept."""
        return sorted(one.object_name or "" for one in self.client.list_objects(BUCKET, recursive=True))

    def body(self, name: str) -> bytes:
        """What is kept under a name."""
        answer: HTTPResponse = self.client.get_object(BUCKET, name)  # type: ignore[assignment]
        try:
            return answer.read()
        finally:
            answer.close()


@contextmanager
def running(store: ObjectStore) -> Iterator[ObjectStore]:
    """The store, answering, until the block ends."""
    with (store.folder / "log").open("ab") as log:
        process = subprocess.Popen(store.command, cwd=store.folder, stdout=log, stderr=log)
    with processes.ending(process, 2):
        store.make_bucket()
        yield store
