"""Reading a model's reply."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.findings import Severity, failures
from builder.generate.reply import parse

PAGE = "<!doctype html>\n<title>Rain</title>\n"
EDIT = "<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE"


def tagged(path: str, text: str) -> str:
    return f'<file path="{path}">\n{text}</file>\n'


def test_parse__reads_all_that_a_reply_may_hold() -> None:
    """Whole files, deletions, expressions for checks in plain words and disputes are read."""
    reply = parse(
        f"Sure.\n\n{tagged('index.html', PAGE)}<file path='a/b.css'>\np {{}}\n</file>\n"
        '<delete path="old.html"/>\n<delete path="older.html"></delete>\n'
        '<check for="Page is "nice"">\ndocument.title === "x" &&\n  1 < 2;\n</check>\n'
        "<check for='Has a list'>!!document.querySelector('ul')</check>\n"
        '<dispute scenario="s2">Not asked for</dispute>\n\nHave fun!\n'
    )
    assert reply.files == {"index.html": PAGE.encode(), "a/b.css": b"p {}\n"}
    assert reply.deletions == ("old.html", "older.html")
    assert reply.checks == {
        'Page is "nice"': 'document.title === "x" &&\n  1 < 2',
        "Has a list": "!!document.querySelector('ul')",
    }
    assert reply.disputes == {"s2": "Not asked for"}
    assert reply.findings == ()


@pytest.mark.parametrize(
    "block",
    [
        "<build>\n{}\n</build>",
        "<build>\n```python\n{}\n```\n</build>",
        '<build name="build.py">\n{}\n</build>',
        "<build>\nprint('an earlier one')\n</build>\n<build>\n{}\n</build>",
    ],
)
def test_parse__reads_a_build_script(block: str) -> None:
    """The last program of a reply is its build script, tags in its text or not; it is no file."""
    script = "print('<edit path=x>')\nprint('<check for=\"y\">')"
    reply = parse(tagged("index.html", PAGE) + block.format(script))
    assert reply.script == script
    assert reply.files == {"index.html": PAGE.encode()}
    assert reply.findings == ()
    assert parse(block.format(script)).findings == ()


def test_parse__build_scripts_that_are_none() -> None:
    """One without its end is not run but told; a line in a file is content."""
    cut = parse("<build>\nprint(1)")
    assert cut.script == ""
    assert [found.subject for found in failures(cut.findings)] == ["the build script"]
    pom = "<project>\n<build>\n<x/>\n</build>\n</project>\n"
    reply = parse(tagged("pom.xml", pom))
    assert reply.files == {"pom.xml": pom.encode()}
    assert reply.script == ""


def test_parse__reads_edits() -> None:
    """Edits keep their order, in whatever block; a whole file outweighs them, an unclosed one is a
    failure."""
    reply = parse(
        f'<edit path="a.html">\n{EDIT}\n</edit>\n<file path="a.html">\n{EDIT}\n</file>\n'
        '<edit path="b.css">\n1\n</edit>\n<file path="b.css">\np {}\n</file>\n'
        '<edit path="../c">\n1\n</edit>\n<edit path="a.html">\n2'
    )
    assert reply.edits == (("a.html", EDIT), ("a.html", EDIT), ("a.html", "2"))
    assert reply.files == {"b.css": b"p {}\n"}
    assert [found.subject for found in failures(reply.findings)] == ["../c", "a.html"]


def test_parse__keeps_the_text_of_a_block() -> None:
    """A fence around the whole goes, unless it is Markdown's own; the last line ends once."""
    for path, body, content in [
        ("a.html", "", b""),
        ("a.html", "\none\n\n\n", b"\none\n"),
        ("a.html", 'a "</file>" b\n', b'a "</file>" b\n'),
        ("a.html", "\n```html\n<p>\n```\n\n", b"<p>\n"),
        ("a.html", "``` js\n1\n", b"``` js\n1\n"),
        ("a.md", "```sh\nmake\n```\n\n```sh\nls\n```\n", b"```sh\nmake\n```\n\n```sh\nls\n```\n"),
        ("a.md", "```markdown\n# A\n```sh\nls\n```\n```\n", b"# A\n```sh\nls\n```\n"),
    ]:
        assert parse(tagged(path, body)).files == {path: content}


def test_parse__bears_tags_out_of_place() -> None:
    """Closing tags at the end of a line, indented tags, a fence around, Windows line ends, other
    attributes, a file that comes twice and fenced samples beside tagged files are understood."""
    for text in [
        '<file path="a.txt">\none</file>\n<file path="b.txt">\ntwo\n</file>',
        '<file path="a.txt">one</file>\n<file path="b.txt">\ntwo\n</file>\n</file>',
        '```xml\n  <file path = "./a.txt" >\none\n  </file>\n<file path=“b.txt”>\ntwo\n</file>',
        '\ufeff<file path="a.txt">\r\none\r\n</file>\r\n<file path="b.txt">\r\ntwo\r\n</file>\r\n',
        '<file name="a.txt">\none\n</file>\n<file path="b.txt" lang="text">\ntwo\n</file>',
        '<file path="a.txt">\n0\n</file>\n<file path="a.txt">\none\n</file>\n'
        '<file path="b.txt">\ntwo\n</file>\n**c.js**\n```js\n2\n```',
    ]:
        reply = parse(text)
        assert reply.files == {"a.txt": b"one\n", "b.txt": b"two\n"}
        assert reply.findings == ()


