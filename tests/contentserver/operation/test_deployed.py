"""What `write-config` writes for systemd, Prometheus and Grafana, and the compose file, held against their readers."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from contentserver import deploy
from contentserver.kernel.metrics import JobMeters, LinkMeters, WebMeters
from contentserver.operation.gauges import Standing
from tests.serving import services_in

DEPLOY = Path(deploy.__file__).parent
ROOT = DEPLOY.parents[1]
NAMED = re.compile(r"yuanjiao_[a-z_]+")
SUFFIXES = ("_total", "_bucket", "_count", "_sum", "_created")
SECRETS = {
    "YUANJIAO_SECRET_KEY": "s" * 40,
    "YUANJIAO_BROKER_PASSWORD": "b" * 20,
    "POSTGRES_PASSWORD": "p" * 20,
    "YUANJIAO_HOST": "county.example",
}


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    (tmp_path / "server.env").touch()
    return deploy.write_units(
        tmp_path,
        environment=tmp_path / "server.env",
        backups=tmp_path / "backups",
        root=ROOT,
        writable=[tmp_path / "data"],
    )


@pytest.fixture
def known(tmp_path: Path) -> set[str]:
    """The names of every figure that a program tells."""
    registry = CollectorRegistry()
    WebMeters(registry)
    LinkMeters(registry)
    JobMeters(registry)
    services = services_in(tmp_path)
    names = {one.name for one in (*registry.collect(), *Standing(services).collect())}
    services.database.engine.dispose()
    return names


def _asked(text: str) -> set[str]:
    found = set(NAMED.findall(text))
    return {next((one.removesuffix(end) for end in SUFFIXES if one.endswith(end)), one) for one in found}


def test_systemd_finds_nothing_wrong_with_the_units(units: list[Path]) -> None:
    assert {one.name for one in units} >= {f"yuanjiao-{name}.service" for name in ("web", "worker", "ingest", "broker")}
    checked = subprocess.run(
        ["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert "yuanjiao" not in checked.stderr, checked.stderr


def test_what_a_unit_says_leaves_nothing_open(units: list[Path]) -> None:
    for unit in units:
        text = unit.read_text()
        assert "$" not in text.replace("$MAINPID", ""), unit.name
        if unit.suffix == ".service" and "certificates" not in unit.name:
            assert "ProtectSystem=strict" in text, unit.name


def test_dashboard_and_alerts_ask_for_figures_that_there_are(known: set[str]) -> None:
    for name in ("grafana.json", "alerts.yml"):
        asked = _asked((DEPLOY / "monitoring" / name).read_text()) - {"yuanjiao"}
        assert asked, name
        assert asked <= known, f"{name}: {sorted(asked - known)}"


def test_every_panel_has_a_place_of_its_own() -> None:
    panels = json.loads((DEPLOY / "monitoring" / "grafana.json").read_text())["panels"]
    taken = set[tuple[int, int]]()
    for one in panels:
        at = one["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _y in cells) < 24
        assert not cells & taken, one["title"]
        taken |= cells


def test_every_alert_says_in_the_docs_what_to_do() -> None:
    names = re.findall(r"alert: (\w+)", (DEPLOY / "monitoring" / "alerts.yml").read_text())
    docs = (ROOT / "docs" / "monitoring.md").read_text()
    assert names
    assert [one for one in names if f"**{one}**" not in docs] == []


@pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus' own checker is not on this machine")
def test_prometheus_reads_its_configuration(tmp_path: Path) -> None:
    file = deploy.write_monitoring(tmp_path, app_address="127.0.0.1:8000")
    checked = subprocess.run(["promtool", "check", "config", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not on this machine")
@pytest.mark.parametrize("missing", ["", *SECRETS])
def test_compose_reads_its_file_and_asks_for_what_is_missing(missing: str) -> None:
    given = {**SECRETS, missing: ""} if missing else SECRETS
    argv = ["docker-compose", "-f", str(DEPLOY / "compose" / "compose.yaml"), "config", "--quiet"]
    checked = subprocess.run(argv, env={"PATH": "/usr/bin:/bin", **given}, capture_output=True, text=True, check=False)
    assert (checked.returncode == 0) is (not missing), checked.stderr
