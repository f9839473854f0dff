"""Slides of the winter feeding lesson: sheep under the moon, how much by stage, what is in the feed, three cares."""

from collections.abc import Callable
from random import Random

from PIL import Image

from tests.demo.samples.brush import HEIGHT, WIDTH, Canvas, curve, eased
from tests.demo.samples.stage import BLUE, GREEN, INK, ORANGE, SOFT_INK, Slide, board, paste, revealed, room, title

_STAGES = (("怀羔前三个月", 0.2, "#8FB26B"), ("怀羔后两个月", 0.4, GREEN), ("下羔以后", 0.5, ORANGE))
_FEED = (("玉米", 60, "#D99A2B"), ("豆粕", 20, "#9C6B3A"), ("麸皮", 15, "#C7A97A"), ("预混料和盐", 5, BLUE))
_CARES = (
    ("换料要慢", "七到十天换完", GREEN),
    ("水要温，草要干净", "不喂冰水和霉草", BLUE),
    ("圈干，挡风", "羊不冷，省饲料", ORANGE),
)


def slides() -> list[Slide]:
    """One slide per act."""
    return [_title(), _amounts(), _mixture(), _cares(), _closing()]


def night(canvas: Canvas) -> None:
    """Moon, stars, far mountains, a dark pasture."""
    canvas.gradient((0, 0, WIDTH, 620), "#10263D", "#3C6482")
    random = Random(7)
    for _ in range(150):
        size = random.uniform(0.8, 2.6)
        canvas.ellipse(random.uniform(0, WIDTH), random.uniform(0, 480), size, size, "#F7F0E4B0")
    canvas.glow(1180, 250, 470, "#F5E3A8", 0.62)
    canvas.ellipse(1180, 250, 122, 122, "#FBEBB8")
    for x, y, r in ((1140, 220, 24), (1214, 300, 30), (1222, 206, 14), (1150, 312, 12), (1108, 276, 10)):
        canvas.ellipse(x, y, r, r, "#EBD592")
    far = curve(
        (0, 560), (220, 470), (430, 520), (700, 430), (960, 540), (1250, 450), (1500, 520), (1720, 440), (WIDTH, 520)
    )
    canvas.polygon([*far, (WIDTH, 700), (0, 700)], "#2B4C66")
    mid = curve((0, 600), (300, 560), (640, 610), (980, 560), (1340, 615), (1640, 570), (WIDTH, 600))
    canvas.polygon([*mid, (WIDTH, 760), (0, 760)], "#213C50")
    hill = curve((0, 720), (420, 650), (900, 690), (1400, 625), (WIDTH, 660))
    canvas.polygon([*hill, (WIDTH, HEIGHT), (0, HEIGHT)], "#3B5B3C")
    front = curve((0, 830), (500, 770), (1000, 800), (1500, 740), (WIDTH, 770))
    canvas.polygon([*front, (WIDTH, HEIGHT), (0, HEIGHT)], "#2F4A30")
    canvas.gradient((0, 800, WIDTH, HEIGHT), "#1B2E1C00", "#16251AE0")
    for _ in range(420):
        left, foot = random.uniform(0, WIDTH), random.uniform(800, 1070)
        tall = 8 + (foot - 760) / 16
        canvas.line([(left, foot), (left + random.uniform(-6, 6), foot - tall)], 2.4, "#6B8B55A0")


def sheep(scale: float, *, left: bool = False) -> Image.Image:
    """One Tan sheep, black head and white wool, looking right unless `left`; fine, not yet reduced."""
    canvas = Canvas(round(300 * scale), round(250 * scale))

    def blob(x: float, y: float, rx: float, ry: float, fill: str) -> None:
        canvas.ellipse(x * scale, y * scale, rx * scale, ry * scale, fill)

    blob(140, 236, 110, 12, "#0C170E70")
    for x in (88, 118, 166, 196):
        canvas.panel(((x - 9) * scale, 170 * scale, (x + 9) * scale, 236 * scale), 6 * scale, "#2A211B")
    for shade, drop in (("#D9CBB2", 8), ("#F8F0E0", 0)):
        for x, y, r in (
            (72, 130, 46),
            (104, 98, 48),
            (146, 90, 50),
            (186, 104, 46),
            (206, 138, 42),
            (168, 160, 48),
            (118, 164, 50),
            (84, 156, 40),
        ):
            blob(x, y + drop, r, r * 0.94, shade)
    for x, y in ((92, 118), (132, 106), (172, 122), (112, 150), (156, 148)):
        canvas.arc(
            ((x - 16) * scale, (y - 12) * scale, (x + 16) * scale, (y + 14) * scale), 200, 350, 4 * scale, "#DDD0B8"
        )
    blob(202, 96, 30, 12, "#2A211B")
    blob(240, 112, 34, 42, "#2F251E")
    blob(254, 136, 24, 24, "#2F251E")
    blob(222, 78, 26, 20, "#F8F0E0")
    blob(240, 72, 20, 16, "#F8F0E0")
    blob(248, 104, 6, 6, "#F7F0E4")
    blob(249, 105, 3, 3, "#15120E")
    canvas.line([(258 * scale, 146 * scale), (270 * scale, 142 * scale)], 3 * scale, "#6E5A4A")
    return canvas.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if left else canvas.image


