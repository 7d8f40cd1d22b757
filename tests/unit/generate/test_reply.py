"""Reading a model's reply."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.findings import Severity, failures
from builder.generate.reply import parse

PAGE = "<!doctype html>\n<title>Rain</title>\n"


def test_parse__reads_whole_files_between_tags() -> None:
    """The bytes between the tags are the file, a preamble and a postscript are nothing."""
    reply = parse(f'Sure.\n\n<file path="index.html">\n{PAGE}</file>\n\nHave fun!\n')
    assert reply.files == {"index.html": PAGE.encode()}
    assert reply.findings == ()


def test_parse__reads_several_files_deletions_and_checks() -> None:
    """A reply may hold files, deletions and an expression for a check in plain words."""
    reply = parse(
        "<file path='a/b.css'>\np {}\n</file>\n"
        '<file path="c.txt">\nc\n</file>\n'
        '<delete path="old.html"/>\n<delete path="older.html"></delete>\n'
        '<check for="Page is "nice"">\ndocument.title === "x" &&\n  1 < 2;\n</check>\n'
        "<check for='Has a list'>!!document.querySelector('ul')</check>\n"
    )
    assert reply.files == {"a/b.css": b"p {}\n", "c.txt": b"c\n"}
    assert reply.deletions == ("old.html", "older.html")
    assert reply.checks == {
        'Page is "nice"': 'document.title === "x" &&\n  1 < 2',
        "Has a list": "!!document.querySelector('ul')",
    }


def test_parse__reads_edits() -> None:
    """Edits keep their order; a whole file outweighs them, an unclosed one is a failure."""
    reply = parse(
        '<edit path="a.html">\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n</edit>\n'
        '<edit path="b.css">\n1\n</edit>\n<file path="b.css">\np {}\n</file>\n'
        '<edit path="../c">\n1\n</edit>\n<edit path="a.html">\n2'
    )
    assert reply.edits == (
        ("a.html", "<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE"),
        ("a.html", "2"),
    )
    assert reply.files == {"b.css": b"p {}\n"}
    assert [found.subject for found in failures(reply.findings)] == ["../c", "a.html"]


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("", b""),
        ("one\n", b"one\n"),
        ("one\n\n\n", b"one\n"),
        ("\none\n", b"\none\n"),
        ("a </file> b\n", b"a </file> b\n"),
        ("```html\n<p>\n```\n", b"<p>\n"),
        ("\n```\n<p>\n```\n\n", b"<p>\n"),
        ("``` js\n1\n", b"``` js\n1\n"),
        ("grüße …\n", "grüße …\n".encode()),
    ],
)
def test_parse__keeps_the_text_of_a_block(body: str, content: bytes) -> None:
    """A fence around the whole goes, the last line ends once, all else stays."""
    reply = parse(f'<file path="index.html">\n{body}</file>')
    assert reply.files == {"index.html": content}


def test_parse__keeps_the_fences_of_a_markdown_file() -> None:
    """A README that begins and ends with fences of its own keeps them."""
    text = "```sh\nmake\n```\n\nor\n\n```sh\nnpm start\n```\n"
    reply = parse(f'<file path="README.md">\n{text}</file>')
    assert reply.files == {"README.md": text.encode()}


def test_parse__takes_the_fence_off_a_wrapped_markdown_file() -> None:
    """A fence that says Markdown is one around the whole file."""
    reply = parse('<file path="README.md">\n```markdown\n# A\n```sh\nls\n```\n```\n</file>')
    assert reply.files == {"README.md": b"# A\n```sh\nls\n```\n"}


def test_parse__reads_windows_line_ends_and_a_byte_order_mark() -> None:
    """A reply written with CRLF throughout gives files with LF."""
    reply = parse('\ufeff<file path="a.txt">\r\none\r\ntwo\r\n</file>\r\n')
    assert reply.files == {"a.txt": b"one\ntwo\n"}


@pytest.mark.parametrize(
    "text",
    [
        '<file path="a.txt">\none</file>\n<file path="b.txt">\ntwo\n</file>',
        '<file path="a.txt">one</file>\n<file path="b.txt">\ntwo</file>',
        '```xml\n  <file path = "./a.txt" >\none\n  </file>\n<file path=“b.txt”>\ntwo\n</file>',
    ],
)
def test_parse__bears_tags_out_of_place(text: str) -> None:
    """A closing tag at the end of a line, a file on one line, indented tags and a fence around."""
    reply = parse(text)
    assert reply.files == {"a.txt": b"one\n", "b.txt": b"two\n"}
    assert reply.findings == ()


def test_parse__reports_a_block_that_is_cut_off() -> None:
    """An unclosed last block is taken and is a failure."""
    reply = parse('<file path="a.txt">\none\n</file>\n<file path="b.txt">\ntw')
    assert reply.files["b.txt"] == b"tw\n"
    assert [finding.subject for finding in failures(reply.findings)] == ["b.txt"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<file path="a.txt">\none\n</file>\n<file path="b.txt">\ntw', {"b.txt": True}),
        (
            '<file path="a.txt">\none\n<file path="b.txt">\ntw',
            {"a.txt": False, "b.txt": True},
        ),
        ("**a.js**\n```js\n1\n```\n**b.js**\n```js\n2", {"b.js": True}),
        ('<file path="a.txt">\none\n</file>\n<file pat', {"the reply": True}),
        ('<file path="../a.txt">\none', {"../a.txt": False, "the reply": True}),
        ("Let me", {"reply": False, "the reply": True}),
    ],
)
def test_parse__tells_once_that_a_reply_was_cut(text: str, told: dict[str, bool]) -> None:
    """The file in which a cut reply ends has one failure that says so, else the reply has it."""
    found = failures(parse(text, is_cut=True).findings)
    assert len(found) == len(told)
    assert {one.subject: "length limit" in one.seen for one in found} == told
    assert "length limit" not in str(parse(text).findings)


def test_parse__takes_the_last_of_two_blocks() -> None:
    """A model that writes a file twice has thought better of it."""
    reply = parse('<file path="a">\n1\n</file>\n<file path="a">\n2\n</file>')
    assert reply.files == {"a": b"2\n"}


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "a/../../b",
        ".git/config",
        ".builder/rounds/1.json",
        "C:\\x",
        "a\x00b",
        "",
    ],
)
def test_parse__refuses_unsafe_paths(path: str) -> None:
    """A path out of the site or into git's or our folder is refused and reported."""
    reply = parse(f'<file path="{path}">\nx\n</file>\n<delete path="{path}"/>')
    assert reply.files == {}
    assert reply.deletions == ()
    assert [finding.subject for finding in failures(reply.findings)] == [path]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("### `index.html`\n\n```html\n<p>\n```", {"index.html": b"<p>\n"}),
        ("**css/a.css**\n```css\np {}\n```", {"css/a.css": b"p {}\n"}),
        ("File: index.html\n~~~\n<p>\n~~~", {"index.html": b"<p>\n"}),
        ("index.html:\n```\n<p>\n```", {"index.html": b"<p>\n"}),
        ("1. `app.js` (new):\n```js\n1\n```", {"app.js": b"1\n"}),
        ("Here is the whole `app.js`:\n```js\n1\n```", {"app.js": b"1\n"}),
        ("LICENSE\n```\nMIT\n```", {"LICENSE": b"MIT\n"}),
        ("```html index.html\n<p>\n```", {"index.html": b"<p>\n"}),
        ("```html:index.html\n<p>\n```", {"index.html": b"<p>\n"}),
        ('```html title="index.html"\n<p>\n```', {"index.html": b"<p>\n"}),
        (
            "## README.md\n```md\n# A\n```sh\nls\n```\nB\n```",
            {"README.md": b"# A\n```sh\nls\n```\nB\n"},
        ),
        ("## a.md\n````md\n```sh\nls\n```\n````", {"a.md": b"```sh\nls\n```\n"}),
        (
            "Here you are:\n```html\n<!DOCTYPE html>\n<p>\n```",
            {"index.html": b"<!DOCTYPE html>\n<p>\n"},
        ),
        ("**a.js**\n```js\n1\n```\nOpen `a.js`:\n```sh\nls\n```", {"a.js": b"1\n"}),
        ("Some prose.\n```js\n1\n```", {}),
    ],
)
def test_parse__falls_back_to_named_fences(text: str, files: dict[str, bytes]) -> None:
    """Without tagged blocks a fenced block counts as the file named above or on its fence."""
    assert parse(text).files == files


