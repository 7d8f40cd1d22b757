"""Which files are pictures, and their natural size in pixels."""

import io

import imagesize  # type: ignore[import-untyped]

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".bmp")


def is_picture(name: str) -> bool:
    """Say whether a file of this name is shown by an `img` element."""
    return name.lower().endswith(SUFFIXES)


def dimensions(content: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels, None where the bytes do not tell them.

    A photo that its EXIF data turns is told as it is shown.
    """
    width, height = imagesize.get(io.BytesIO(content))
    return (round(width), round(height)) if width > 0 and height > 0 else None
