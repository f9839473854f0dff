"""Slides of the telephone fraud lesson: a message on a hook over water, two lies, three rules, two numbers to know."""

from collections.abc import Callable

from PIL import Image

from tests.demo.samples.brush import FINE, HEIGHT, WIDTH, Canvas, curve, eased
from tests.demo.samples.stage import BLUE, GREEN, INK, ORANGE, SOFT_INK, Slide, paste, revealed, title

_SEA = (("#3B6C80", 470), ("#2C586D", 580), ("#214A5F", 700), ("#183B50", 830))
_WARNING = "#B0432C"
_RULES = (
    ("不点", "陌生链接一律不点开", ORANGE),
    ("不说", "验证码谁要都不给", BLUE),
    ("不转", "催您转账的先挂断", GREEN),
)


def slides() -> list[Slide]:
    """One slide per act."""
    return [_title(), _lies(), _rules(), _numbers(), _closing()]


def _wave(colour: str, length: int = 240, swell: int = 26) -> Image.Image:
    """A strip of water, one wave longer than the picture, so that it can slide for ever."""
    canvas = Canvas(WIDTH + length, HEIGHT - 440)
    crests = [
        (x, swell * 2 - (swell if number % 2 else 0))
        for number, x in enumerate(range(-length, WIDTH + 3 * length, length // 2))
    ]
    canvas.polygon([*curve(*crests, steps=10), (WIDTH + 3 * length, HEIGHT), (-length, HEIGHT)], colour)
    return canvas.finish()


def _sky(canvas: Canvas) -> None:
    canvas.gradient((0, 0, WIDTH, 620), "#5C8583", "#EADDB4")
    canvas.glow(1420, 330, 520, "#FFF3CF", 0.75)


def fish(scale: float, colour: str = "#E9A24A", *, left: bool = False) -> Image.Image:
    """A small fish."""
    canvas = Canvas(round(200 * scale), round(110 * scale))
    body = curve((30, 55), (70, 22), (120, 20), (178, 55), (120, 90), (70, 88), (30, 55), steps=12)
    canvas.polygon([(x * scale, y * scale) for x, y in ((46, 55), (4, 16), (16, 55), (4, 94))], "#C97F2E")
    canvas.polygon([(x * scale, y * scale) for x, y in body], colour)
    canvas.polygon([(x * scale, y * scale) for x, y in ((96, 24), (118, 4), (134, 26))], "#C97F2E")
    canvas.arc((112 * scale, 30 * scale, 150 * scale, 82 * scale), 100, 260, 4 * scale, "#FBDFAE")
    canvas.ellipse(152 * scale, 48 * scale, 7 * scale, 7 * scale, "#FFF8E6")
    canvas.ellipse(154 * scale, 48 * scale, 3.4 * scale, 3.4 * scale, "#15120E")
    picture = canvas.finish()
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if left else picture


def bait() -> Image.Image:
    """The message card with its envelope, hanging on a hook and a line."""
    canvas = Canvas(700, 860)
    card = Canvas(560, 330)
    card.panel((0, 0, 540, 240), 30, "#FBF1DD")
    card.polygon([(150, 236), (240, 236), (170, 318)], "#FBF1DD")
    card.panel((42, 52, 330, 78), 13, "#C7A97A")
    card.panel((42, 108, 370, 132), 12, "#DCC9A6")
    card.panel((42, 160, 280, 184), 12, "#DCC9A6")
    card.panel((406, 38, 504, 138), 12, "#C9442E")
    card.polygon([(412, 44), (498, 44), (455, 92)], "#E4654B")
    card.ellipse(455, 92, 16, 16, "#F5B84B")
    turned = card.image.rotate(8, resample=Image.Resampling.BICUBIC, expand=True)
    canvas.line([(560, 0), (560, 330)], 5, "#F4EBD8")
    canvas.put(turned, 0, 170)
    canvas.ring(560, 352, 26, 9, "#F4EBD8")
    shank = curve((560, 376), (562, 520), (556, 600), (500, 668), (430, 650), (402, 590), steps=20)
    canvas.line(shank, 24, "#F4EBD8")
    canvas.polygon([(372, 640), (398, 552), (448, 616)], "#F4EBD8")
    canvas.line([(572, 400), (573, 540)], 5, "#D3C6AC")
    return canvas.finish()


def _water() -> Callable[[Image.Image, float, int], None]:
    strips = [(_wave(colour), y) for colour, y in _SEA]

    def flow(frame: Image.Image, at_s: float, layer: int) -> None:
        strip, y = strips[layer]
        shift = (at_s * (14 + 9 * layer)) % 240
        paste(frame, strip, -shift if layer % 2 else shift - 240, y)

    return flow


def _title() -> Slide:
    canvas = Canvas(fill="#5C8583")
    _sky(canvas)
    picture = canvas.finish()
    words = Canvas()
    title(words, "平安到家", "手机防诈骗三招", "第二讲 · 不点 不说 不转")
    front = words.finish()
    hook, flow = bait(), _water()
    right, left = fish(1.1), fish(0.8, "#F0B35E", left=True)

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        flow(frame, at_s, 0)
        flow(frame, at_s, 1)
        paste(frame, left, 1980 - (at_s * 46 + 90) % 1200, 625)
        paste(frame, hook, 1130, -50 + 26 * eased(abs((at_s * 0.45) % 2 - 1)))
        flow(frame, at_s, 2)
        paste(frame, right, 700 + (at_s * 62 + 160) % 1300, 748)
        flow(frame, at_s, 3)
        paste(frame, front, 0, 0)

    return Slide((picture,), live)


def _deep() -> Canvas:
    canvas = Canvas(fill="#183B50")
    canvas.gradient((0, 0, WIDTH, HEIGHT), "#2F6177", "#0F2533")
    canvas.glow(960, 0, 900, "#9CC3D5", 0.3)
    return canvas


def _bubbles(columns: tuple[int, ...]) -> Callable[[Image.Image, float], None]:
    found = []
    for size in (8, 13, 19):
        bubble = Canvas(size * 2 + 2, size * 2 + 2)
        bubble.ring(size + 1, size + 1, size, 2.5, "#CFE4EC70")
        found.append(bubble.finish())

    def rise(frame: Image.Image, at_s: float) -> None:
        for number, x in enumerate(columns):
            share = (at_s * 0.09 + number * 0.381) % 1
            paste(frame, found[number % 3], x + 14 * eased(abs(share * 6 % 2 - 1)), HEIGHT - 40 - 1040 * share)

    return rise


def _phone(canvas: Canvas, x: float, y: float, caller: str, words: tuple[str, ...]) -> None:
    """A telephone's lie as a message card on a line with a hook."""
    canvas.line([(x + 330, 0), (x + 330, y)], 4, "#F4EBD8B0")
    canvas.panel((x, y, x + 660, y + 330), 34, "#FBF1DD")
    canvas.panel((x, y, x + 660, y + 92), 34, _WARNING)
    canvas.panel((x, y + 50, x + 660, y + 92), 0, _WARNING)
    canvas.text(x + 44, y + 64, caller, 42, "#FFFDF6", bold=True)
    for number, line in enumerate(words):
        canvas.text(x + 44, y + 176 + number * 84, line, 58, INK, bold=True)
    canvas.line(
        curve((x + 560, y + 330), (x + 562, y + 400), (x + 530, y + 440), (x + 490, y + 420), (x + 482, y + 388)),
        13,
        "#F4EBD8",
    )
    canvas.polygon([(x + 462, y + 416), (x + 480, y + 362), (x + 508, y + 400)], "#F4EBD8")


def _lies() -> Slide:
    canvas = _deep()
    canvas.text(96, 168, "骗子爱说这两句", 72, "#F7F0E4", bold=True)
    _phone(canvas, 310, 260, "陌生来电", ("您孩子出事了，", "快转钱！"))
    first = canvas.finish()
    _phone(canvas, 1090, 260, "陌生短信", ("医保卡停用，", "点链接恢复"))
    second = canvas.finish()
    canvas.panel((1180, 96, 1824, 196), 28, "#15120EE0")
    canvas.text(1502, 166, "都是鱼饵，钩子在后头", 54, "#E8D9A8", bold=True, anchor="ms")
    rise, small = _bubbles((130, 420, 900, 980, 1720, 1860)), fish(0.75)

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        rise(frame, at_s)
        paste(frame, small, (at_s * 70) % 2200 - 200, 760)

    return Slide((first, second, canvas.finish()), live)


def _rules() -> Slide:
    canvas = _deep()
    canvas.text(96, 168, "防诈骗三招", 72, "#F7F0E4", bold=True)

    def rule(number: int) -> Callable[[Canvas], None]:
        word, note, colour = _RULES[number]
        x = 96 + number * 592

        def write(page: Canvas) -> None:
            page.panel((x, 240, x + 544, 800), 32, "#FBF1DD")
            page.panel((x, 240, x + 544, 372), 32, colour)
            page.panel((x, 320, x + 544, 372), 0, colour)
            page.text(x + 272, 332, f"第{'一二三'[number]}招", 52, "#FFFDF6", bold=True, anchor="ms")
            (_link, _key, _coins)[number](page, x + 272, 500)
            page.text(x + 272, 700, word, 104, INK, bold=True, anchor="ms")
            page.text(x + 272, 766, note, 40, SOFT_INK, anchor="ms")

        return write

    rule(0)(canvas)
    states = revealed(canvas, rule(1), rule(2))
    rise = _bubbles((40, 660, 1256, 1880))

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        rise(frame, at_s)

    return Slide(states, live)


def _link(page: Canvas, x: float, y: float) -> None:
    page.panel((x - 130, y - 34, x + 10, y + 34), 34, None, "#8C6A3C", 16)
    page.panel((x - 10, y - 34, x + 130, y + 34), 34, None, "#8C6A3C", 16)
    _forbidden(page, x, y)


def _key(page: Canvas, x: float, y: float) -> None:
    page.ring(x - 70, y, 46, 18, "#D99A2B")
    page.line([(x - 26, y), (x + 116, y)], 18, "#D99A2B")
    page.line([(x + 76, y), (x + 76, y + 38)], 16, "#D99A2B")
    page.line([(x + 112, y), (x + 112, y + 30)], 16, "#D99A2B")
    _forbidden(page, x, y)


def _coins(page: Canvas, x: float, y: float) -> None:
    for drop, shade in ((34, "#B57A1C"), (12, "#C98C25"), (-12, "#D99A2B")):
        page.ellipse(x, y + drop + 8, 92, 34, "#8F5F12")
        page.ellipse(x, y + drop, 92, 34, shade)
    page.text(x, y + 6, "¥", 50, "#FFF3CF", bold=True, anchor="ms")
    _forbidden(page, x, y)


def _forbidden(page: Canvas, x: float, y: float) -> None:
    page.ring(x, y, 106, 13, _WARNING)
    page.line([(x - 70, y + 70), (x + 70, y - 70)], 13, _WARNING)


def _numbers() -> Slide:
    canvas = _deep()
    canvas.text(96, 168, "拿不准，先打电话", 72, "#F7F0E4", bold=True)

    def card(number: int) -> Callable[[Canvas], None]:
        big, head, note, colour = (
            ("家里人", "打老号码", "问一问再说", GREEN),
            ("96110", "反诈中心", "来电一定要接", BLUE),
            ("110", "钱已转走", "马上报警，越快越好", _WARNING),
        )[number]
        x = 96 + number * 592

        def write(page: Canvas) -> None:
            page.panel((x, 250, x + 544, 790), 32, "#FBF1DD")
            page.ellipse(x + 272, 372, 78, 78, colour)
            _receiver(page, x + 272, 372)
            page.text(x + 272, 590, big, 116, INK, bold=True, anchor="ms")
            page.text(x + 272, 672, head, 52, colour, bold=True, anchor="ms")
            page.text(x + 272, 742, note, 42, SOFT_INK, anchor="ms")

        return write

    card(0)(canvas)
    states = revealed(canvas, card(1), card(2))
    rings = []
    for size in range(80, 124, 2):
        ripple = Canvas(260, 260)
        fade = format(max(0, round(190 - (size - 80) * 4.2)), "02X")
        ripple.ring(130, 130, size, 6, f"#D8B36A{fade}")
        rings.append(ripple.finish())

    def live(frame: Image.Image, line: int, _in_line_s: float, at_s: float) -> None:
        paste(frame, rings[int((at_s * 0.9) % 1 * len(rings))], 96 + line * 592 + 272 - 130, 372 - 130)

    return Slide(states, live)


def _receiver(page: Canvas, x: float, y: float) -> None:
    layer = Canvas(120, 120)
    layer.line(curve((22, 42), (60, 66), (98, 42)), 17, "#FFFDF6")
    layer.panel((10, 34, 42, 66), 10, "#FFFDF6")
    layer.panel((78, 34, 110, 66), 10, "#FFFDF6")
    page.put(layer.image.rotate(-128, resample=Image.Resampling.BICUBIC), x - 120 / FINE, y - 120 / FINE)


def _closing() -> Slide:
    canvas = Canvas(fill="#5C8583")
    _sky(canvas)
    picture = canvas.finish()
    words = Canvas()
    words.panel((300, 250, 1620, 640), 44, "#15120EE6")
    words.text(960, 420, "不点　不说　不转", 116, "#F7F0E4", bold=True, anchor="ms")
    words.text(960, 560, "守住咱们的血汗钱", 76, "#E8D9A8", bold=True, anchor="ms")
    front, flow, small = words.finish(), _water(), fish(1.0)

    def live(frame: Image.Image, _line: int, _in_line_s: float, at_s: float) -> None:
        for layer in range(4):
            flow(frame, at_s, layer)
            if layer == 1:
                paste(frame, small, (at_s * 90) % 2200 - 200, 628)
        paste(frame, front, 0, 0)

    return Slide((picture,), live)
