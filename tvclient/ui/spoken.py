"""What is read aloud of a thing that has the focus: its own words, free of markup, in the order they are drawn."""

import re

from tvclient.ui.widgets.placed import Thing
from tvclient.ui.widgets.words import Words

_TAG = re.compile(r"\[/?[a-z]+(?:=[^\]]*)?\]")
_ESCAPED = (("&bl;", "["), ("&br;", "]"), ("&amp;", "&"))


def words_of(thing: Thing) -> str:
    """One short text; empty where there is nothing to say."""
    if thing.spoken:
        return thing.spoken
    shown = (each for each in thing.walk(restrict=True) if isinstance(each, Words) and each.opacity)
    return ", ".join(said for each in shown if (said := _plain(each.text, markup=each.markup)))


def _plain(text: str, *, markup: bool) -> str:
    if markup:
        text = _TAG.sub("", text)
        for written, meant in _ESCAPED:
            text = text.replace(written, meant)
    return " ".join(text.split())