def test_parse__prefers_tagged_blocks_to_fences() -> None:
    """Fenced samples beside tagged files are no files."""
    reply = parse('<file path="a">\n1\n</file>\n**b.js**\n```js\n2\n```')
    assert list(reply.files) == ["a"]


def test_parse__reports_a_reply_without_files() -> None:
    """A refusal or small talk is a failure that shows how the reply begins."""
    [finding] = parse("I cannot help with that.").findings
    assert finding.severity is Severity.FAILURE
    assert "I cannot help" in finding.seen


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            [
                '<file path="a">',
                '<edit path="a">',
                "</edit>",
                "<<<<<<< SEARCH",
                "</file>",
                "```html",
                "```",
                "x",
                '<delete path="a"/>',
                '<check for="c">',
                "</check>",
                "**a.js**",
                "\r",
                "",
                "<!doctype html>",
                '<file path="../a">',
            ]
        )
    ).map("\n".join)
)
def test_parse__never_raises(text: str) -> None:
    """Whatever a model says, a value comes back."""
    parse(text)


@pytest.mark.parametrize("before", ["", '<file path="a.js">\n', '<edit path="a.js">\n'])
def test_parse__of_hostile_text_is_fast(before: str) -> None:
    """A hundred kilobytes of anything take no time to speak of."""
    units = ['<file path="', '<file path="a">x', '<file path="a">\n', '<check for="']
    units += ["<check for='a'>\n", '<delete path="a', "```\n", "``` a.js\n", "[", "a.b/", "#\n"]
    for unit in units:
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
    reply = parse(
        "".join(f'<file path="{path}">\n{text}\n</file>\n' for path, text in texts.items())
    )
    expected = {path: f"{text}\n".encode() if text else b"" for path, text in texts.items()}
    assert reply.files == expected