def test_parse__tells_once_that_a_reply_was_cut() -> None:
    """The file in which a cut reply ends has one failure that says so, else the reply has it."""
    for text, told in [
        (tagged("a.txt", "one\n") + '<file path="b.txt">\ntw', {"b.txt": True}),
        ('<file path="a.txt">\none\n<file path="b.txt">\ntw', {"a.txt": False, "b.txt": True}),
        ("**a.js**\n```js\n1\n```\n**b.js**\n```js\n2", {"b.js": True}),
        (tagged("a.txt", "one\n") + "<file pat", {"the reply": True}),
        ('<file path="../a.txt">\none', {"../a.txt": False, "the reply": True}),
        ("Let me", {"reply": False, "the reply": True}),
    ]:
        found = failures(parse(text, is_cut=True).findings)
        assert len(found) == len(told)
        assert {one.subject: "length limit" in one.seen for one in found} == told
        assert "length limit" not in str(parse(text).findings)


def test_parse__a_closing_tag_in_a_script() -> None:
    """Where text and a second closing tag follow the first, the file is not taken for whole."""
    [found] = failures(parse(tagged("a.js", "const end = `\n</file>\n`;\n")).findings)
    assert (found.subject, "or two" in found.seen) == ("a.js", True)


def test_parse__refuses_unsafe_paths() -> None:
    """A path out of the site or into git's or our folder is refused and reported."""
    paths = ["../x", "/etc/passwd", "a/../../b", ".git/config", ".builder/x", "C:\\x", "a\0b", ""]
    for path in paths:
        reply = parse(f'{tagged(path, "x")}<delete path="{path}"/>')
        assert (reply.files, reply.deletions) == ({}, ())
        assert [finding.subject for finding in failures(reply.findings)] == [path]


def test_parse__falls_back_to_fences() -> None:
    """Without tagged blocks a fenced block counts as the file named above or on its fence, and an
    HTML page without a name, fenced or bare, as index.html."""
    for text, files in [
        ("### `index.html`\n\n```html\n<p>\n```", {"index.html": "<p>\n"}),
        ("File: css/a.css\n~~~\n<p>\n~~~", {"css/a.css": "<p>\n"}),
        ("Here is the whole `app.js` (new):\n```js\n1\n```", {"app.js": "1\n"}),
        ("```html:index.html\n<p>\n```", {"index.html": "<p>\n"}),
        ('```html title="index.html"\n<p>\n```', {"index.html": "<p>\n"}),
        ("## readme.md\n```md\n# A\n```sh\nls\n```\n```", {"README.md": "# A\n```sh\nls\n```\n"}),
        ("## a.md\n````md\n```sh\nls\n```\n````", {"a.md": "```sh\nls\n```\n"}),
        (f"```html\n<p>\n```\nBetter:\n```html\n{PAGE}```", {"index.html": PAGE}),
        (f"\ufeff{PAGE}<p>``</p></html>\n\nEnjoy!", {"index.html": f"{PAGE}<p>``</p></html>\n"}),
        ("**a.js**\n```js\n1\n```\nOpen `a.js`:\n```sh\nls\n```", {"a.js": "1\n"}),
        ("Some prose.\n```js\n1\n```", {}),
    ]:
        reply = parse(text)
        assert reply.files == {path: content.encode() for path, content in files.items()}
        assert bool(reply.findings) == (not files)


def test_parse__reports_a_reply_without_files() -> None:
    """A refusal or small talk is a failure that shows how the reply begins."""
    [finding] = parse("I cannot help with that.").findings
    assert finding.severity is Severity.FAILURE
    assert "I cannot help" in finding.seen


LINES = [
    '<file path="a">', '<edit path="a">', "</edit>", "<<<<<<< SEARCH", "</file>", "```html", "```",
    '<delete path="a"/>', '<check for="c">', "</check>", "**a.js**", "\r", "", "<!doctype html>",
]  # fmt: skip


@given(st.text() | st.lists(st.sampled_from(LINES)).map("\n".join))
def test_parse__never_raises(text: str) -> None:
    """Whatever a model says, a value comes back."""
    parse(text)


def test_parse__of_hostile_text_is_fast() -> None:
    """A hundred kilobytes of anything take no time to speak of."""
    befores = ["", '<file path="a.js">\n', '<edit path="a.js">\n']
    units = ['<file path="', '<file path="a">x', '<file path="a">\n', '<check for="', '" a="', "["]
    units += ["<check for='a'>\n", '<delete path="a', "```\n", "``` a.js\n", "a.b/", "</file>\n"]
    for before, unit in itertools.product(befores, units):
        start = time.process_time()
        parse(before + (unit * 100_000)[:100_000])
        assert time.process_time() - start < 0.5, unit


_LINE = st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=30).filter(
    lambda line: "file" not in line and "```" not in line and "~~~" not in line
)


@given(st.dictionaries(st.sampled_from(["index.html", "a/b.css", "c d.txt"]), st.lists(_LINE)))
def test_parse__returns_what_blocks_hold(files: dict[str, list[str]]) -> None:
    """What is written in tagged blocks is read back, but for blank lines at the end."""
    texts = {path: "\n".join(lines).rstrip("\n") for path, lines in files.items()}
    reply = parse("".join(tagged(path, f"{text}\n") for path, text in texts.items()))
    expected = {path: f"{text}\n".encode() if text else b"" for path, text in texts.items()}
    assert reply.files == expected
