"""What the three sample lessons say: captions as written, and the same words in pinyin for the voice.

One act is one slide; one line is one caption. Pictures are in `soil.py`, `sheep.py` and `fraud.py`, one slide per act.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: as captioned, and as spoken (pinyin with tone numbers, changed tones written as heard)."""

    text: str
    say: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson to record."""

    slug: str
    course_title: str
    lesson_title: str
    number: int
    subject: str
    audience: str
    summary: str
    acts: tuple[tuple[Line, ...], ...]


SOIL = Lesson(
    slug="soil-test",
    course_title="测土配方施肥",
    lesson_title="看懂化验单",
    number=3,
    subject="种植",
    audience="种水稻的农户",
    summary="水稻田怎么取土，化验单上的氮、磷、钾怎么看，肥料每亩用多少、分几次施。",
    acts=(
        (
            Line(
                "乡亲们好，今天是测土配方施肥第三讲。",
                "xiang1 qin1 men5 hao3, jin1 tian1 shi4 ce4 tu3 pei4 fang1 shi1 fei2 di4 san1 jiang3.",
            ),
            Line("咱们一起学看水稻田的化验单。", "zan2 men5 yi4 qi3 xue2 kan4 shui3 dao4 tian2 de5 hua4 yan4 dan1."),
        ),
        (
            Line(
                "先说取土：一块田走之字形，\n取15个点。",
                "xian1 shuo1 qu2 tu3, yi2 kuai4 tian2 zou3 zhi1 zi4 xing2, qu3 shi2 wu3 ge4 dian3.",
            ),
            Line(
                "每点挖到20厘米，混匀以后留1公斤。",
                "mei2 dian3 wa1 dao4 er4 shi2 li2 mi3, hun4 yun2 yi3 hou4 liu2 yi4 gong1 jin1.",
            ),
        ),
        (
            Line("化验单上先看氮、磷、钾三样。", "hua4 yan4 dan1 shang4 xian1 kan4 dan4, lin2, jia3 san1 yang4."),
            Line("碱解氮62，偏低，要补氮肥。", "jian2 jie3 dan4 liu4 shi2 er4, pian1 di1, yao4 bu3 dan4 fei2."),
            Line(
                "有效磷18，正好，照常施就行。", "you3 xiao4 lin2 shi2 ba1, zheng4 hao3, zhao4 chang2 shi1 jiu4 xing2."
            ),
            Line(
                "速效钾243，够了，今年不施钾。",
                "su4 xiao4 jia3 er4 bai3 si4 shi2 san1, gou4 le5, jin1 nian2 bu4 shi1 jia3.",
            ),
        ),
        (
            Line(
                "每亩用尿素22公斤，\n磷酸二铵10公斤。",
                "mei2 mu3 yong4 niao4 su4 er4 shi2 er4 gong1 jin1, lin2 suan1 er4 an3 shi2 gong1 jin1.",
            ),
            Line(
                "尿素分三次施：底肥一半，\n分蘖三成，孕穗两成。",
                "niao4 su4 fen1 san1 ci4 shi1, di3 fei2 yi2 ban4, fen1 nie4 san1 cheng2, yun4 sui4 liang3 cheng2.",
            ),
        ),
        (
            Line(
                "记住一句话：缺哪样补哪样，\n不缺的不多施。",
                "ji4 zhu4 yi2 ju4 hua4, que1 na3 yang4 bu3 na3 yang4, bu4 que1 de5 bu4 duo1 shi1.",
            ),
            Line(
                "单子看不懂，就拿到站点来，\n我们帮您看。",
                "dan1 zi5 kan4 bu4 dong3, jiu4 na2 dao4 zhan4 dian3 lai2, wo3 men5 bang1 nin2 kan4.",
            ),
        ),
    ),
)

SHEEP = Lesson(
    slug="winter-sheep",
    course_title="滩羊养殖",
    lesson_title="滩羊冬季补饲",
    number=1,
    subject="养殖",
    audience="养滩羊的农户",
    summary="母羊在不同阶段每天喂多少精料，精料怎么配，换料、饮水、羊圈要注意什么。",
    acts=(
        (
            Line(
                "冬天草枯了，光靠放牧，母羊要掉膘。",
                "dong1 tian1 cao3 ku1 le5, guang1 kao4 fang4 mu4, mu3 yang2 yao4 diao4 biao1.",
            ),
            Line("今天讲滩羊冬季怎么补饲。", "jin1 tian1 jiang3 tan1 yang2 dong1 ji4 zen3 me5 bu3 si4."),
        ),
        (
            Line(
                "先看母羊在哪个阶段，再定喂多少。",
                "xian1 kan4 mu3 yang2 zai4 na3 ge5 jie1 duan4, zai4 ding4 wei4 duo1 shao5.",
            ),
            Line(
                "怀羔前三个月，每天精料0.2公斤。",
                "huai2 gao1 qian2 san1 ge5 yue4, mei3 tian1 jing1 liao4 ling2 dian3 er4 gong1 jin1.",
            ),
            Line(
                "怀羔后两个月，羔长得快，\n加到0.4公斤。",
                "huai2 gao1 hou4 liang3 ge5 yue4, gao1 zhang3 de5 kuai4, jia1 dao4 ling2 dian3 si4 gong1 jin1.",
            ),
            Line(
                "下羔以后要产奶，每天0.5公斤。",
                "xia4 gao1 yi3 hou4 yao4 chan2 nai3, mei3 tian1 ling2 dian2 wu3 gong1 jin1.",
            ),
        ),
        (
            Line(
                "自己配精料：玉米六成，豆粕两成。",
                "zi4 ji3 pei4 jing1 liao4, yu4 mi3 liu4 cheng2, dou4 po4 liang3 cheng2.",
            ),
            Line(
                "麸皮一成半，剩下半成是预混料和盐。",
                "fu1 pi2 yi4 cheng2 ban4, sheng4 xia4 ban4 cheng2 shi4 yu4 hun4 liao4 he2 yan2.",
            ),
        ),
        (
            Line(
                "换料要慢，用七到十天，一点一点换。",
                "huan4 liao4 yao4 man4, yong4 qi1 dao4 shi2 tian1, yi4 dian3 yi4 dian3 huan4.",
            ),
            Line("水要喝温的，发霉的草不能喂。", "shui3 yao4 he1 wen1 de5, fa1 mei2 de5 cao3 bu4 neng2 wei4."),
            Line(
                "圈里要干，夜里要挡风，羊才不费料。",
                "juan4 li3 yao4 gan1, ye4 li3 yao4 dang3 feng1, yang2 cai2 bu2 fei4 liao4.",
            ),
        ),
        (
            Line(
                "母羊膘情好，羔羊壮，开春成活多。",
                "mu3 yang2 biao1 qing2 hao3, gao1 yang2 zhuang4, kai1 chun1 cheng2 huo2 duo1.",
            ),
        ),
    ),
)

FRAUD = Lesson(
    slug="phone-fraud",
    course_title="平安到家",
    lesson_title="手机防诈骗三招",
    number=2,
    subject="生活",
    audience="会用手机的老人和家里人",
    summary="骗子常说的两句话，不点、不说、不转三招，接到96110怎么办，钱转出去了怎么办。",
    acts=(
        (
            Line(
                "手机一响，先别慌，今天学防诈骗三招。",
                "shou3 ji1 yi4 xiang3, xian1 bie2 huang1, jin1 tian1 xue2 fang2 zha4 pian4 san1 zhao1.",
            ),
        ),
        (
            Line(
                "骗子常说：您孩子出事了，快转钱。",
                "pian4 zi5 chang2 shuo1, nin2 hai2 zi5 chu1 shi4 le5, kuai4 zhuan3 qian2.",
            ),
            Line(
                "还有的说：医保卡停用，点链接恢复。",
                "hai2 you3 de5 shuo1, yi1 bao2 ka3 ting2 yong4, dian3 lian4 jie1 hui1 fu4.",
            ),
            Line("这两句话都是鱼饵，钩子在后头。", "zhe4 liang3 ju4 hua4 dou1 shi4 yu2 er3, gou1 zi5 zai4 hou4 tou5."),
        ),
        (
            Line(
                "第一招，不点。陌生链接，一律不点开。",
                "di4 yi1 zhao1, bu4 dian3. mo4 sheng1 lian4 jie1, yi2 lü4 bu4 dian3 kai1.",
            ),
            Line(
                "第二招，不说。验证码就是钥匙，\n谁要都不给。",
                "di4 er4 zhao1, bu4 shuo1. yan4 zheng4 ma3 jiu4 shi4 yao4 shi5, shui2 yao4 dou1 bu4 gei3.",
            ),
            Line(
                "第三招，不转。凡是催您转账的，\n先挂断。",
                "di4 san1 zhao1, bu4 zhuan3. fan2 shi4 cui1 nin2 zhuan3 zhang4 de5, xian1 gua4 duan4.",
            ),
        ),
        (
            Line(
                "挂断以后，打家里人的老号码问一问。",
                "gua4 duan4 yi3 hou4, da3 jia1 li3 ren2 de5 lao3 hao4 ma3 wen4 yi5 wen4.",
            ),
            Line(
                "来电是96110，那是反诈中心，\n一定要接。",
                "lai2 dian4 shi4 jiu3 liu4 yao1 yao1 ling2, na4 shi4 fan3 zha4 zhong1 xin1, yi2 ding4 yao4 jie1.",
            ),
            Line(
                "钱已经转了，马上打110，越快越好。",
                "qian2 yi3 jing1 zhuan3 le5, ma3 shang4 da3 yao1 yao1 ling2, yue4 kuai4 yue4 hao3.",
            ),
        ),
        (
            Line(
                "不点、不说、不转，守住咱们的血汗钱。",
                "bu4 dian3, bu4 shuo1, bu4 zhuan3, shou3 zhu4 zan2 men5 de5 xue4 han4 qian2.",
            ),
        ),
    ),
)

LESSONS = (SOIL, SHEEP, FRAUD)
