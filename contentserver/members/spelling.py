"""By what a member is found: every word that one may begin to type, in characters, pinyin, initials, digits. Pure.

王小芳 is found by 王小 and 小芳, by wangxiao and xiaof, by wxf and xf, by the beginning of her number. Surnames are
read as surnames are (单 Shan, 曾 Zeng); a character of a given name that has several readings, by each.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import islice, product
from typing import Final

from pypinyin import Style, pinyin

TERM_CHARS: Final = 120
_PART: Final = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W_\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_READINGS: Final = 6
"""So many ways to read one given name are kept at most."""
_SURNAMES: Final = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "朴": "piao", "翟": "zhai",
    "盖": "ge", "乐": "yue", "任": "ren", "葛": "ge", "华": "hua", "缪": "miao", "覃": "qin", "冼": "xian",
    "宁": "ning", "折": "she", "种": "chong", "秘": "bi", "黑": "he", "员": "yun", "燕": "yan", "纪": "ji",
    "祭": "zhai", "幺": "yao", "那": "na", "晁": "chao", "召": "shao", "谌": "chen", "隗": "wei", "牟": "mu",
    "郇": "xun", "於": "yu", "哈": "ha", "繁": "po", "句": "gou", "阚": "kan", "褚": "chu", "佴": "nai",
    "薄": "bo", "卜": "bu", "石": "shi", "车": "che", "俞": "yu", "柏": "bai", "贾": "jia", "沈": "shen",
    "盛": "sheng", "冯": "feng", "都": "du", "尹": "yin", "尉": "wei", "洗": "xian", "长": "chang", "重": "chong",
    "令": "ling", "万": "wan", "曲": "qu", "相": "xiang", "過": "guo", "过": "guo", "应": "ying", "洪": "hong",
    "逄": "pang", "訾": "zi", "藏": "zang", "臧": "zang", "晏": "yan", "伍": "wu", "行": "xing", "见": "jian",
}  # fmt: skip
_DOUBLE: Final = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "令狐": ("ling", "hu"),
    "单于": ("chan", "yu"), "澹台": ("tan", "tai"), "欧阳": ("ou", "yang"), "司马": ("si", "ma"),
    "诸葛": ("zhu", "ge"), "上官": ("shang", "guan"), "夏侯": ("xia", "hou"), "皇甫": ("huang", "fu"),
    "慕容": ("mu", "rong"), "呼延": ("hu", "yan"), "宇文": ("yu", "wen"), "轩辕": ("xuan", "yuan"),
    "公孙": ("gong", "sun"), "东方": ("dong", "fang"), "独孤": ("du", "gu"), "南宫": ("nan", "gong"),
    "闻人": ("wen", "ren"), "钟离": ("zhong", "li"), "端木": ("duan", "mu"), "申屠": ("shen", "tu"),
}  # fmt: skip
"""Surnames of two characters; those of 尉迟, 万俟, 长孙, 单于 and 澹台 are read as nowhere else."""


def terms_of(name: str, number: str) -> frozenset[str]:
    """Every term of a member: what one types is the beginning of one of them. None is the beginning of another one."""
    found = {number} if number.isdigit() else set()
    parts = _parts(name)
    found |= _endings(parts)
    for syllables in _readings(parts):
        found |= _endings(syllables) | _endings([one[0] for one in syllables])
        if any("v" in one for one in syllables):
            found |= _endings([one.replace("v", "yu") for one in syllables])
    written = sorted({one[:TERM_CHARS] for one in found}, reverse=True)
    longest = [one for place, one in enumerate(written) if not place or not written[place - 1].startswith(one)]
    return frozenset(longest)


def typed(words: str) -> str:
    """What somebody typed, or a name, without what makes no difference: width, case, spaces, points, the ü."""
    return "".join(_parts(words))


def _parts(name: str) -> list[str]:
    """Characters one by one; other letters and digits word by word."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("ü", "v")
    plain = (one for one in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(one))
    return _PART.findall("".join(plain))


def _endings(parts: list[str]) -> set[str]:
    return {"".join(parts[place:]) for place in range(len(parts))}


def _readings(parts: list[str]) -> list[list[str]]:
    """The ways in which a name is read, part by part; what has no reading stands for itself."""
    surname = _surname(parts)
    options = [[one] for one in surname]
    for part in parts[len(surname) :]:
        options.append(_read(part))
    return [list(one) for one in islice(product(*options), _READINGS)] if parts else []


def _read(part: str) -> list[str]:
    found = pinyin(part, style=Style.NORMAL, heteronym=True, errors="default")
    return list(dict.fromkeys(filter(None, found[0]))) if found else [part]


def _surname(parts: list[str]) -> Sequence[str]:
    if len(parts) > 2 and (double := _DOUBLE.get("".join(parts[:2]))):
        return double
    if not parts:
        return ()
    return (_SURNAMES.get(parts[0]) or _read(parts[0])[0],)
