"""How captions stand on the screen: in at most two lines of 18 Han characters, one after the other, never two at once.

Pure. Knows no files and no formats (`caption_formats`). What already fits is left exactly as it is, so that laying out
twice is laying out once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from media_pipeline.caption_formats import Cue
from media_pipeline.caption_lines import packed, width, wrapped

LEAST_MS: Final = 500
"""A caption parted from another stays at least so long; captions that begin nearer to each other are shown together."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many captions were wrapped, split in several, stood with another, and were dropped."""

    wrapped: int
    split: int
    overlapped: int
    dropped: int


@dataclass(frozen=True, slots=True)
class _Together:
    """Texts that share the screen from `start_ms` to just before `end_ms`."""

    start_ms: int
    end_ms: int
    texts: tuple[str, ...]


def laid_out(cues: Sequence[Cue], duration_ms: int | None = None) -> tuple[list[Cue], Changes]:
    """The captions in order of time, each fitting the screen, none standing with another.

    Args:
        cues: in any order; text without lines that show nothing.
        duration_ms: the lesson's length. What begins after it is dropped; the last caption ends with it.
    """
    kept = [cue for cue in dict.fromkeys(cues) if cue.end_ms > cue.start_ms and cue.text]
    kept = sorted(_clipped(kept, duration_ms), key=lambda cue: (cue.start_ms, cue.end_ms))
    groups = list(_grouped(kept))
    texts = [text for group in groups for text in group.texts]
    pages = {text: wrapped(text) for text in texts}
    shown: list[Cue] = []
    for group in groups:
        free_ms = shown[-1].end_ms if shown else 0
        shown += _timed(packed(page for text in group.texts for page in pages[text]), group, free_ms)
    within = list(_clipped(shown, duration_ms))
    return within, Changes(
        wrapped=sum(len(pages[text]) == 1 and "\n".join(pages[text][0]) != text for text in texts),
        split=sum(len(pages[text]) > 1 for text in texts),
        overlapped=_overlapping(kept),
        dropped=len(cues) - len(texts) + len(shown) - len(within),
    )


def _clipped(cues: Iterable[Cue], duration_ms: int | None) -> Iterator[Cue]:
    for cue in cues:
        if duration_ms is None or cue.end_ms <= duration_ms:
            yield cue
        elif cue.start_ms < duration_ms:
            yield Cue(cue.start_ms, duration_ms, cue.text)


def _overlapping(ordered: Sequence[Cue]) -> int:
    """How many captions stand on the screen with another."""
    ends = accumulate((cue.end_ms for cue in ordered), max, initial=0)
    follows = [cue.start_ms < end for cue, end in zip(ordered, ends, strict=False)]
    precedes = [later.start_ms < earlier.end_ms for earlier, later in pairwise(ordered)]
    return sum(one or other for one, other in zip(follows, [*precedes, False], strict=False))


def _grouped(ordered: Iterable[Cue]) -> Iterator[_Together]:
    """Captions that begin at once, or nearly, share their time; any other ends where the next begins."""
    start_ms = end_ms = 0
    texts: dict[str, None] = {}
    for cue in ordered:
        if cue.start_ms < min(end_ms, start_ms + LEAST_MS):
            end_ms = max(end_ms, cue.end_ms)
            texts[cue.text] = None
            continue
        if texts:
            yield _Together(start_ms, min(end_ms, cue.start_ms), tuple(texts))
        start_ms, end_ms, texts = cue.start_ms, cue.end_ms, {cue.text: None}
    if texts:
        yield _Together(start_ms, end_ms, tuple(texts))


def _timed(pages: Sequence[list[str]], group: _Together, free_ms: int) -> Iterator[Cue]:
    """Each page's share of the time by its width, from `free_ms` on, and none so short that nobody sees it."""
    start = max(group.start_ms, free_ms)
    least = LEAST_MS if len(pages) > 1 else min(LEAST_MS, group.end_ms - group.start_ms)
    shared = max(group.end_ms - start, least * len(pages))
    widths = [sum(map(width, page)) for page in pages]
    total = sum(widths)
    floor = least if shared * min(widths) < least * total else 0
    shared -= floor * len(pages)
    begin = start
    for count, (page, done) in enumerate(zip(pages, accumulate(widths), strict=True), 1):
        end = start + floor * count + shared * done // total
        yield Cue(begin, end, "\n".join(page))
        begin = end
