"""The journal: facts that the box observed, kept until the server has committed them. Append-only, crash-safe.

SQLite in WAL mode with `synchronous=FULL`: when `append` returns, the fact survives a power cut. The key of a row is
(epoch, sequence); the epoch is made together with the file, the sequence runs from 1 without holes. Rows that are not
acknowledged are kept for ever; acknowledged ones for a while, since a restored database may ask for them again. What
happens on a full disk: `writing.py`, with the bytes that `reserve.py` has set aside.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from uuid import uuid4

import msgspec
import structlog

from schedules.airings import AiringId
from schedules.wire.codec import Unreadable, decode_body, encode
from schedules.wire.messages import (
    Ack,
    AiringEnded,
    AiringMissed,
    AiringStarted,
    AnswerRead,
    DocumentRead,
    DocumentReplied,
    EventBody,
    EventRecord,
    NoticeRead,
    PlaybackSpan,
    QuizAnswered,
    SegmentDamaged,
    SignedIn,
    SignInUndone,
    StationEntered,
)
from tvclient.adapters.reserve import Reserve
from tvclient.core.airtime import with_spans
from tvclient.core.asked import with_answer
from tvclient.core.consulting import answer_opened_as, judged_as
from tvclient.core.events import DamageRestored, SignInsRestored
from tvclient.core.gaps import told_as
from tvclient.core.reading import opened_as, read_as, with_reply

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
KEPT_AFTER_ACK = timedelta(days=32)
"""Longer than any month: the hours shown in this one are counted from the rows."""
LOG_PAGES = 256
"""A megabyte: so much the log may hold before it is folded into the file."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    uncertainty_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS event_waiting ON event (sequence) WHERE acknowledged = 0;
"""

log = structlog.get_logger(__name__)


class Journal:
    """One box's journal. Safe to use from any thread."""

    def __init__(self, path: Path, reserve: Reserve | None = None, *, alone: bool = False) -> None:
        """Open or create it; a file that is no database any more is set aside and a new epoch begins.

        Args:
            reserve: bytes beside it, for a full disk; a little of it is given up where even opening needs room.
            alone: no other program may look into it; that saves an open file.
        """
        self._alone = alone
        path.parent.mkdir(parents=True, exist_ok=True)
        self.reserve = reserve or Reserve(path.with_name("journal.reserve"), 0)
        self._lock = Lock()
        try:
            self._db = self._opened(path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in DAMAGED:
                raise
            aside = path.with_name(f"{path.name}.damaged-{uuid4().hex[:8]}")
            path.rename(aside)
            for companion in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    path.with_name(path.name + companion).rename(aside.with_name(aside.name + companion))
            log.exception("journal.damaged", kept_as=aside.name)
            self._db = self._opened(path)
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO about VALUES ('epoch', ?)", (uuid4().hex,))
        self.epoch = self._about("epoch")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def append(self, body: EventBody, at: datetime, uncertainty_ms: int) -> int:
        """Write a fact; it is durable on return.

        Returns:
            Its sequence.
        """
        row = (at.astimezone(UTC).isoformat(), uncertainty_ms, encode(body))
        with self._transaction() as db:
            cursor = db.execute("INSERT INTO event (at, uncertainty_ms, body) VALUES (?, ?, ?)", row)
            return int(cursor.lastrowid or 0)

    def through(self) -> int:
        """The highest sequence given so far; 0 for none."""
        with self._lock:
            row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
        return int(row[0]) if row else 0

    def waiting(self) -> int:
        """How many rows the server has not committed."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM event WHERE acknowledged = 0").fetchone()[0])

    def unacknowledged(self, limit: int, after: int = 0) -> tuple[EventRecord, ...]:
        """The oldest rows above `after` that the server has not committed, at most `limit`, in order."""
        with self._lock:
            rows = self._db.execute(
                "SELECT sequence, at, uncertainty_ms, body FROM event WHERE acknowledged = 0 AND sequence > ? "
                "ORDER BY sequence LIMIT ?",
                (after, limit),
            ).fetchall()
        return tuple(_record(row) for row in rows)

    def acknowledge(self, ack: Ack) -> bool:
        """Take the server's word; an ack of another epoch, or of more than was written, changes nothing.

        A generation not seen before means that the database was restored: everything still here is to be sent again.

        Returns:
            Whether anything changed.
        """
        if ack.epoch != self.epoch or ack.through > self.through():
            return False
        with self._transaction() as db:
            before = db.total_changes
            if self._generation(db) != ack.generation:
                db.execute("INSERT OR REPLACE INTO about VALUES ('generation', ?)", (ack.generation,))
                db.execute("UPDATE event SET acknowledged = 0 WHERE acknowledged = 1")
            seen = max((last for _, last in ack.gaps), default=ack.through)
            db.execute("UPDATE event SET acknowledged = 1 WHERE acknowledged = 0 AND sequence <= ?", (seen,))
            for first, last in ack.gaps:
                db.execute(
                    "UPDATE event SET acknowledged = 0 WHERE acknowledged = 1 AND sequence BETWEEN ? AND ?",
                    (max(first, ack.through + 1), last),
                )
            return db.total_changes > before

    def forget(self, now: datetime) -> None:
        """Drop acknowledged rows that are older than a month; those that say where the box stood stay with the rest."""
        limit = (now - KEPT_AFTER_ACK).astimezone(UTC).isoformat()
        with self._transaction() as db:
            db.execute(
                "DELETE FROM event WHERE acknowledged = 1 AND at < ? "
                "AND json_extract(CAST(body AS TEXT), '$.kind') IS NOT 'station_entered'",
                (limit,),
            )

    def fold(self) -> bool:
        """Move what lies in the write-ahead log into the file: a row takes a tenth of the room there.

        Returns:
            Whether the log gave its room back.
        """
        with self._lock:
            try:
                busy, _in_log, _moved = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error:
                return False
        return not busy

    def restored(self) -> SignInsRestored:
        """What the rows say of each airing: who came and answered, what began, was shown, was closed; where the box is.

        Acknowledged rows say it too: they are kept for longer than any airing lasts.
        """
        signed_in: dict[AiringId, set[str]] = defaultdict(set)
        started, closed, opened = set(), set(), frozenset[str]()
        answers: dict[AiringId, dict[str, tuple[int, ...]]] = defaultdict(dict)
        entered, spans = "", list[PlaybackSpan]()
        with self._lock:
            rows = self._db.execute("SELECT body FROM event ORDER BY sequence").fetchall()
        for (raw,) in rows:
            match _body(raw):
                case SignedIn(airing=airing, member=member):
                    signed_in[airing].add(member)
                case SignInUndone(airing=airing, member=member):
                    signed_in[airing].discard(member)
                case AiringStarted(airing=airing):
                    started.add(airing)
                case AiringMissed(airing=airing) | AiringEnded(airing=airing, complete=True):
                    closed.add(airing)
                case QuizAnswered(airing=airing, question=question, turn=turn, choice=choice):
                    answers[airing][question] = with_answer(answers[airing].get(question, ()), turn, choice)
                case PlaybackSpan() as span:
                    spans.append(span)
                case NoticeRead() | DocumentRead() | DocumentReplied() | AnswerRead() as read:
                    opened = _with_read(opened, read)
                case StationEntered(station=station):
                    entered = station
                    spans.clear()
                    opened = frozenset()
                case _:
                    pass
        present = {airing: frozenset(members) for airing, members in signed_in.items()}
        airtime = with_spans({}, spans)
        return SignInsRestored(present, frozenset(started), frozenset(closed), entered, airtime, opened, dict(answers))

    def damage(self) -> DamageRestored:
        """Which damaged pieces of lessons the rows speak of."""
        with self._lock:
            of_kind = "SELECT body FROM event WHERE json_extract(CAST(body AS TEXT), '$.kind') IS 'segment_damaged'"
            rows = self._db.execute(of_kind).fetchall()
        told = [body for (raw,) in rows if isinstance(body := _body(raw), SegmentDamaged)]
        return DamageRestored(frozenset(told_as(one.package, one.file) for one in told))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have ended it already
                    self._db.execute("ROLLBACK")
                raise

    def _opened(self, path: Path) -> sqlite3.Connection:
        """The open file; where there is no room even for its index, a piece of the reserve is given up first."""
        while True:
            try:
                return _open(path, alone=self._alone)
            except sqlite3.OperationalError:
                if not self.reserve.needed() or not self.reserve.give():
                    raise

    def _about(self, name: str) -> str:
        with self._lock:
            return str(self._db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()[0])

    @staticmethod
    def _generation(db: sqlite3.Connection) -> str | None:
        row = db.execute("SELECT value FROM about WHERE name = 'generation'").fetchone()
        return str(row[0]) if row else None


def _open(path: Path, *, alone: bool) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        if alone:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        db.executescript(_SCHEMA)
        if db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            damage = sqlite3.DatabaseError("the file is damaged")
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _record(row: tuple[int, str, int, bytes]) -> EventRecord:
    sequence, at, uncertainty_ms, body = row
    return EventRecord(
        sequence=sequence, at=datetime.fromisoformat(at), uncertainty_ms=uncertainty_ms, body=msgspec.Raw(body)
    )


def _with_read(
    opened: frozenset[str], read: NoticeRead | DocumentRead | DocumentReplied | AnswerRead
) -> frozenset[str]:
    """What is remembered of what was opened and answered, once another such fact is read."""
    match read:
        case NoticeRead(notice=notice, version=version):
            return opened | {opened_as(notice, version)}
        case DocumentRead(document=document, version=version):
            return opened | {read_as(document, version)}
        case DocumentReplied(document=document, answer=answer):
            return with_reply(opened, document, answer)
        case AnswerRead(case=answer, helped=None):
            return opened | {answer_opened_as(answer)}
        case AnswerRead(case=answer):
            return opened | {answer_opened_as(answer), judged_as(answer)}


def _body(raw: bytes) -> EventBody | None:
    try:
        return decode_body(raw)
    except Unreadable:
        return None
