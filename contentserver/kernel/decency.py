"""What somebody looks at before others read it: abuse, advertising, and numbers by which a person is known. Pure.

Words are looked for in what is left when blanks and signs between the letters are taken out, so that they hide
nothing. What is held back is not lost: somebody passes it on, or does not.
"""

import re
import unicodedata
from typing import Final

ABUSE: Final = [
    "傻逼",
    "傻b",
    "煞笔",
    "沙比",
    "操你",
    "草你",
    "日你",
    "干你",
    "你妈的",
    "他妈的",
    "妈了个",
    "妈的",
    "去死",
    "王八",
    "混蛋",
    "狗日",
    "狗东西",
    "杂种",
    "婊子",
    "滚蛋",
    "白痴",
    "脑残",
    "废物",
    "贱人",
    "人渣",
    "不要脸",
    "fuck",
    "shit",
    "bitch",
    "asshole",
    "cnm",
    "nmsl",
]
ADVERTISING: Final = [
    "加微信",
    "加v信",
    "加qq",
    "刷单",
    "贷款",
    "博彩",
    "赌场",
    "代开发票",
    "点击链接",
    "中奖",
    "http",
    "https",
    "www",
]
_KNOWN_BY: Final = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dx]|\d{16,19})(?!\d)")
_BETWEEN: Final = re.compile(r"[\W_]+")
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\s\-]+(?=\d)")


def doubtful(text: str) -> bool:
    """Whether somebody should look at a text before others read it."""
    plain = unicodedata.normalize("NFKC", text).lower()
    bare = _BETWEEN.sub("", plain)
    latin = set(re.findall(r"[a-z]+", plain))
    if any(word in latin if word.isascii() else word in bare for word in (*ABUSE, *ADVERTISING)):
        return True
    return _KNOWN_BY.search(_BETWEEN_DIGITS.sub("", plain)) is not None
