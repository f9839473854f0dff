"""How a station is named after its region, where its people sign in by phone, and what a group of stations is. Pure."""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

MOST_STARS = 5
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_ENDINGS = (("村民委员会", "村"), ("村委会", "村"), ("居民委员会", ""), ("居委会", ""), ("社区委员会", "社区"))


def join_address(public_url: str, token: str) -> str:
    """The page on which the people of a station sign in by phone."""
    return f"{public_url}/join/{token}"


def join_token(address: str) -> str:
    """The secret at the end of such an address; empty where there is none."""
    token = address.rpartition("/")[2]
    return token if join_token_valid(token) else ""


def join_token_valid(token: str) -> bool:
    """Whether it may be such a secret at all."""
    return _TOKEN.fullmatch(token) is not None


def station_name(region_name: str) -> str:
    """马场村委会 -> 马场村, 桥东社区居民委员会 -> 桥东社区; other names stay as they are."""
    for ending, kept in _ENDINGS:
        if region_name.endswith(ending) and region_name != ending:
            return region_name.removesuffix(ending) + kept
    return region_name


KINDS = ("village", "community", "township", "office", "farm", "social", "enterprise")
"""Of stations, in the order in which people read them."""
NAME_MAX = 60


class GroupFault(StrEnum):
    """What speaks against a group as somebody wrote it down."""

    NO_NAME = "no_name"
    NAME_LONG = "name_long"
    NO_REGION = "no_region"
    KIND_UNKNOWN = "kind_unknown"
    NOT_BELOW = "not_below"
    NO_RULE = "no_rule"
    NAME_TAKEN = "name_taken"
    """Found where the groups are, not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWords:
    """What a person decides about a group.

    Attributes:
        region_code: the region that owns it.
        picked: its stations are picked one by one; `kinds` and `below` say nothing then.
        kinds: of the rule; none for all kinds.
        below: of the rule; empty for the whole region.
    """

    region_code: str
    name: str
    picked: bool = True
    kinds: tuple[str, ...] = ()
    below: str = ""

    @property
    def tidied(self) -> "GroupWords":
        """The name on one line, kinds in their order, no rule where stations are picked."""
        kinds = () if self.picked else tuple(sorted(set(self.kinds), key=_place_of_kind))
        below = "" if self.picked or self.below == self.region_code else self.below
        return replace(self, name=one_line(self.name), kinds=kinds, below=below)

    @property
    def root(self) -> str:
        """The region outside of which no station belongs to it."""
        return self.below or self.region_code

    def may_hold(self, region_code: str, kind: str) -> bool:
        """Whether a station that lies there, of this kind, can belong to it: by the rule, it does."""
        return region_code.startswith(self.root) and (not self.kinds or kind in self.kinds)


def group_faults(words: GroupWords) -> tuple[tuple[str, GroupFault], ...]:
    """Everything that is wrong with tidied words, each with the field it is about."""
    outside = bool(words.below) and not words.below.startswith(words.region_code)
    checks = (
        ("name", GroupFault.NO_NAME, not words.name),
        ("name", GroupFault.NAME_LONG, len(words.name) > NAME_MAX),
        ("region_code", GroupFault.NO_REGION, not words.region_code),
        ("kinds", GroupFault.KIND_UNKNOWN, not set(words.kinds) <= set(KINDS)),
        ("below", GroupFault.NOT_BELOW, outside),
        ("kinds", GroupFault.NO_RULE, not words.picked and not words.kinds and not words.below),
    )
    return tuple((field, fault) for field, fault, wrong in checks if wrong)


def one_line(typed: str) -> str:
    """What was typed on one line, without signs that nobody sees."""
    seen = (char if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs") else " " for char in typed)
    return " ".join("".join(seen).split())


def _place_of_kind(kind: str) -> tuple[int, str]:
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), kind)
