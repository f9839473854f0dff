"""How a station is named after its region. Pure."""

_ENDINGS = (("村民委员会", "村"), ("村委会", "村"), ("居民委员会", ""), ("居委会", ""), ("社区委员会", "社区"))


def station_name(region_name: str) -> str:
    """马场村委会 -> 马场村, 桥东社区居民委员会 -> 桥东社区; other names stay as they are."""
    for ending, kept in _ENDINGS:
        if region_name.endswith(ending) and region_name != ending:
            return region_name.removesuffix(ending) + kept
    return region_name
