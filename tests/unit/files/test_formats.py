"""Whether bytes are what a file's name says."""

from builder.files.formats import faults

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'


SOUND = [
    ("a.json", b'{"a": [1, 2.5, null]}'),
    ("a.jsonl", b'{"a": 1}\n\n[2]\n'),
    ("a.xml", b'<?xml version="1.0"?><a><b/></a>'),
    ("a.svg", SVG),
    ("a.svg", b"<?xml version='1.0'?><!DOCTYPE svg>" + SVG),
    ("a.csv", b'\xef\xbb\xbfa,b\n1,"x,\ny"\n'),
    ("a.csv", b'"shop, town";sum\n"Oslo, west";1,5\n'),
    ("a.csv", b'"a,b";c\nx;"y"\n'),
    ("a.html", b"\n<!DOCTYPE HTML><p>"),
    ("a.png", b"\x89PNG\r\n\x1a\n..."),
    ("a.bin", b"\xff\x00"),
    ("a.txt", "grüße".encode()),
    ("a.json", b""),
]


def test_faults__of_sound_files() -> None:
    """A file that a program reads without a complaint has no fault."""
    assert [(path, found) for path, content in SOUND for found in faults(path, content)] == []


BROKEN = [
    ("a.json", b"{'a': 1}", True),
    ("a.json", b'{"a": NaN}', True),
    ("a.json", b'{"a": 1,}', True),
    ("a.json", b"[" * 100_000, True),
    ("a.jsonl", b'{"a": 1}\n{b}\n', True),
    ("a.xml", b"<a><b></a>", True),
    ("a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', True),
    ("a.svg", b"<svg><path/></svg>", True),
    ("a.svg", b"not an image", True),
    ("a.csv", b'a,b\n1,"x\n', True),
    ("a.csv", b"a,b\n1\n", False),
    ("a.csv", b"a;b\n1;2;3\n", False),
    ("a.csv", b'a;b\n"1\n', True),
    ("a.html", b"<p>", False),
    ("a.png", b"placeholder", True),
    ("a.txt", b"\xff\xfe", True),
]


def test_faults__of_broken_files() -> None:
    """A file that a program stumbles over has one fault, certain or not."""
    for path, content, is_certain in BROKEN:
        assert [certain for certain, _ in faults(path, content)] == [is_certain], content[:40]
