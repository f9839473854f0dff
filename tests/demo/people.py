"""Accounts and members of the demonstration. All people here are invented."""

from dataclasses import dataclass

COUNTY = "640221"
VILLAGE = "640221203205"
PASSWORD = "yuanjiao-demo"  # printed on the screen for whoever tries the demo


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account; `region` is the root of what the person may touch."""

    username: str
    name: str
    role: str
    region: str
    does: str


ADMIN = DemoAccount("admin", "系统管理员", "system_admin", "", "everything")
EDITOR = DemoAccount("limin", "李敏", "scheduler", COUNTY, "uploads and plans for 平罗县")
REVIEWER = DemoAccount("maxiaofeng", "马晓峰", "reviewer", "6402", "approves what others uploaded")
STAFF = DemoAccount("wanglixin", "王立新", "county_staff", COUNTY, "reads the county's reports")
STATION = DemoAccount("yangguilan", "杨桂兰", "station_admin", VILLAGE, "looks after 马场村's television")
EXPERT = DemoAccount("zhouzhiyuan", "周志远", "expert", COUNTY, "answers what villages ask")
AUDITOR = DemoAccount("heyulan", "何玉兰", "auditor", COUNTY, "reads reports and the audit trail, changes nothing")
ACCOUNTS = (EDITOR, REVIEWER, STAFF, STATION, EXPERT, AUDITOR, ADMIN)

MEMBERS = (
    ("马建国", "101"), ("马秀英", "102"), ("马德福", "103"), ("马志强", "104"), ("马玉兰", "105"), ("马晓东", "106"),
    ("马金花", "107"), ("马永红", "108"), ("马成林", "109"), ("马小燕", "110"), ("王小芳", "0427"), ("王建军", "112"),
    ("李玉梅", "113"), ("李长生", "114"), ("杨立业", "115"), ("张彩霞", "116"), ("丁学军", "117"), ("赵桂香", "118"),
    ("吴海燕", "119"), ("田宝成", "120"), ("周兰英", "121"), ("陈志明", "122"), ("何秀兰", "123"), ("韩东升", "124"),
)  # fmt: skip
SIGNING_IN = ("0427", "101", "105")
"""The numbers that the unattended demo types on the remote."""
