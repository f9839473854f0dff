"""Notices for tests of the television."""

from datetime import datetime, timedelta

from schedules.wire.messages import NoticeCard, Notices

TEXT = "每亩交四元，受了灾最多赔六百元。\n带身份证到村委会登记。"


def notice(
    name: str,
    published: datetime,
    *,
    version: int = 1,
    text: str = TEXT,
    until: datetime | None = None,
    begins: datetime | None = None,
    important: bool = False,
) -> NoticeCard:
    """A notice that stands from when it was published."""
    return NoticeCard(
        id=name,
        version=version,
        title=f"通知{name}",
        text=text,
        issuer="县农业农村局",
        published_at=published,
        valid_from=begins or published,
        valid_until=until,
        important=important,
    )


def notices_of(count: int, now: datetime) -> Notices:
    """A paper with so many notices, the newest first; every third one fills several pages."""
    cards = (
        notice(f"{place}", now - timedelta(minutes=1 + place), text=TEXT * (1 if place % 3 else 12))
        for place in range(count)
    )
    return Notices(version=str(count), notices=tuple(cards))
