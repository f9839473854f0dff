"""What the player of a lesson needs (`courses/player.html`), for pages of slices above that show lessons to people."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import ModuleType
from typing import TypedDict

from contentserver.courses import facts, packages, words
from contentserver.courses.facts import RenditionRow, SoundRow
from contentserver.courses.models import Lesson
from contentserver.courses.ports import PackageStore
from media_pipeline.manifest import Manifest


class Player(TypedDict):
    """The package, its signed address (base and query), the words of the choices; named as in the template."""

    lesson: Lesson
    manifest: Manifest
    access: tuple[str, str]
    rows: Sequence[RenditionRow]
    sounds: Sequence[SoundRow]
    checks: Sequence[object]
    review: Mapping[str, Sequence[object]]
    words: ModuleType
    clock: Callable[[int], str]


def player_of(store: PackageStore, lesson: Lesson, now: datetime) -> Player | None:
    """What the template needs, without what reviewers said; None where the package cannot be read."""
    manifest = packages.read(store, lesson)
    if not isinstance(manifest, Manifest) or lesson.package_name is None:
        return None
    base, query, _expires = store.access(lesson.package_name, now)
    return {
        "lesson": lesson,
        "manifest": manifest,
        "access": (base, query),
        "rows": facts.rendition_rows(manifest),
        "sounds": facts.sound_rows(manifest),
        "checks": (),
        "review": {"newest": ()},
        "words": words,
        "clock": facts.clock,
    }