def _snow(count: int, from_x: int, to_x: int, to_y: int) -> Callable[[Image.Image, float], None]:
    random = Random(count)
    flakes = []
    for size in (3, 4, 6):
        flake = Canvas(size * 2, size * 2)
        flake.ellipse(size, size, size - 0.5, size - 0.5, "#F7F0E4C0")
        flakes.append(flake.finish())
    seeds = [
        (random.randrange(3), random.uniform(from_x, to_x), random.random(), random.uniform(0.05, 0.1))
        for _ in range(count)
    ]

    def fall(frame: Image.Image, at_s: float) -> None:
        for kind, x, start, speed in seeds:
            share = (start + at_s * speed) % 1
            paste(frame, flakes[kind], x + 60 * share - 30 * eased(abs(share * 4 % 2 - 1)), to_y * share - 20)

    return fall


def _title() -> Slide:
    canvas = Canvas(fill="#10263D")
    night(canvas)
    canvas.put(sheep(0.5, left=True), 1380, 628)
    canvas.put(sheep(0.62), 1030, 660)
    canvas.put(sheep(0.56), 1700, 610)
    canvas.put(sheep(1.02, left=True), 1560, 720)
    canvas.put(sheep(0.9), 1180, 760)
    title(canvas, "滩羊养殖", "滩羊冬季补饲", "第一讲 · 母羊不掉膘")
    picture = canvas.finish()
    fall = _snow(70, 700, WIDTH, HEIGHT - 20)

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        fall(frame, at_s)

    return Slide((picture, picture), live)


def _beside(canvas: Canvas) -> Callable[[Image.Image, float], None]:
    """A window with the night outside, a ewe and her lamb before it; what moves there."""
    canvas.panel((1330, 110, 1790, 520), 14, "#6D4A2B")
    canvas.gradient((1350, 130, 1770, 500), "#10263D", "#3C6482")
    canvas.glow(1660, 220, 100, "#F5E3A8", 0.5)
    canvas.ellipse(1660, 220, 46, 46, "#FBEBB8")
    hills = curve((1350, 430), (1450, 380), (1560, 420), (1680, 370), (1770, 410), steps=10)
    canvas.polygon([*hills, (1770, 500), (1350, 500)], "#213C50")
    canvas.line([(1560, 130), (1560, 500)], 12, "#6D4A2B")
    canvas.line([(1350, 315), (1770, 315)], 12, "#6D4A2B")
    canvas.panel((1300, 510, 1820, 538), 8, "#8A5F38")
    canvas.ellipse(1570, 950, 330, 34, "#0F0D0A90")
    for number in range(34):
        x = 1290 + number * 17
        canvas.line([(x, 966), (x + (number * 37 % 50) - 25, 926 + number * 13 % 26)], 4, "#C9A55E")
    canvas.put(sheep(1.5, left=True), 1330, 575)
    canvas.put(sheep(0.72, left=True), 1296, 785)
    random = Random(3)
    flake = Canvas(8, 8)
    flake.ellipse(4, 4, 3.4, 3.4, "#F7F0E4D0")
    small = flake.finish()
    seeds = [(random.uniform(1356, 1756), random.random(), random.uniform(0.12, 0.2)) for _ in range(26)]

    def snow(frame: Image.Image, at_s: float) -> None:
        for x, start, speed in seeds:
            y = 132 + 356 * ((start + at_s * speed) % 1)
            if abs(y - 311) > 14 and abs(x - 1556) > 14:
                paste(frame, small, x, y)

    return snow


