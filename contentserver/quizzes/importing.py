"""Questions from a spreadsheet into the bank: every row looked at before anything is kept; either all or none.

How files are opened, and the limits on them: `schedules.exchange.spreadsheet`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Rejected
from contentserver.kernel.sheets import Column as SheetColumn
from contentserver.kernel.sheets import Table, as_xlsx
from contentserver.quizzes import rules, service
from contentserver.quizzes.rules import NONE_RIGHT, Words
from schedules.exchange.imports import FileRefused
from schedules.exchange.spreadsheet import named_rows

MAX_ROWS = 500
LETTERS, FIGURES = "ABCD", "1234"


class Column(StrEnum):
    """What a row says. Answers C and D, the right one, the explanation and the subject it need not."""

    QUESTION = "question"
    A = "a"
    B = "b"
    C = "c"
    D = "d"
    RIGHT = "right"
    EXPLANATION = "explanation"
    SUBJECT = "subject"


COLUMNS = {
    "题目": Column.QUESTION,
    "question": Column.QUESTION,
    **{head: column for column in (Column.A, Column.B, Column.C, Column.D) for head in (column.value, f"选项{column}")},
    "答案": Column.RIGHT,
    "right": Column.RIGHT,
    "解释": Column.EXPLANATION,
    "explanation": Column.EXPLANATION,
    "学科": Column.SUBJECT,
    "subject": Column.SUBJECT,
}
NEEDED = (Column.QUESTION, Column.A, Column.B)
_REFUSED = {
    "too_large": _("This file is too large to be a list of questions."),
    "no_header": _(
        "The first row must name the columns: 题目, 选项A, 选项B, and where wanted 选项C, 选项D, 答案, 解释, 学科."
    ),
    "too_many_rows": _("At most %(count)s questions at once.", count=MAX_ROWS),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet, as its program counts; `fault` says why it cannot be taken."""

    row: int
    words: Words
    subject: str = ""
    fault: object = ""


def read(data: bytes) -> Sequence[Line]:
    """What a sheet holds, row by row; changes nothing.

    Raises:
        Rejected: it is no sheet, or not one of questions.
    """
    try:
        rows = list(named_rows(data, COLUMNS, NEEDED, MAX_ROWS))
    except FileRefused as error:
        sentence = _REFUSED.get(error.code, _("This is no sheet (.xlsx, .csv), or it is damaged."))
        raise Rejected(f"file_{error.code}", sentence) from error
    if not rows:
        raise Rejected("file_empty", _("Below its first row a sheet has one row for each question."))
    return [_line(number, row) for number, row in rows]


def keep(session: Session, lines: Sequence[tuple[Words, str]], region_code: str, who: Person, now: datetime) -> int:
    """Put all of them into the bank; gives how many.

    Raises:
        Rejected: one of them cannot be asked; none was kept.
    """
    for words, subject in lines:
        service.add(session, words, who, now, region_code=region_code, subject=subject[:40])
    return len(lines)


def template() -> bytes:
    """A workbook to fill in, with one row as an example."""
    heads = ("题目", "选项A", "选项B", "选项C", "选项D", "答案", "解释", "学科")
    example = ["化验单上哪一项最该先看？", "有机质", "氮", "酸碱度", "", "C", "酸碱度不对，肥料吃不进去。", "种植"]
    columns = [SheetColumn(head, width=36 if head in ("题目", "解释") else 14) for head in heads]
    return as_xlsx((), Table(gettext("Questions"), columns, [example]))


def _line(number: int, row: Mapping[Column, str]) -> Line:
    cells = [row.get(column, "") for column in (Column.A, Column.B, Column.C, Column.D)]
    options = tuple(cell for cell in cells if cell)
    right = row.get(Column.RIGHT, "").strip().upper()
    words = Words(row.get(Column.QUESTION, ""), options, _place(right, cells), row.get(Column.EXPLANATION, ""))
    subject = row.get(Column.SUBJECT, "")[:40]
    if right and words.right == NONE_RIGHT:
        return Line(number, words, subject, _("The right answer is a letter from A to D, or its number."))
    for _field, fault in rules.faults(words):
        return Line(number, words, subject, service.FAULTS[fault])
    return Line(number, words, subject)


def _place(right: str, cells: Sequence[str]) -> int:
    """The place of the right one among those that are not empty; -1 where nothing, or nonsense, is said."""
    named = max(LETTERS.find(right), FIGURES.find(right)) if len(right) == 1 else NONE_RIGHT
    if not 0 <= named < len(cells) or not cells[named]:
        return NONE_RIGHT
    return sum(bool(cell) for cell in cells[:named])
