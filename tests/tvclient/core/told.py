"""Notices for tests of the television."""

from datetime import datetime, timedelta

import msgspec

from schedules.wire.messages import DocumentCard, Documents, NoticeCard, Notices, ReplyWay

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


def document(name: str, sent: datetime, **more: object) -> DocumentCard:
    """A document that was sent to the station; without more, to be read alone."""
    text = str(more.pop("text", TEXT))
    usual = DocumentCard(id=name, version=1, title=f"文件{name}", text=text, issuer="平罗县", sent_at=sent)
    return msgspec.structs.replace(usual, **more)


def documents_of(count: int, now: datetime) -> Documents:
    """A paper with so many documents, the newest first: long and short ones, some to answer, some recalled."""
    cards = (
        document(
            f"{place}",
            now - timedelta(minutes=1 + place),
            text=TEXT * (12 if place % 3 == 0 else 1),
            reply=(ReplyWay.KEYS, ReplyWay.NONE, ReplyWay.ELSEWHERE)[place % 3],
            options=("能按期", "有困难", "要帮忙")[: 2 + place % 2] if place % 3 == 0 else (),
            recalled="数字有误" if place % 5 == 4 else "",
        )
        for place in range(count)
    )
    return Documents(version=str(count), documents=tuple(cards))
