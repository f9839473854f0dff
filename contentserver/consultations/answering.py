"""Answers, and the other ends of a question: closed, withdrawn, looked through and passed on or not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.consultations import outcomes, rules, taking_in
from contentserver.consultations.keeping import Brought
from contentserver.consultations.models import Case, CaseAnswer, CaseFile
from contentserver.consultations.routing import experts, locked, owner, refuse_unless
from contentserver.consultations.rules import State, Verdict
from contentserver.courses import lesson_with
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected

ANSWER_CHARS, NOTE_CHARS = 1000, 500


def answer(
    session: Session,
    case_id: UUID,
    text: str,
    lesson: str,
    files: Sequence[Brought],
    who: Person,
    now: datetime,
) -> CaseAnswer:
    """Answer a question; whoever answers an open one has taken it.

    Args:
        lesson: the id of an approved lesson that answers it, or of an own recording on its way to be; empty for none.

    Raises:
        Conflict: it is closed or withdrawn, or somebody else is at it.
        Rejected: there is no text, it is too long, or the lesson is not approved.
    """
    case = locked(session, case_id)
    refuse_unless(rules.may_answer(case.state, case.claimed_by, owner(who)))
    text = text.strip()
    wrong = _wrong(text)
    pointed = _lesson(session, lesson, wrong, who)
    if wrong:
        raise Rejected("answer_wrong", _("Please look at this again."), wrong)
    outcomes.ask_no_more(session, case.id, who, now)  # of the answer before
    made = CaseAnswer(case_id=case.id, by=who.id, at=now, text=text, lesson_id=pointed)
    session.add(made)
    session.flush()
    add_files(session, case, files, now, made.id)
    if case.state == State.OPEN:
        case.claimed_at = now
    case.state, case.claimed_by, case.answered_at = State.ANSWERED.value, owner(who), now
    case.outcome_asked = ""
    session.flush()
    taking_in.note_helped(session, [case.id])
    taking_in.keep_case_words(session, case)
    after = {"answer": str(made.id), "lesson": str(pointed or "")}
    audit(session, who=who, action="case.answered", subject=f"case {case.id}", now=now, after=after)
    return made


def add_files(
    session: Session, case: Case, files: Sequence[Brought], now: datetime, answer_id: UUID | None = None
) -> None:
    """Put files to a question, or to an answer of it."""
    session.add_all(
        CaseFile(
            case_id=case.id,
            answer_id=answer_id,
            kind=one.kind.value,
            digest=one.digest,
            bytes=one.bytes,
            place=one.place,
            at=now,
        )
        for one in files
    )


def close(session: Session, case_id: UUID, note: str, who: Person, now: datetime) -> Case:
    """Bring a question to its end; the note is read in the village.

    Raises:
        Conflict: it is over already, or was not looked through yet.
        Rejected: the note is missing where there is no answer, or too long.
    """
    case = locked(session, case_id)
    refuse_unless(rules.may_close(case.state))
    if not who.may(Right.DIRECT_CASES):
        refuse_unless(rules.may_answer(case.state, case.claimed_by, owner(who)))
    if case.answered_at is None and not note.strip():
        raise _wrong_note(_("Nobody has answered. Please write why it ends; the village reads it."))
    return _end(session, case, State.CLOSED, note, "case.closed", who, now)


def withdraw(session: Session, case_id: UUID, note: str, who: Person | None, now: datetime) -> Case:
    """The station does not ask any more; nobody signed in where the phone says so that has asked.

    Raises:
        Conflict: it is over already.
        Rejected: the note is too long.
    """
    case = locked(session, case_id)
    refuse_unless(Verdict.YES if case.state in (State.WAITING, *rules.ANSWERABLE) else rules.may_close(case.state))
    return _end(session, case, State.WITHDRAWN, note, "case.withdrawn", who, now)


def look_through(session: Session, case_id: UUID, note: str, who: Person, now: datetime, *, passes: bool) -> Case:
    """Pass on what somebody wrote by phone, or do not; its time to be answered begins now.

    Raises:
        Conflict: somebody has looked at it already.
    """
    case = locked(session, case_id)
    if case.state != State.WAITING:
        raise Conflict("case_looked_at", _("Somebody has looked at this already."))
    if not passes:
        return _end(session, case, State.REFUSED, note, "case.refused", who, now)
    case.state, case.due_at = State.OPEN.value, rules.due(case.urgency, now)
    case.desk = rules.desk(case.region_code, case.topic, experts(session))
    taking_in.keep_case_words(session, case)
    audit(session, who=who, action="case.passed", subject=f"case {case.id}", now=now)
    return case


def _end(session: Session, case: Case, state: State, note: str, action: str, who: Person | None, now: datetime) -> Case:
    note = note.strip()
    if len(note) > NOTE_CHARS:
        raise _wrong_note(_("Please use at most %(number)s characters.", number=NOTE_CHARS))
    if state is State.WITHDRAWN:
        outcomes.ask_no_more(session, case.id, who, now)
    before = {"state": case.state}
    case.state, case.closed_at, case.closed_by, case.closing_note = state.value, now, who.id if who else None, note
    after = {"state": case.state, "note": note}
    audit(session, who=who, action=action, subject=f"case {case.id}", now=now, before=before, after=after)
    return case


def _wrong_note(sentence: object) -> Rejected:
    return Rejected("note_wrong", sentence, {"note": sentence})


def _wrong(text: str) -> dict[str, object]:
    if not text:
        return {"text": _("Please write an answer: it is read on the television.")}
    if len(text) > ANSWER_CHARS:
        return {"text": _("Please use at most %(number)s characters.", number=ANSWER_CHARS)}
    return {}


def _lesson(session: Session, typed: str, wrong: dict[str, object], who: Person) -> UUID | None:
    if not typed:
        return None
    try:
        found = lesson_with(session, UUID(typed))
    except (ValueError, NotFound):
        found = None
    if found is None or not rules.may_point_at(found.state, own=found.uploader_id == who.id):
        wrong["lesson"] = _("This lesson is not approved. Choose another one.")
        return None
    return found.id
