"""The natural size of a picture, read from the head of its bytes."""

import re
import struct

_NO_SIZE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG markers that stand alone (ITU-T T.81, table B.1)."""
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG start-of-frame markers; the three left out are tables (ITU-T T.81, table B.1)."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp")


def is_picture(name: str) -> bool:
    """Say whether a file of this name is shown by an `img` element."""
    return name.lower().endswith(SUFFIXES)


def dimensions(content: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels of PNG, GIF, JPEG, WebP, BMP or SVG, else None."""
    try:
        return _dimensions(content)
    except (struct.error, IndexError, ValueError):
        return None


def _dimensions(content: bytes) -> tuple[int, int] | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack(">II", content[16:24])
    if content.startswith((b"GIF87a", b"GIF89a")):
        return struct.unpack("<HH", content[6:10])
    if content.startswith(b"\xff\xd8"):
        return _of_jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _of_webp(content)
    if content.startswith(b"BM"):
        width, height = struct.unpack("<ii", content[18:26])
        return width, abs(height)
    return _of_svg(content)


def _of_jpeg(content: bytes) -> tuple[int, int] | None:
    position = 2
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        length = 0
        if marker not in _NO_SIZE_MARKERS:
            (length,) = struct.unpack(">H", content[position + 2 : position + 4])
        position += 2 + length
    return None


def _of_webp(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little")
        return width + 1, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _of_svg(content: bytes) -> tuple[int, int] | None:
    root = re.search(r"<svg\b[^>]*>", content[:65536].decode("utf-8", "replace"), re.IGNORECASE)
    if not root:
        return None
    sides = [
        re.search(rf"\s{side}\s*=\s*[\"']\s*([\d.]+)(?:px)?\s*[\"']", root[0])
        for side in ("width", "height")
    ]
    if sides[0] and sides[1]:
        return round(float(sides[0][1])), round(float(sides[1][1]))
    box = re.search(r"viewBox\s*=\s*[\"'][-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)", root[0])
    return (round(float(box[1])), round(float(box[2]))) if box else None
