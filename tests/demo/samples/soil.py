"""Slides of the soil testing lesson: dawn over a field, where to dig, the laboratory's sheet, what to spread."""

from collections.abc import Callable

from PIL import Image

from tests.demo.samples.brush import HEIGHT, WIDTH, Canvas, Point, eased
from tests.demo.samples.stage import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    SOFT_INK,
    Slide,
    board,
    lecturer,
    paste,
    revealed,
    room,
    title,
)

_HORIZON = 540
_ROWS = (
    ("碱解氮", 62, 240, (100, 150), ORANGE, "偏低", "#96470F"),
    ("有效磷", 18, 45, (10, 25), GREEN, "正好", "#3D6A26"),
    ("速效钾", 243, 280, (100, 170), BLUE, "够了", "#24506E"),
)
_BAR = (330, 620)


def slides() -> list[Slide]:
    """One slide per act."""
    return [_title(), _digging(), _sheet(), _spreading(), _closing()]


def field(canvas: Canvas) -> None:
    """Sunrise over furrows that meet at the horizon, with rows of seedlings."""
    canvas.gradient((0, 0, WIDTH, _HORIZON), "#3E5D6E", "#E9B978")
    canvas.glow(1030, 400, 620, "#FFE3A0", 0.9)
    canvas.ellipse(1030, 420, 138, 138, "#FFF1C9")
    far: list[Point] = [(0, 452), (190, 470), (420, 400), (640, 470), (800, 478), (900, 414), (1010, 420), (1150, 380)]
    far += [(1250, 384), (1400, 452), (1530, 470), (1700, 400), (1800, 372), (WIDTH, 420), (WIDTH, 560), (0, 560)]
    canvas.polygon(far, "#B8897A")
    near: list[Point] = [
        (0, 500),
        (300, 478),
        (560, 510),
        (830, 490),
        (920, 455),
        (1060, 470),
        (1300, 462),
        (1500, 486),
    ]
    near += [(1640, 466), (1800, 450), (WIDTH, 462), (WIDTH, 560), (0, 560)]
    canvas.polygon(near, "#8C665C")
    canvas.gradient((0, _HORIZON - 8, WIDTH, HEIGHT), "#C68A4B", "#3E2213")
    meet = 1060
    for number in range(-15, 16):
        left, right = meet + number * 250 - 70, meet + number * 250 + 70
        top = meet + number * 30
        canvas.polygon([(top - 2, _HORIZON), (top + 2, _HORIZON), (right, HEIGHT), (left, HEIGHT)], "#3A1E1066")
    canvas.gradient((0, _HORIZON - 8, WIDTH, 700), "#E7A95C88", "#E7A95C00")
    for depth in range(1, 11):
        share = (depth / 10) ** 2
        for number in range(-15, 16):
            x = meet + (number + 0.5) * (30 + 220 * share)
            seedling(canvas, x, _HORIZON + 10 + 510 * share, 5 + 34 * share)


