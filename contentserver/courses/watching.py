"""A watched folder: recordings that somebody copies to the server become lessons by themselves.

In it lies one folder for each course, called as the course or by its id. Once nothing in a course's folder has changed
for a minute, what lies there is brought (`importing.py`): then it moves to `done/`, or to `refused/` with a text beside
it that says why. Nothing is ever deleted.
"""

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import structlog
from flask_babel import lazy_gettext as _
from huey import Huey, crontab

from contentserver.courses import naming, words
from contentserver.courses.importing import Intake, Outcome, bring, course_called
from contentserver.kernel import clock
from contentserver.kernel.errors import Refusal

DONE, REFUSED = "done", "refused"
STILL_S = 60
"""A file that has not changed for so long is whole."""
NO_COURSE = "no-course.txt"
Facts = dict[str, tuple[int, int]]

log = structlog.get_logger()


class Watch:
    """One watched folder. `intake` is asked anew at every look, since accounts change."""

    def __init__(self, root: Path, intake: Callable[[], Intake], still_s: float = STILL_S) -> None:
        self._root, self._intake, self._still_s = root, intake, still_s
        self._seen: dict[str, Facts] = {}

    def look(self) -> int:
        """Bring what is whole; gives how many lessons were made."""
        if not self._root.is_dir():
            log.warning("watch.missing", folder=str(self._root))
            return 0
        folders = sorted(one for one in self._root.iterdir() if one.is_dir() and not one.is_symlink())
        intake = self._intake()
        return sum(self._look_into(intake, one) for one in folders if not one.name.startswith("."))

    def _look_into(self, intake: Intake, folder: Path) -> int:
        facts = _facts(folder)
        before, self._seen[folder.name] = self._seen.get(folder.name), facts
        youngest = max((modified for _size, modified in facts.values()), default=0) / 1e9
        if not facts or facts != before or clock.now().timestamp() - youngest < self._still_s:
            return 0
        note = folder / NO_COURSE
        try:
            with intake.database.reader() as session:
                course_id = course_called(session, folder.name, intake.who).id
        except Refusal as refused:
            note.write_text(f"{folder.name}: {refused.sentence}\n", encoding="utf-8")
            return 0
        note.unlink(missing_ok=True)
        found, made = naming.sort_files(facts, words.LANGUAGES), 0
        for line in bring(intake, folder, found.rows, course_id):
            files = [line.row.path, *(one.path for one in line.row.captions)]
            if line.outcome is Outcome.REFUSED:
                _refuse(folder, files, line.sentence)
            else:
                made += line.outcome is Outcome.MADE
                for name in files:
                    _move(folder, name, DONE)
            log.info("watch.file", folder=folder.name, file=line.row.path, outcome=str(line.outcome))
        for name in found.alone:
            _refuse(folder, [name], _("There is no recording of the same name. Put both here together."))
        for name in found.other:
            _refuse(folder, [name], _("This is no recording."))
        return made


def watch(
    queue: Huey, root: Path, intake: Callable[[], Intake], speaking: Callable[[], AbstractContextManager[object]]
) -> None:
    """Let the worker of a queue look every minute. `speaking`: within it, sentences are in the server's language."""
    watched = Watch(root, intake)

    def turn() -> None:
        with speaking():
            try:
                watched.look()
            except (OSError, Refusal) as error:
                log.exception("watch.broke", folder=str(root), error=repr(error))

    queue.periodic_task(crontab(minute="*"), name="watch_folder")(queue.lock_task("watch_folder")(turn))


def _facts(folder: Path) -> Facts:
    """Size and time of the last change of every file, but for hidden ones and links."""
    found: Facts = {}
    for file in folder.iterdir():
        if file.is_symlink() or not file.is_file() or file.name.startswith((".", "~$")) or file.name == NO_COURSE:
            continue
        facts = file.stat()
        found[file.name] = (facts.st_size, facts.st_mtime_ns)
    return found


def _refuse(folder: Path, names: list[str], why: object) -> None:
    for name in names:
        place = _move(folder, name, REFUSED)
        if place is not None:
            place.with_name(f"{place.name}.txt").write_text(f"{name}: {why}\n", encoding="utf-8")


def _move(folder: Path, name: str, into: str) -> Path | None:
    """Move a file aside, beside what is there of the same name; None where it is gone."""
    place = folder / into
    place.mkdir(exist_ok=True)
    source = folder / name
    free = next(
        one
        for number in itertools.count(1)
        if not (one := place / (name if number == 1 else f"{source.stem} ({number}){source.suffix}")).exists()
    )
    try:
        return source.rename(free)
    except FileNotFoundError:
        return None
