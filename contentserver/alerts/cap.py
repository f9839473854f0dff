"""CAP 1.2 files in: bytes become a value, or are refused with a reason. Nothing outside the file is ever asked for.

No document type, no entities, no network; the shape is checked against `data/cap-1.2.rng`. Which regions of ours are
meant, and whether the alert may be sent, is decided elsewhere (`service.py`, `rules.py`).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import msgspec
from lxml import etree

from schedules.alerts import SHOWN_STEPS
from schedules.wire.messages import Severity, Urgency

MAX_BYTES = 1_000_000
NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
SCHEMA = Path(__file__).parent / "data" / "cap-1.2.rng"
STANDS_FOR = timedelta(hours=12)
"""Where a file does not say until when."""
_LANGUAGES = ("zh", "en")
_STEP_END = re.compile(r"[\r\n；;。]+|(?<=[a-z)])\.\s+")
_STEP_NUMBER = re.compile(r"^\s*(?:\d{1,2}\s*[.、．)）]|[（(]\d{1,2}[)）]|[-•·])\s*")


class CapRefused(ValueError):
    """A file that is no alert for us. `code` is stable; `detail` is what stood there, or the line."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail[:200]


class CapArea(msgspec.Struct, frozen=True):
    """One area: its description, and every code the file gives for it."""

    name: str
    codes: tuple[str, ...] = ()


class CapAlert(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says, of its languages the one that suits a village best.

    Attributes:
        references: (sender, identifier) of the messages that an Update replaces or a Cancel takes back.
        effective: None where it is not given.
        steps: the instruction, cut into at most as many steps as a television shows.
    """

    sender: str
    identifier: str
    sent: datetime
    message: str
    references: tuple[tuple[str, str], ...] = ()
    event: str = ""
    headline: str = ""
    description: str = ""
    steps: tuple[str, ...] = ()
    sender_name: str = ""
    severity: Severity = Severity.UNKNOWN
    urgency: Urgency = Urgency.UNKNOWN
    effective: datetime | None = None
    expires: datetime
    areas: tuple[CapArea, ...] = ()


def read_cap(data: bytes) -> CapAlert:
    """The alert of a CAP 1.2 file.

    Raises:
        CapRefused: `too_large`, `unreadable`, `document_type`, `not_cap`, `not_actual`, `not_public`, `not_an_alert`,
            `no_info`, `no_references`.
    """
    root = _parsed(data)
    status, scope, message = (_text(root, name) for name in ("status", "scope", "msgType"))
    if status != "Actual":
        raise CapRefused("not_actual", status)
    if scope != "Public":
        raise CapRefused("not_public", scope)
    if message not in {"Alert", "Update", "Cancel"}:
        raise CapRefused("not_an_alert", message)
    references = tuple(_references(_text(root, "references")))
    if message != "Alert" and not references:
        raise CapRefused("no_references", message)
    sent = _instant(root, "sent")
    if sent is None:
        raise CapRefused("not_cap", "sent")
    bare = CapAlert(
        sender=_text(root, "sender"),
        identifier=_text(root, "identifier"),
        sent=sent,
        message=message,
        references=references,
        expires=_later(sent),
    )
    info = _chosen(root.findall(f"{NAMESPACE}info"))
    if info is None:
        if message != "Cancel":
            raise CapRefused("no_info")
        return bare
    effective = _instant(info, "effective")
    return msgspec.structs.replace(
        bare,
        event=_text(info, "event"),
        headline=_text(info, "headline") or _text(info, "event"),
        description=_text(info, "description"),
        steps=steps_of(_text(info, "instruction", lines=True)),
        sender_name=_text(info, "senderName") or bare.sender,
        severity=Severity(_text(info, "severity").lower()),
        urgency=Urgency(_text(info, "urgency").lower()),
        effective=effective,
        expires=_instant(info, "expires") or _later(effective or sent),
        areas=tuple(_areas(info)),
    )


def steps_of(instruction: str) -> tuple[str, ...]:
    """An instruction as steps; where it has more than are shown, the last one holds the rest: nothing is lost."""
    pieces = [_STEP_NUMBER.sub("", piece).strip(" 。.;；") for piece in _STEP_END.split(instruction)]
    pieces = [" ".join(piece.split()) for piece in pieces if piece.strip()]
    if len(pieces) > SHOWN_STEPS:
        pieces = [*pieces[: SHOWN_STEPS - 1], "；".join(pieces[SHOWN_STEPS - 1 :])]
    return tuple(pieces)


def _parsed(data: bytes) -> etree._Element:
    if len(data) > MAX_BYTES:
        raise CapRefused("too_large", str(len(data)))
    letters = data.replace(b"\0", b"").upper()  # of UTF-16 and UTF-32 too
    if b"<!DOCTYPE" in letters or b"<!ENTITY" in letters:
        raise CapRefused("document_type")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CapRefused("unreadable", str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise CapRefused("document_type")
    schema = _schema()
    if not schema.validate(root):
        first = schema.error_log[0] if len(schema.error_log) else None
        raise CapRefused("not_cap", f"{first.line}: {first.message}" if first else "")
    return root


@lru_cache(maxsize=1)
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(str(SCHEMA)))


def _chosen(infos: list[etree._Element]) -> etree._Element | None:
    """Chinese before English before any other; of several in one language the first."""
    for language in _LANGUAGES:
        for info in infos:
            if (_text(info, "language") or "en-US").lower().startswith(language):
                return info
    return infos[0] if infos else None


def _references(text: str) -> Iterator[tuple[str, str]]:
    for triple in text.split():
        sender, _comma, rest = triple.partition(",")
        identifier = rest.partition(",")[0]
        if sender and identifier:
            yield sender, identifier


def _areas(info: etree._Element) -> Iterator[CapArea]:
    for area in info.findall(f"{NAMESPACE}area"):
        codes = (_text(code, "value") for code in area.findall(f"{NAMESPACE}geocode"))
        yield CapArea(_text(area, "areaDesc"), tuple(codes))


def _instant(parent: etree._Element, name: str) -> datetime | None:
    text = _text(parent, name)
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError) as error:  # 24:00:00, the year 0001: the schema lets them pass
        raise CapRefused("not_cap", f"{name}: {text}") from error


def _later(begins: datetime) -> datetime:
    try:
        return begins + STANDS_FOR
    except OverflowError as error:
        raise CapRefused("not_cap", str(begins)) from error


def _text(parent: etree._Element, name: str, *, lines: bool = False) -> str:
    found = parent.findtext(f"{NAMESPACE}{name}") or ""
    return found.strip() if lines else " ".join(found.split())
