"""The shape of the tree: every slice looks alike, no module outgrows its reader, no name says nothing."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("contentserver", "media_pipeline", "schedules", "tvclient", "tests")
SLICES = (
    "accounts",
    "regions",
    "stations",
    "members",
    "boxes",
    "courses",
    "timetable",
    "attendance",
    "reports",
    "readiness",
    "alerts",
    "guide",
)
SLICE_FILES = {"__init__", "views", "api", "schemas", "service", "models", "rules", "ports"}
OWN_FILES = {
    "courses": {"clearing", "crew", "facts", "jobs", "leases", "uploads", "words"},
    "timetable": {
        "copying",
        "desk",
        "edits",
        "grid",
        "plans",
        "programmes",
        "publishing",
        "quotas",
        "review",
        "reviewing",
        "words",
    },
    "attendance": {"pages"},
    "alerts": {"cap", "publishing"},
    "guide": {"poster"},
    "readiness": {"forecast", "gathering", "notes", "reasons", "refreshing", "sheets", "tree", "words"},
}
"""What one slice needs beyond the common shape; each is named for what it does."""
MUTE = {"utils", "util", "helpers", "common", "manager", "base", "misc"}
MAX_LINES = 420

SOURCES = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py") if "migrations" not in file.parts]


@pytest.mark.parametrize("slice_", SLICES)
def test_every_slice_has_the_same_shape(slice_: str) -> None:
    found = {file.stem for file in (ROOT / "contentserver" / slice_).glob("*.py")}
    assert found - SLICE_FILES - OWN_FILES.get(slice_, set()) == set()
    assert "__init__" in found


def test_every_module_opens_with_words() -> None:
    product = (file for file in SOURCES if "tests" not in file.relative_to(ROOT).parts)
    silent = [str(file.relative_to(ROOT)) for file in product if (text := file.read_text()) and text[:3] != '"""']
    assert silent == []


def test_no_module_outgrows_its_reader() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in SOURCES
        if (lines := len(file.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


def test_every_name_says_something() -> None:
    assert [str(file) for file in SOURCES if file.stem in MUTE] == []
