"""Natural sizes of pictures."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.files.pictures import dimensions

JPEG = (
    b"\xff\xd8"
    + b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    + b"\xff\xc4\x00\x04ab"
    + b"\xff\xc2\x00\x11\x08"
    + struct.pack(">HH", 20, 30)
)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 30, 20), (30, 20)),
        (b"GIF89a" + struct.pack("<HH", 30, 20), (30, 20)),
        (JPEG, (30, 20)),
        (b"RIFF....WEBPVP8X....\0\0\0\0" + b"\x1d\0\0" + b"\x13\0\0", (30, 20)),
        (b"RIFF....WEBPVP8L....\x2f" + struct.pack("<I", 29 | 19 << 14), (30, 20)),
        (b"RIFF....WEBPVP8 ....\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 30, 20), (30, 20)),
        (b"BM" + bytes(16) + struct.pack("<ii", 30, -20), (30, 20)),
        (b'<?xml version="1.0"?><svg width="30px" height="20" viewBox="0 0 9 9"/>', (30, 20)),
        (b'<svg viewBox="0 0 30 20">', (30, 20)),
        (b'<svg width="100%" height="1.2.3">', None),
        (b"\x89PNG\r\n\x1a\n\0\0", None),
        (b"\xff\xd8\xff\xe0", None),
        (b"plain text", None),
    ],
)
def test_pictures__dimensions(content: bytes, size: tuple[int, int] | None) -> None:
    """The head of each format tells width and height; a broken one tells nothing."""
    assert dimensions(content) == size


@given(st.sampled_from([b"\xff\xd8\xff", b"RIFF....WEBP", b"GIF89a", b"BM", b""]), st.binary())
def test_pictures__dimensions_never_fail(head: bytes, rest: bytes) -> None:
    """No bytes make it fail."""
    size = dimensions(head + rest)
    assert size is None or len(size) == 2
