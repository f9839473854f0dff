"""Whether a package on the disk is the one that the server approved: its manifest's hash, and the signed word for it.

An approval outlives its key: where the key is trusted no more, the package is neither good nor altered; it wants a new
word, and its files are as good as they were. Who asks for that word: `trusting.py`.
"""

from datetime import datetime
from pathlib import Path

import structlog

from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import MANIFEST_FILE, Manifest, decode_manifest, package_name
from schedules.airings import PackageName
from schedules.wire.messages import Approval
from schedules.wire.signing import BadSignature, NotTrusted, Verifier
from tvclient.core.state import StoredLesson

APPROVAL_FILE = ".approval.jws"

log = structlog.get_logger(__name__)


class Approvals:
    """The approvals below one folder of packages."""

    def __init__(self, folder: Path, verifier: Verifier) -> None:
        self._folder, self._verifier = folder, verifier
        self._lessons: dict[PackageName, StoredLesson] = {}

    def trusted(self, name: PackageName, data: bytes, approval: bytes) -> Manifest | None:
        """The manifest in `data` if its hash is the name and the server approved this name; None otherwise."""
        if package_name(data) != name:
            return None
        try:
            if self._verifier.read(approval, Approval).package != name:
                return None
            self._lessons.pop(name, None)
            return decode_manifest(data)
        except (BadSignature, ManifestInvalid) as error:
            log.warning("package.untrusted", package=name, reason=str(error))
            return None

    def on_disk(self, name: PackageName) -> Manifest | None:
        """The same of what lies in the package's folder."""
        papers = self.papers(name)
        return self.trusted(name, *papers) if papers else None

    def outdated(self, name: PackageName) -> bool:
        """Whether the manifest is what it should be, and the approval alone was signed by a key that is not trusted."""
        papers = self.papers(name)
        if papers is None or package_name(papers[0]) != name:
            return False
        try:
            self._verifier.read(papers[1], Approval)
        except NotTrusted:
            return True
        except BadSignature:
            return False
        return False

    def papers(self, name: PackageName) -> tuple[bytes, bytes] | None:
        """Manifest and approval as they lie on the disk; None where one is missing."""
        place = self._folder / name
        try:
            return (place / MANIFEST_FILE).read_bytes(), (place / APPROVAL_FILE).read_bytes()
        except OSError:
            return None

    def lesson(self, name: PackageName) -> StoredLesson | None:
        """What its approval says of a package; read once."""
        known = self._lessons.get(name)
        papers = None if known else self.papers(name)
        if papers is None:
            return known
        try:
            length_ms, said = decode_manifest(papers[0]).duration_ms, self._verifier.read(papers[1], Approval)
        except (BadSignature, ManifestInvalid) as error:
            log.warning("package.approval_unreadable", package=name, reason=str(error))
            return None
        found = StoredLesson(name, said.lesson, length_ms, said.approved_by, said.approved_at, said.expires_at)
        self._lessons[name] = found
        return found

    def runs_out(self, name: PackageName, at: datetime) -> bool:
        """Whether the approval of a package does not reach so far."""
        known = self.lesson(name)
        return known is not None and known.expires_at is not None and known.expires_at <= at

    def forget(self) -> None:
        """Other keys are trusted now: read again."""
        self._lessons.clear()


def in_the_library(one: StoredLesson) -> tuple[str, str, int, str]:
    """Where a lesson stands in the library: by subject, course and place in it."""
    return one.lesson.subject, one.lesson.course, one.lesson.number, one.lesson.title
