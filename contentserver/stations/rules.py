"""How a station is named after its region, and where its people sign in by phone. Pure."""

import re

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
