"""Words of notices for tests."""

from msgspec.structs import replace

from contentserver.notices.rules import NoticeWords

COUNTY, TOWNSHIP = "640221", "640221203"


def words(**changes: object) -> NoticeWords:
    """A notice of the county about insurance, without an end."""
    usual = NoticeWords(
        regions=(COUNTY,),
        title="冬小麦保险开始登记",
        text="每亩交四元，受了灾最多赔六百元。\n带身份证和一卡通到村委会登记。",
        issuer="县农业农村局",
    )
    return replace(usual, **changes)
