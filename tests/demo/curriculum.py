"""What the imagined year teaches: courses with their lessons, and in which terms each airs when."""

from datetime import time
from typing import Final

PUBLIC: Final = "public"
"""The city's open lesson, on the first Monday of each month; every county shows it."""

_HEALTH = (
    "血压怎么量",
    "盐少一点",
    "冬天护膝",
    "糖尿病吃什么",
    "药要按时吃",
    "跌倒怎么办",
    "春季过敏",
    "看懂体检单",
    "牙齿的事",
    "中风三个信号",
    "老人睡不好",
    "急救电话",
)
_SHEEP = (
    "冬季补饲",
    "青贮怎么喂",
    "羊圈保温",
    "母羊产前",
    "羔羊第一天",
    "羊痘与免疫",
    "驱虫时间表",
    "料怎么配",
    "水槽别结冰",
    "出栏算账",
    "卖羊看行情",
    "合作社养殖",
)
_SOIL = (
    "取一铲好土",
    "土样怎么送",
    "看懂化验单",
    "氮磷钾三样",
    "缺哪样补哪样",
    "盐碱地改良",
    "秸秆还田",
    "有机肥怎么用",
    "水肥一体",
    "追肥看苗",
    "算一亩账",
    "第二年再测",
)
_RICE = (
    "选种与晒种",
    "育秧棚温度",
    "插秧深浅",
    "分蘖期管水",
    "稻瘟病识别",
    "除草不伤苗",
    "抽穗看天",
    "落黄与收割",
    "晾晒入仓",
    "稻渔共生",
    "一亩成本",
    "订单种植",
)
_LAW = (
    "陌生电话别转账",
    "养老保险怎么交",
    "土地流转合同",
    "邻里纠纷调解",
    "假保健品",
    "遗嘱怎么写",
    "民间借贷",
    "交通事故处理",
    "医保报销",
    "低保怎么申请",
    "打工签合同",
    "网购退货",
)
_GREEN = (
    "棚膜换新",
    "棚里通风",
    "番茄育苗",
    "黄瓜霜霉病",
    "滴灌省水",
    "授粉与保果",
    "药剂间隔期",
    "采收分级",
    "冷链与包装",
    "电商卖菜",
    "棚室消毒",
    "茬口安排",
)
_OPEN = (
    "今年的惠农政策",
    "乡村医生说健康",
    "农机安全",
    "法治乡村",
    "春耕动员",
    "水库与防汛",
    "暑期儿童安全",
    "粮食收购",
    "秋收防火",
    "电诈新手法",
    "冬学开课",
    "一年回顾",
    "新年开篇",
)

COURSES: Final[dict[str, tuple[str, str, str, tuple[str, ...]]]] = {
    PUBLIC: ("全市公开课", "政策", "6402", _OPEN),
    "pingluo-sheep": ("滩羊冬季补饲", "养殖", "640221", _SHEEP),
    "pingluo-soil": ("测土配方施肥", "种植", "640221", _SOIL),
    "pingluo-rice": ("水稻一季", "种植", "640221", _RICE),
    "pingluo-health": ("冬季健康", "健康", "640221", _HEALTH),
    "dawukou-green": ("温棚蔬菜", "种植", "640202", _GREEN),
    "dawukou-law": ("身边的法律", "法律", "640202", _LAW),
    "dawukou-health": ("社区健康", "健康", "640202", _HEALTH),
    "huinong-sheep": ("肉羊养殖", "养殖", "640205", _SHEEP),
    "huinong-green": ("设施农业", "种植", "640205", _GREEN),
    "huinong-law": ("防骗与维权", "法律", "640205", _LAW),
}
"""Title, subject, whose layer it stands in, and its lessons in order."""

_EVENING, _LATER, _AFTERNOON = time(19, 30), time(20, 30), time(15, 0)
_WINTER, _SPRING, _SUMMER, _AUTUMN = 11, 3, 6, 9

TERMS: Final = (
    ("pingluo-sheep", _WINTER, 1, _EVENING), ("pingluo-health", _WINTER, 5, _AFTERNOON),
    ("pingluo-soil", _SPRING, 1, _EVENING), ("pingluo-rice", _SPRING, 3, _EVENING),
    ("pingluo-health", _SUMMER, 4, _LATER),
    ("pingluo-sheep", _AUTUMN, 1, _LATER), ("pingluo-soil", _AUTUMN, 3, _EVENING),
    ("dawukou-green", _WINTER, 2, _EVENING), ("dawukou-health", _WINTER, 5, _AFTERNOON),
    ("dawukou-law", _SPRING, 2, _EVENING), ("dawukou-health", _SUMMER, 4, _LATER),
    ("dawukou-green", _AUTUMN, 2, _LATER), ("dawukou-law", _AUTUMN, 4, _EVENING),
    ("huinong-sheep", _WINTER, 3, _EVENING), ("huinong-law", _SPRING, 3, _EVENING),
    ("huinong-green", _SPRING, 1, _EVENING), ("huinong-law", _SUMMER, 4, _LATER),
    ("huinong-sheep", _AUTUMN, 3, _LATER), ("huinong-green", _AUTUMN, 1, _EVENING),
)  # fmt: skip
"""Which course, in which month its term begins, on which weekday (0 is Monday), at which local time."""
