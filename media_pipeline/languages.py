"""Names of languages for people, each in itself. Pure. Tags are BCP 47."""

import re

TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NAMES = {
    "zh": "中文",
    "zh-CN": "简体中文",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "en": "English",
    "hui": "回族话",
    "ug": "ئۇيغۇرچە",
    "bo": "བོད་སྐད་",
    "mn": "ᠮᠣᠩᠭᠣᠯ",
    "kk": "قازاقشا",
    "za": "Vahcuengh",
    "ii": "ꆈꌠꉙ",
    "yue": "粤语",
    "hsn": "湘语",
    "nan": "闽南语",
    "wuu": "吴语",
    "hak": "客家话",
    "gan": "赣语",
}


def name(tag: str) -> str:
    """The language in its own words, as near as it is known here (`zh-Hant-HK` as `zh-Hant`); else the tag itself."""
    known = tag
    while known and known not in _NAMES:
        known = known.rpartition("-")[0]
    return _NAMES.get(known, tag)
