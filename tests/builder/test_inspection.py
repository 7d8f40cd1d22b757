"""Static findings over a site."""

import time
from datetime import UTC, datetime

import pytest

from builder.brief.contract import Contract, JsonRule, Rule, sha256
from builder.contract import contract as new
from builder.fallback import build
from builder.rendering import Renderer
from builder.request import Request
from builder.rounds import NOTHING
from builder.site import Site
from builder.starter_files import licence
from builder.verify.inspection import MAX_FILE_BYTES, inspect
from tests.conftest import RequestOf

LICENCE = licence(datetime(2026, 1, 1, tzinfo=UTC).year, Renderer().render).encode()
README = b"# Rain\n\nShows how much rain fell.\n\n## Setup\n\n## Usage\n\n## Code\n\n## License\n"
SOUND = {"index.html": b"<!doctype html><p id='sum'>", "README.md": README, "LICENSE": LICENCE}


def _inspect(files: dict[str, bytes], contract: Contract) -> list[str]:
    findings = inspect(Site({**SOUND, **files}), contract, "app")
    return [f"{finding.severity} {finding.subject}" for finding in findings]


def test_inspect__of_a_sound_site() -> None:
    """A site that keeps the contract has no finding."""
    contract = Contract(
        required=(Rule("index.html", "", True),),
        forbidden=(Rule(".env", "", True),),
        verbatim={"a.csv": sha256(b"x")},
        element_ids=("sum",),
    )
    assert _inspect({"a.csv": b"x", ".nojekyll": b""}, contract) == []


@pytest.mark.parametrize(
    ("rule", "files", "expected"),
    [
        (Rule("a.txt", "a.txt exists", True), {}, ["failure a.txt"]),
        (Rule("a.txt", "maybe a.txt", False), {}, ["warning a.txt"]),
        (Rule("a.txt", "a.txt exists", True), {"b/a.txt": b"x"}, ["failure a.txt"]),
        (Rule("a.txt", "a.txt in the folder b", True), {"b/a.txt": b"x"}, ["warning a.txt"]),
        (Rule("a.txt", "maybe a.txt", False), {"b/a.txt": b"x"}, []),
        (Rule("a.txt", "a.txt exists", True), {"a.txt": b""}, ["failure a.txt"]),
        (Rule("a.txt", "maybe a.txt", False), {"a.txt": b""}, ["warning a.txt"]),
    ],
)
def test_inspect__required_files(rule: Rule, files: dict[str, bytes], expected: list[str]) -> None:
    """A missing or empty file fails where the wording is plain, and warns on a guess."""
    assert _inspect(files, Contract(required=(rule,))) == expected


def test_inspect__shows_the_evidence() -> None:
    """A finding about a file quotes the wording that asks for it."""
    contract = Contract(required=(Rule("a.txt", "- a.txt: three lines", True),))
    [finding] = inspect(Site(SOUND), contract, "app")
    assert "- a.txt: three lines" in finding.expected


@pytest.mark.parametrize("certain", [True, False])
def test_inspect__forbidden_files(certain: bool) -> None:
    """A forbidden file fails where the wording is plain, and warns on a guess."""
    contract = Contract(forbidden=(Rule(".env", "", certain),))
    assert _inspect({".env": b"x"}, contract) == [f"{'failure' if certain else 'warning'} .env"]


def test_inspect__files_of_a_forbidden_group() -> None:
    """A forbidden folder or glob is told of each file in it."""
    contract = Contract(forbidden=(Rule("dist/", "", True), Rule("*.log", "", True)))
    files = {"dist/a.js": b"x", "logs/b.log": b"x", "c.txt": b"x"}
    assert _inspect(files, contract) == ["failure dist/a.js", "failure logs/b.log"]


def test_inspect__altered_attachment() -> None:
    """An attachment has to have the bytes that it came with."""
    assert _inspect({"a.csv": b"y"}, Contract(verbatim={"a.csv": sha256(b"x")})) == [
        "failure a.csv"
    ]