def _amounts() -> Slide:
    canvas = room()
    snow = _beside(canvas)
    board(canvas, "每天补多少精料", "一只母羊 · 公斤 · 另加干草一公斤多")
    canvas.line([(420, 720), (1170, 720)], 3, "#CDBFA5")
    bars = []
    for number, (name, kilos, colour) in enumerate(_STAGES):
        y = 350 + number * 128
        canvas.text(396, y + 16, name, 38, INK, bold=True, anchor="rs")
        canvas.panel((420, y - 32, 1060, y + 32), 8, "#E9DFCB")
        bar = Canvas(round(1240 * kilos), 64)
        bar.panel((0, 0, bar.width, 64), 8, colour)
        bars.append((bar.finish(), 420, y - 32))
    for mark in range(6):
        x = 420 + mark * 124
        canvas.line([(x, 720), (x, 732)], 3, "#CDBFA5")
        canvas.text(x, 768, f"{mark / 10:g}", 28, SOFT_INK, anchor="ms")

    def figure(number: int) -> Callable[[Canvas], None]:
        def write(page: Canvas) -> None:
            page.text(1088, 368 + number * 128, f"{_STAGES[number][1]}", 54, INK, bold=True)

        return write

    states = revealed(canvas, *(figure(number) for number in range(3)))

    def live(frame: Image.Image, line: int, in_line_s: float, at_s: float) -> None:
        snow(frame, at_s)
        for number, (bar, x, y) in enumerate(bars):
            share = eased(in_line_s / 1.6) if number == line - 1 else float(number < line - 1)
            if share:
                paste(frame, bar.crop((0, 0, max(round(bar.width * share), 1), bar.height)), x, y)

    return Slide(states, live)


def _mixture() -> Slide:
    canvas = room()
    snow = _beside(canvas)
    board(canvas, "自己配精料", "一百公斤里放多少")

    def parts(first: int, last: int) -> Callable[[Canvas], None]:
        def write(page: Canvas) -> None:
            for number in range(first, last):
                name, kilos, colour = _FEED[number]
                y = 336 + number * 112
                page.panel((560, y - 34, 628, y + 34), 14, colour)
                page.text(660, y + 18, name, 46, INK, bold=True)
                page.text(1010, y + 18, f"{kilos}", 50, INK, bold=True, anchor="rs")
                page.text(1026, y + 16, "公斤", 34, SOFT_INK)
            _pie(page, last)

        return write

    parts(0, 2)(canvas)
    states = revealed(canvas, parts(2, 4))

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        snow(frame, at_s)

    return Slide(states, live)


def _pie(page: Canvas, shown: int) -> None:
    page.ellipse(340, 520, 178, 178, "#E3D8C2")
    at = -90.0
    for _, kilos, colour in _FEED[:shown]:
        page.slice((340, 520), 178, at, at + 3.6 * kilos, colour)
        at += 3.6 * kilos
    page.ellipse(340, 520, 84, 84, "#F8F0E1")
    page.text(340, 538, "100", 48, INK, bold=True, anchor="ms")


def _cares() -> Slide:
    canvas = room()
    snow = _beside(canvas)
    board(canvas, "三件事要细心", "")

    def care(number: int) -> Callable[[Canvas], None]:
        head, note, colour = _CARES[number]
        y = 292 + number * 166

        def write(page: Canvas) -> None:
            page.panel((150, y, 1162, y + 144), 18, "#FFFDF6")
            page.panel((150, y, 162, y + 144), 6, colour)
            page.ellipse(236, y + 72, 44, 44, colour)
            page.text(236, y + 88, str(number + 1), 48, "#FFFDF6", bold=True, anchor="ms")
            page.text(312, y + 66, head, 50, INK, bold=True)
            page.text(312, y + 118, note, 38, SOFT_INK)

        return write

    care(0)(canvas)
    states = revealed(canvas, care(1), care(2))

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        snow(frame, at_s)

    return Slide(states, live)


def _closing() -> Slide:
    canvas = Canvas(fill="#10263D")
    night(canvas)
    canvas.put(sheep(0.9), 300, 760)
    canvas.put(sheep(0.6), 180, 850)
    canvas.put(sheep(1.0, left=True), 1400, 740)
    canvas.put(sheep(0.6, left=True), 1290, 850)
    canvas.gradient((0, 0, WIDTH, HEIGHT), "#0B1622B0", "#0B162218")
    canvas.text(960, 420, "母羊膘情好", 116, "#F7F0E4", bold=True, anchor="ms")
    canvas.text(960, 580, "开春羔羊壮", 116, "#E8D9A8", bold=True, anchor="ms")
    fall = _snow(110, 0, WIDTH, HEIGHT - 20)

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        fall(frame, at_s)

    return Slide((canvas.finish(),), live)
