"""The shape of the tree: every slice looks alike, no module outgrows its reader, no name says nothing."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("contentserver", "media_pipeline", "schedules", "tvclient", "tests")
SLICES = (
    "audit",
    "accounts",
    "regions",
    "processes",
    "stations",
    "members",
    "trust",
    "papers",
    "boxes",
    "courses",
    "timetable",
    "attendance",
    "figures",
    "school",
    "reports",
    "readiness",
    "alerts",
    "guide",
    "sticks",
    "support",
    "stars",
    "joining",
    "transcripts",
    "quizzes",
    "notices",
    "market",
    "consultations",
    "documents",
    "ledger",
    "assessments",
    "messaging",
    "projects",
    "portal",
    "forum",
    "retention",
)
SLICE_FILES = {"__init__", "views", "api", "schemas", "service", "models", "rules", "ports"}
OWN_FILES = {
    "audit": {"chain", "heads", "searching", "words"},
    "accounts": {
        "at_machine",
        "confirming",
        "desk",
        "factors",
        "importing",
        "inviting",
        "me",
        "passwords",
        "people",
        "standing_in",
        "trail",
        "vault",
    },
    "boxes": {
        "credentials",
        "desiring",
        "enrolling",
        "expecting",
        "listing",
        "placing",
        "programs",
        "releasing",
        "sheets",
        "signing_keys",
        "tending",
        "words",
    },
    "processes": {"listing", "words"},
    "forum": {"authors", "listing", "own_data", "seats", "showing", "telling"},
    "portal": {"branches", "everywhere", "feeds", "public", "publishing", "words"},
    "projects": {"desk", "forms", "reading", "reckoning", "words"},
    "messaging": {"audience", "desk", "keeping", "receiving", "releasing", "sending", "telling", "words"},
    "courses": {
        "bulk",
        "checking",
        "clearing",
        "comments",
        "contents",
        "crew",
        "deciding",
        "desk",
        "facts",
        "importing",
        "jobs",
        "keeping",
        "leases",
        "naming",
        "packages",
        "playing",
        "quotas",
        "reviewing",
        "scanning",
        "signing",
        "uploads",
        "watching",
        "words",
    },
    "timetable": {
        "broadcast",
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
    "attendance": {
        "acknowledging",
        "correcting",
        "corrections",
        "counting",
        "crediting",
        "doubting",
        "doubts",
        "evidence",
        "hours",
        "inspecting",
        "lately",
        "merged",
        "paper",
        "presence",
        "quarantine",
        "roll",
        "tallying",
        "whereabouts",
        "words",
    },
    "figures": {"planning", "rebuilding"},
    "school": {"deriving", "keeping", "seats", "tickets", "words"},
    "reports": {
        "answers",
        "charts",
        "exports",
        "keeping",
        "mailing",
        "openapi",
        "overview",
        "saved",
        "tables",
        "tokens",
    },
    "alerts": {"cap", "publishing"},
    "guide": {"poster"},
    "sticks": {"bringing", "image"},
    "support": {"delivering", "keeping", "words"},
    "stars": {
        "appeals",
        "checking",
        "desk",
        "document",
        "exports",
        "gathering",
        "inspecting",
        "photographs",
        "pictures",
        "public",
        "rounds",
        "rulebook",
        "ruling",
        "sampling",
        "words",
    },
    "transcripts": {"asking", "desk", "own_data", "statements"},
    "members": {
        "branches",
        "desk",
        "history",
        "acting",
        "erasing",
        "exchanging",
        "exporting",
        "identity",
        "importing",
        "leaving",
        "merging",
        "moving",
        "own_link",
        "places",
        "record",
        "registering",
        "roles",
        "searching",
        "seat",
        "spelling",
        "words",
    },
    "joining": {"earlier", "own", "own_record", "registering"},
    "papers": {"marking"},
    "consultations": {
        "answering",
        "asking",
        "digests",
        "directing",
        "keeping",
        "knowledge",
        "laying_out",
        "outcomes",
        "own_data",
        "phone",
        "public",
        "reckoning",
        "routing",
        "searching",
        "statistics",
        "taking_in",
        "words",
    },
    "stations": {"desk", "groups"},
    "ledger": {
        "aging",
        "arising",
        "book",
        "completeness",
        "desk",
        "drafting",
        "exports",
        "governing",
        "history",
        "kinds",
        "listing",
        "sources",
        "words",
    },
    "bylaws": {"desk"},
    "notices": {"reaching", "reading"},
    "assessments": {
        "answering",
        "desk",
        "exports",
        "filling",
        "governing",
        "hearing",
        "listing",
        "objecting",
        "phone",
        "results",
        "schemes",
        "words",
    },
    "documents": {
        "listing",
        "addressing",
        "aging",
        "attaching",
        "board",
        "desk",
        "keeping",
        "laying_out",
        "numbering",
        "receiving",
        "reminding",
        "sniffing",
        "words",
    },
    "quizzes": {"importing", "results"},
    "market": {
        "bulletin",
        "catalogue",
        "desk",
        "drawing",
        "feeds",
        "importing",
        "keeping",
        "proposing",
        "publishing",
        "words",
    },
    "retention": {"words"},
    "readiness": {"forecast", "gathering", "holding", "notes", "reasons", "refreshing", "sheets", "tree", "words"},
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


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_stay_on_one_process(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):
        pytest.skip("all tests run in one process")
    assert request.node.nodeid.endswith("@together")
