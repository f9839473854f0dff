"""The web server as an operator runs it: gunicorn, and nginx in front by the configuration that the server writes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contentserver import deploy
from contentserver.adapters.object_store import S3Store
from contentserver.app import Services
from contentserver.deploy import authority
from contentserver.kernel import clock
from tests.demo.stack import ROOT, free_port, listens, wait_until
from tests.serving import SECRET


@contextmanager
def fronted(folder: Path, services: Services, plain: int) -> Iterator[subprocess.Popen[bytes]]:
    """gunicorn with two processes behind nginx as `write-config` makes it, at `plain` without TLS. Yields gunicorn."""
    settings, app = services.settings, free_port()
    authority.make_authority(folder / "authority.pem", clock.now())
    certificate = authority.issue(folder / "authority.pem", folder / "server.pem", ("127.0.0.1",), clock.now()).file
    config = deploy.write_web(
        folder / "web",
        secure=deploy.Listener("127.0.0.1", free_port()),
        plain=deploy.Listener("127.0.0.1", plain),
        certificate=certificate,
        app_address=f"127.0.0.1:{app}",
        packages=settings.packages_dir,
        static=folder,
        development=True,
        store=services.store.front("1g") if isinstance(services.store, S3Store) else None,
    )
    environment = {
        "YUANJIAO_SECRET_KEY": SECRET,
        "YUANJIAO_DATABASE_URL": settings.database_url,
        "YUANJIAO_DATA_DIR": str(settings.data_dir),
        "YUANJIAO_BROKER_PASSWORD": settings.broker_password,
        "YUANJIAO_SIGNING_KEY_FILE": str(settings.signing_key_file),
        "YUANJIAO_ACCEL_PREFIX": settings.accel_prefix,
        "YUANJIAO_PACKAGES_URL": settings.packages_url,
    }
    with (
        program(
            [sys.executable, "-m", "contentserver", "serve", "--bind", f"127.0.0.1:{app}"], app, environment
        ) as web,
        program(["nginx", "-p", str(config.parent), "-c", str(config), "-e", "stderr"], plain),
    ):
        yield web


@contextmanager
def program(argv: list[str], port: int, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program that answers at a port before the block begins, and has ended after it."""
    process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **(environment or {})}, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port), argv[0], 120)
        yield process
    finally:
        process.terminate()
        process.wait(60)