def test_inspect__broken_attachment() -> None:
    """What is wrong inside of an attachment is not the model's fault."""
    content = b"<a href='/x'>C:\\Users\\ann {"
    for path in ("a.json", "a.html", "empty.txt"):
        body = b"" if path == "empty.txt" else content
        assert _inspect({path: body}, Contract(verbatim={path: sha256(body)})) == []


def test_inspect__json_fields() -> None:
    """JSON is held against the fields and types that the brief names."""
    contract = Contract(json_rules=(JsonRule("a.json", {"guests": "integer"}, ""),))
    assert _inspect({"a.json": b'{"guests": 3}'}, contract) == []
    assert _inspect({"a.json": b'{"guests": "3"}'}, contract) == ["failure a.json"]
    assert _inspect({"a.json": b"{guests: 3}"}, contract) == ["failure a.json"]


@pytest.mark.parametrize("content", [b"", b" \n", b"{", b'{"guests": 3', b"[" * 100_000])
def test_inspect__json_with_a_shape_has_to_parse(content: bytes) -> None:
    """A file whose shape is named fails where it is empty or no JSON; without a name it may be."""
    contract = Contract(json_rules=(JsonRule("a.json", {"guests": "integer"}, ""),))
    assert _inspect({"a.json": content}, contract) == ["failure a.json"]
    if not content:
        assert _inspect({"a.json": content}, Contract()) == ["warning a.json"]


def test_inspect__json_list() -> None:
    """The entries of a list are held against their shape one by one."""
    contract = Contract(json_rules=(JsonRule("a.json", [{"id": "integer"}], ""),))
    assert _inspect({"a.json": b'[{"id": 1}, {"id": 2}]'}, contract) == []
    assert _inspect({"a.json": b'[{"id": 1}, {"id": "2"}, 3]'}, contract) == ["failure a.json"] * 2
    assert _inspect({"a.json": b'{"id": 1}'}, contract) == ["failure a.json"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.html": b"<!doctype html><a href='none.html'>"}, ["failure a.html"]),
        ({"a.html": b"<!doctype html><script>fetch('none')</script>"}, ["warning a.html"]),
        ({"a.js": b"open('/home/ann/x.csv')"}, ["warning a.js"]),
        ({"a.json": b"{"}, ["failure a.json"]),
        ({"a.csv": b"a,b\n1\n"}, ["warning a.csv"]),
        ({"LICENSE": b"MIT License"}, ["failure LICENSE"]),
        ({"README.md": README.replace(b"## Usage", b"")}, ["failure README.md"]),
        ({"a.css": b""}, ["warning a.css"]),
        ({"a.bin": b"x" * (6 * 1024 * 1024)}, ["warning a.bin"]),
        ({"a.bin": bytes(MAX_FILE_BYTES + 1)}, ["failure a.bin"]),
    ],
)
def test_inspect__finds(files: dict[str, bytes], expected: list[str]) -> None:
    """Each kind of fault in a file is found."""
    assert _inspect(files, Contract()) == expected


def test_inspect__unknown_element_id() -> None:
    """An id that stands nowhere in page or script is a warning."""
    contract = Contract(element_ids=("sum", "total-sales"))
    assert _inspect({}, contract) == ["warning #total-sales"]
    assert _inspect({"a.js": b"div.id = 'total-sales'"}, contract) == []


def test_inspect__of_the_templates_site(request_of: RequestOf) -> None:
    """The site without a model keeps the contract of its request, in no time."""
    request: Request = request_of(
        brief="Show the sum of column a of d.csv in #sum.",
        attachments=[{"name": "d.csv", "url": "data:text/csv,a%0A1%0A2%0A"}],
    )
    site = build(request, NOTHING, new.Contract.of(request), Renderer().render)
    contract = Contract.of(request)
    start = time.perf_counter()
    assert inspect(site, contract, "app") == []
    assert time.perf_counter() - start < 0.1
