"""Is a backup what it says: every content by its hash, the database by its own engine, every file that rows name."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from contentserver.operation import snapshot, store
from contentserver.operation.store import Manifest, Pace
from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import MANIFEST_FILE, decode_manifest

SHOWN = 20


def _spread(folder: str, ending: str = "") -> Callable[..., str]:
    return lambda digest, *_more: f"{folder}/{digest[:2]}/{digest}{ending}"


def _of_case(digest: str, kind: str) -> str:
    return f"case_files/{digest[:2]}/{digest}{'.jpg' if kind == 'photo' else '.m4a'}"


Named = tuple[str, tuple[str, ...], Callable[..., str]]
NAMED: Final[tuple[Named, ...]] = (
    ("lessons", ("package_name",), lambda name: f"packages/{name}/{MANIFEST_FILE}"),
    ("releases", ("sha256",), lambda digest: f"packages/releases/{digest}.zip"),
    ("document_files", ("digest",), _spread("document_files")),
    ("document_replies", ("file_digest",), _spread("document_files")),
    ("ledger_photographs", ("digest",), _spread("ledger", ".jpg")),
    ("photographs", ("digest",), _spread("photographs", ".jpg")),
    ("project_photos", ("digest",), _spread("photographs", ".jpg")),
    ("forum_pictures", ("digest",), _spread("photographs", ".jpg")),
    ("case_files", ("digest", "kind"), _of_case),
)
"""Which columns name a file of data, and its path."""
IN_STORE: Final = frozenset({"lessons", "releases"})
"""Whose files may lie in an object store."""


def faults_of(folder: Path, generation: Path, *, packages_elsewhere: bool = False) -> list[str]:
    """Everything that is wrong, a sentence each; none where it can be relied on.

    Args:
        packages_elsewhere: they lie in an object store, which has copies of its own.
    """
    manifest = store.manifest_of(generation)
    faults = [*_altered(folder, generation, manifest)]
    database = generation / manifest.database.name
    if not faults and (fault := snapshot.fault_of(database)):
        faults.append(f"{database.name}: {fault}")
    if not faults:
        named = [one for one in NAMED if not (packages_elsewhere and one[0] in IN_STORE)]
        faults += _missing(folder, manifest, database, named)
    if len(faults) > SHOWN:
        faults[SHOWN:] = [f"and {len(faults) - SHOWN} more"]
    return faults


def _altered(folder: Path, generation: Path, manifest: Manifest) -> Iterator[str]:
    for part in (manifest.database, manifest.sealed):
        if part is not None and _digest(generation / part.name) != part.sha256:
            yield f"{part.name} is missing or was altered"
    seen: dict[str, bool] = {}
    for kept in manifest.files:
        good = seen.get(kept.sha256)
        if good is None:
            good = seen[kept.sha256] = _digest(store.content_file(folder, kept.sha256)) == kept.sha256
        if not good:
            yield f"{kept.path} is missing or was altered"


def _missing(folder: Path, manifest: Manifest, database: Path, named: Sequence[Named]) -> Iterator[str]:
    """Files that rows name, and the files that a lesson's own manifest names."""
    there = {kept.path: kept.sha256 for kept in manifest.files}
    for table, columns, path_of in named:
        for values in snapshot.values_in(database, table, *columns):
            path = path_of(*values)
            if path not in there:
                yield f"{path} is named by {table} and is not there"
            elif path.endswith(f"/{MANIFEST_FILE}"):
                yield from _parts_missing(path, store.content_file(folder, there[path]), there)


def _parts_missing(path: str, content: Path, there: dict[str, str]) -> Iterator[str]:
    try:
        parts = decode_manifest(content.read_bytes()).files
    except ManifestInvalid as error:
        yield f"{path} cannot be read: {error}"
        return
    beside = path.removesuffix(MANIFEST_FILE)
    yield from (f"{beside}{part.path} is not there" for part in parts if f"{beside}{part.path}" not in there)


def _digest(file: Path) -> str:
    try:
        with file.open("rb", buffering=0) as reading:
            return store.copied(reading, None, Pace())[0]
    except OSError:
        return ""