def seedling(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Two leaves."""
    leaf = [(0.0, 0.0), (-0.55, -0.15), (-0.95, -0.62), (-0.98, -1.0), (-0.5, -0.86), (-0.12, -0.45)]
    canvas.polygon([(x + px * size, y + py * size) for px, py in leaf], "#9CC46A")
    canvas.polygon([(x - px * size * 0.85, y + py * size * 1.1) for px, py in leaf], "#7DAA4E")


def tubes(canvas: Canvas, x: float, y: float) -> None:
    """Three test tubes of soil and water in a wooden rack; `x`, `y` is the middle of its foot."""
    canvas.ellipse(x, y + 6, 400, 40, "#1E0F0870")
    canvas.panel((x - 318, y - 320, x - 288, y), 4, "#C79A5C")
    canvas.panel((x + 288, y - 320, x + 318, y), 4, "#C79A5C")
    layers = (
        (-190, 700, (("#3C2416", 350), ("#4E2E1B", 240), ("#2C1A10", 130))),
        (0, 770, (("#B9803F", 430), ("#96552A", 340), ("#7A3C1D", 180))),
        (190, 640, (("#D8C684", 290), ("#C2AB66", 230), ("#A88F4E", 120))),
    )
    for shift, tall, soils in layers:
        _tube(canvas, x + shift, y - 24, tall, soils)
    canvas.panel((x - 340, y - 330, x + 340, y - 288), 20, "#E9C98B")
    canvas.panel((x - 340, y - 296, x + 340, y - 284), 6, "#9B6B35")
    canvas.panel((x - 356, y - 24, x + 356, y + 18), 20, "#DDBB7C")


def _tube(canvas: Canvas, x: float, foot: float, tall: float, soils: tuple[tuple[str, int], ...]) -> None:
    half = 76
    canvas.panel((x - half, foot - tall, x + half, foot), half, "#FFF8E81F", "#FFF6E2", 7)
    for colour, height in soils:
        top = foot - height
        if height > half * 2:
            canvas.polygon(
                [(x - half + 7, top), (x + half - 7, top), (x + half - 7, foot - 76), (x - half + 7, foot - 76)], colour
            )
        canvas.ellipse(x, top, half - 7, 13, colour)
        canvas.ellipse(x, foot - half, half - 7, half - 7, colour)
        canvas.ellipse(x, top, half - 8, 12, "#FFFFFF22")
    canvas.panel((x - half + 22, foot - tall + 30, x - half + 44, foot - 90), 11, "#FFFFFF38")
    canvas.panel((x - 94, foot - tall - 18, x + 94, foot - tall + 16), 17, "#FFF8E6")


def _title() -> Slide:
    canvas = Canvas(fill="#3E2213")
    field(canvas)
    tubes(canvas, 1530, 1000)
    title(canvas, "测土配方施肥", "看懂化验单", "第三讲 · 水稻")
    picture = canvas.finish()
    glint = Canvas(26, 330)
    glint.panel((4, 4, 22, 326), 9, "#FFFFFF50")
    bubble = Canvas(22, 22)
    bubble.ring(11, 11, 9, 3, "#FFF6E2B0")
    small, shine = bubble.finish(), glint.finish()

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        for number, (x, low, high) in enumerate(((1340, 620, 400), (1530, 540, 270), (1720, 680, 440))):
            for other in range(3):
                share = (at_s * 0.22 + number * 0.37 + other / 3) % 1
                paste(frame, small, x - 34 + other * 30, low - (low - high) * share)
        paste(frame, shine, 1580, 300 + 30 * eased((at_s % 4) / 4))

    return Slide((picture, picture), live)


def _digging() -> Slide:
    canvas = room()
    lecturer(canvas)
    board(canvas, "第一步　取土", "一块田 · 走之字形 · 15 个点")
    left, top, right, bottom = 170, 310, 800, 752
    canvas.panel((left, top, right, bottom), 10, "#C9D6A3")
    for x in range(left + 30, right, 42):
        canvas.line([(x, top + 14), (x, bottom - 14)], 3, "#AFC184")
    turns = [(215, 715), (325, 345), (435, 715), (545, 345), (655, 715), (755, 370)]
    canvas.line(turns, 5, "#8A6A3C88")
    spots = [_along(turns, number / 14) for number in range(15)]
    for spot in spots:
        canvas.ellipse(*spot, 15, 15, "#FFFBF2")
        canvas.ellipse(*spot, 10, 10, ORANGE)
    states = revealed(canvas, _pit)
    walker = Canvas(48, 48)
    walker.ellipse(24, 24, 22, 22, "#F5B84B")
    walker.ring(24, 24, 22, 5, "#7A4A10")
    mark = walker.finish()

    def live(frame: Image.Image, line: int, in_line_s: float, _at_s: float) -> None:
        x, y = _along(turns, eased(in_line_s / 5.5) if line == 0 else 1)
        paste(frame, mark, x - 24, y - 24)

    return Slide(states, live)


def _pit(canvas: Canvas) -> None:
    left, top, right, bottom = 850, 310, 1160, 752
    canvas.panel((left, top, right, bottom), 10, "#E9DDC5")
    canvas.gradient((left, 400, right, 640), "#6B4427", "#8F633D")
    canvas.panel((left, 640, right, bottom), 10, "#B58D62")
    canvas.gradient((left, 640, right, 660), "#B58D62", "#B58D62")
    for x in range(left + 24, right - 10, 44):
        seedling(canvas, x, 402, 26)
    canvas.line([(1082, 404), (1082, 636)], 4, "#FFFBF2")
    for y in (404, 636):
        canvas.line([(1064, y), (1100, y)], 4, "#FFFBF2")
    canvas.text(1056, 536, "20 厘米", 38, "#FFFBF2", bold=True, anchor="rs")
    canvas.text(1005, 712, "留 1 公斤", 38, INK, bold=True, anchor="ms")


def _along(points: list[tuple[int, int]], share: float) -> Point:
    place = min(max(share, 0.0), 1.0) * (len(points) - 1)
    index = min(int(place), len(points) - 2)
    (ax, ay), (bx, by) = points[index], points[index + 1]
    return ax + (bx - ax) * (place - index), ay + (by - ay) * (place - index)


def _sheet() -> Slide:
    canvas = room()
    lecturer(canvas)
    board(canvas, "第二步　看懂化验单", "三号地块 · 0–20 厘米耕层 · 单位 毫克/千克")
    start, width = _BAR
    bars = []
    for number, (name, value, most, (low, high), colour, _, _) in enumerate(_ROWS):
        y = 384 + number * 124
        canvas.text(150, y + 18, name, 42, INK, bold=True)
        canvas.panel((start, y - 26, start + width, y + 26), 8, "#E3D8C2")
        canvas.panel((start + width * low / most, y - 26, start + width * high / most, y + 26), 2, "#BDD49C")
        bar = Canvas(round(width * value / most), 30)
        bar.panel((0, 0, bar.width, 30), 6, colour)
        bars.append((bar.finish(), start, y - 15))
    canvas.panel((start, 724, start + 34, 750), 4, "#BDD49C")
    canvas.text(start + 48, 748, "浅绿是正好的范围", 28, SOFT_INK)

    def row(number: int) -> Callable[[Canvas], None]:
        _, value, _, _, _, word, ink = _ROWS[number]
        y = 384 + number * 124

        def write(page: Canvas) -> None:
            page.text(976, y + 17, str(value), 42, INK, bold=True)
            page.text(1076, y + 16, word, 38, ink, bold=True)

        return write

    states = revealed(canvas, *(row(number) for number in range(len(_ROWS))))

    def live(frame: Image.Image, line: int, in_line_s: float, _at_s: float) -> None:
        for number, (bar, x, y) in enumerate(bars):
            share = eased(in_line_s / 1.6) if number == line - 1 else float(number < line - 1)
            if share:
                paste(frame, bar.crop((0, 0, max(round(bar.width * share), 1), bar.height)), x, y)

    return Slide(states, live)


def _spreading() -> Slide:
    canvas = room()
    lecturer(canvas)
    board(canvas, "第三步　按单子施肥", "三号地块 · 每亩用量")
    for x, name, amount, colour in (
        (180, "尿素", "22", ORANGE),
        (520, "磷酸二铵", "10", GREEN),
        (860, "钾肥", "不施", BLUE),
    ):
        sack(canvas, (x, 306), name, amount, colour)

    def times(page: Canvas) -> None:
        page.text(180, 616, "尿素分三次", 40, INK, bold=True)
        at = 180.0
        for share, name, colour in (
            (0.5, "底肥 一半", "#96470F"),
            (0.3, "分蘖 三成", "#B8622B"),
            (0.2, "孕穗 两成", "#CF8347"),
        ):
            page.panel((at, 648, at + 956 * share - 8, 738), 10, colour)
            page.text(at + 478 * share - 4, 708, name, 38, "#FFFBF2", bold=True, anchor="ms")
            at += 956 * share

    states = revealed(canvas, times)
    pointer = Canvas(276, 10)
    pointer.panel((0, 0, 276, 10), 5, "#F5B84B")
    mark = pointer.finish()

    def live(frame: Image.Image, line: int, in_line_s: float, _at_s: float) -> None:
        if line == 0:
            paste(frame, mark, 180 + 340 * eased((in_line_s - 2.4) / 0.8), 552)

    return Slide(states, live)


def sack(canvas: Canvas, at: Point, name: str, amount: str, colour: str) -> None:
    """A sack of fertiliser with its weight."""
    x, y = at
    canvas.polygon([(x + 20, y), (x + 256, y), (x + 276, y + 236), (x, y + 236)], "#FFFDF6")
    canvas.panel((x + 6, y - 2, x + 270, y + 34), 12, colour)
    canvas.polygon([(x + 3, y + 196), (x + 273, y + 196), (x + 276, y + 236), (x, y + 236)], colour)
    canvas.text(x + 138, y + 88, name, 38, INK, bold=True, anchor="ms")
    canvas.text(x + 138, y + 166, f"{amount} 公斤" if amount.isdigit() else amount, 58, colour, bold=True, anchor="ms")


def _closing() -> Slide:
    canvas = Canvas(fill="#3E2213")
    field(canvas)
    canvas.gradient((0, 0, WIDTH, HEIGHT), "#15120EB0", "#15120EE6")
    canvas.text(960, 380, "缺哪样，补哪样", 108, "#F7F0E4", bold=True, anchor="ms")
    canvas.text(960, 540, "不缺的，不多施", 108, "#AED581", bold=True, anchor="ms")

    def help_line(page: Canvas) -> None:
        page.panel((520, 636, 1400, 742), 28, "#2A241C")
        page.text(960, 704, "单子拿到站点来，我们帮您看", 52, "#F7F0E4", anchor="ms")

    states = revealed(canvas, help_line)
    leaf = Canvas(60, 60)
    seedling(leaf, 30, 52, 28)
    mark = leaf.finish()

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        for number in range(9):
            paste(frame, mark, 210 + number * 180, 196 + 10 * eased(abs((at_s * 0.4 + number * 0.21) % 2 - 1)))

    return Slide(states, live)
