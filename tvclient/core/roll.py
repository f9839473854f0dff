"""The names of a station's members as one looks for them: by surname, twelve at a time. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from schedules.wire.messages import RosterMember

PAGE: Final = 12
SURNAMES: Final = 10
"""So many surnames have a button of their own; the rarer ones share one."""
EVERYBODY: Final = "*"
OTHERS: Final = "…"
_WRITTEN: Final = (
    "欧阳 司马 上官 诸葛 东方 皇甫 令狐 慕容 司徒 夏侯 尉迟 长孙 宇文 鲜于 闾丘 司空 司寇 轩辕 端木 公孙 申屠 太史 "
    "万俟 闻人 赫连 澹台 公羊 宗政 濮阳 公冶 仲孙 钟离 独孤 南宫 呼延 西门 百里 拓跋 达奚 第五 左丘 东郭 南门 羊舌 "
    "微生 梁丘 公乘 乐正 谷梁 宰父 漆雕 壤驷 巫马 颛孙 子车 亓官 段干 即墨 褚师"
)
_COMPOUND: Final = frozenset(_WRITTEN.split())
"""Surnames of two characters, from the Hundred Family Surnames (百家姓)."""


def surname(name: str) -> str:
    """What one looks for: the surname of a Chinese name, the first letter of any other."""
    return name[:2] if name[:2] in _COMPOUND else name[:1].upper()


def surnames(members: Sequence[RosterMember]) -> tuple[str, ...]:
    """The buttons: everybody first, then the commonest surnames, the rest together last."""
    counted = Counter(surname(member.name) for member in members)
    order = sorted(counted, key=lambda name: (-counted[name], name))
    shown = order if len(order) <= SURNAMES + 1 else order[:SURNAMES]
    return (EVERYBODY, *shown, *((OTHERS,) if len(shown) < len(order) else ()))


def of_surname(members: Sequence[RosterMember], chosen: str) -> tuple[RosterMember, ...]:
    """The members whom a button stands for, in the roster's order; everybody where the button is there no more."""
    buttons = surnames(members)
    if chosen == EVERYBODY or chosen not in buttons:
        return tuple(members)
    if chosen == OTHERS:
        return tuple(member for member in members if surname(member.name) not in buttons)
    return tuple(member for member in members if surname(member.name) == chosen)


def pages(count: int) -> int:
    """How many pages so many names take; one at least."""
    return max(1, -(-count // PAGE))


def twins(members: Sequence[RosterMember]) -> frozenset[str]:
    """Ids of those who share their name with somebody; they carry their number below it."""
    counted = Counter(member.name for member in members)
    return frozenset(member.id for member in members if counted[member.name] > 1)
