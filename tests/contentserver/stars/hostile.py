"""Pictures for tests: good ones with what cameras write beside them, and files that pretend to be pictures."""

import io
import struct
import zlib

from PIL import Image

PLACE = {1: "N", 2: (38.0, 54.0, 0.0), 3: "E", 4: (106.0, 33.0, 0.0)}
"""GPS as a telephone writes it: 38°54' N, 106°33' E."""
MARK = b"SECRET-OF-THE-CAMERA"


def camera_jpeg(size: tuple[int, int] = (640, 480), orientation: int = 1) -> bytes:
    """A photograph with place, model, comment and an XMP packet; its left half is red, its right half blue."""
    picture = Image.new("RGB", size, (200, 20, 20))
    picture.paste((20, 20, 200), (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = MARK.decode()
    exif[0x8825] = PLACE
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif, comment=MARK, xmp=b"<x:xmpmeta>" + MARK + b"</x:xmpmeta>", quality=95)
    return made.getvalue()


def png(size: tuple[int, int] = (300, 200)) -> bytes:
    """Half of it can be seen through; with a text chunk."""
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    picture.paste((10, 160, 10, 255), (0, 0, size[0] // 2, size[1]))
    made = io.BytesIO()
    picture.save(made, "PNG")
    data = made.getvalue()
    body = b"Comment\0" + MARK
    chunk = struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body))
    end = data.index(b"IEND") - 4
    return data[:end] + chunk + data[end:]


def webp(size: tuple[int, int] = (300, 200)) -> bytes:
    """A WebP with a place in it."""
    exif = Image.Exif()
    exif[0x010F] = MARK.decode()
    made = io.BytesIO()
    Image.new("RGB", size, (30, 90, 30)).save(made, "WEBP", exif=exif)
    return made.getvalue()


def bomb(side: int = 10_000) -> bytes:
    """A hundred million pixels in a few kilobytes."""
    rows = zlib.compressobj(9)
    line = b"\0" * (1 + (side + 7) // 8)
    data = b"".join(rows.compress(line) for _ in range(side)) + rows.flush()

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def gif() -> bytes:
    """A picture of a kind that is not taken."""
    made = io.BytesIO()
    Image.new("P", (40, 40)).save(made, "GIF")
    return made.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
HOSTILE: dict[str, bytes] = {
    "svg.jpg": SVG,
    "html.jpg": HTML,
    "html-behind-a-jpeg-mark.jpg": b"\xff\xd8\xff\xe0" + HTML,
    "bomb.png": bomb(),
    "larger-bomb.png": bomb(14_000),
    "truncated.jpg": camera_jpeg()[:4000],
    "truncated.png": png((900, 600))[: len(png((900, 600))) // 2],
    "gif.jpg": gif(),
    "empty.jpg": b"",
    "noise.webp": b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 40,
}
