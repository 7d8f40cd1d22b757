"""Static findings over a site."""

import io
import json
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builder.contract.contract import Contract, Rule, sha256
from builder.contract.starter_files import licence
from builder.fallback import build
from builder.findings import Severity, Source
from builder.rounds import NOTHING
from builder.site import Site
from builder.verify.inspection import MAX_FILE_BYTES, inspect
from tests.conftest import RequestOf

LICENCE = licence(datetime(2026, 1, 1, tzinfo=UTC).year).encode()
README = b"# Rain\n\nShows how much rain fell.\n\n## Setup\n\n## Usage\n\n## Code\n\n## License\n"
SOUND = {"index.html": b"<!doctype html><p id='sum'>", "README.md": README, "LICENSE": LICENCE}


def _inspect(files: dict[str, bytes], contract: Contract) -> list[str]:
    findings = inspect(Site({**SOUND, **files}), contract, "app")
    return [f"{finding.severity} {finding.subject}" for finding in findings]


def test_inspect__of_a_sound_site() -> None:
    """A site that keeps the contract has no finding."""
    contract = Contract(
        required=(Rule("index.html", ""),),
        unwanted=(Rule(".env", ""),),
        verbatim={"a.csv": sha256(b"x")},
    )
    assert _inspect({"a.csv": b"x", ".nojekyll": b""}, contract) == []


@pytest.mark.parametrize("files", [{}, {"b/a.txt": b"x"}, {"a.txt": b""}])
def test_inspect__required_files(files: dict[str, bytes]) -> None:
    """A file that is missing, elsewhere or empty fails, and the finding quotes the request."""
    contract = Contract(required=(Rule("a.txt", "three lines in a.txt"),))
    assert _inspect(files, contract) == ["failure a.txt"]
    assert "three lines in a.txt" in inspect(Site(SOUND), contract, "app")[0].expected


def test_inspect__unwanted_files() -> None:
    """An unwanted file, one in an unwanted folder and a withheld attachment fail."""
    contract = Contract(
        unwanted=(Rule(".env", ""), Rule("dist/", "no build"), Rule("*.log", "no logs")),
        withheld={"pay.csv": "pay.csv is for you only"},
        is_read=True,
    )
    files = dict.fromkeys((".env", "dist/a.js", "logs/b.log", "pay.csv", "c.txt"), b"x")
    unwanted = ["failure .env", "failure dist/a.js", "failure logs/b.log", "failure pay.csv"]
    assert _inspect(files, contract) == unwanted


def test_inspect__without_a_reading() -> None:
    """That an attachment may be secret is a warning."""
    contract = Contract(withheld={"pay.csv": "pay.csv, secret"})
    assert _inspect({}, contract) == ["warning pay.csv"]
    assert _inspect({}, replace(contract, is_read=True)) == []


def test_inspect__files_that_a_workflow_makes() -> None:
    """They are neither missing nor dead links, and it is told that they are not there yet."""
    page = b"<!doctype html><a href='rates.json'>1</a><a href='other.json'>2</a>"
    contract = Contract(required=(Rule("rates.json", ""),), made_by_workflow={"rates.json": ""})
    later, dead = inspect(Site({**SOUND, "a.html": page}), contract, "app")
    assert (later.subject, later.source) == ("rates.json", Source.WORKFLOW)
    assert "other.json" in dead.seen
    clash = Contract(made_by_workflow={"index.html/x.json": ""})
    assert _inspect({}, clash) == ["warning index.html/x.json"]
    assert _inspect({"rates.json": b"{}"}, contract) == []


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


WORKFLOW = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: ls}]}}\n", []),
        (b"on: push\njobs: {a: {steps: [{run: ls}]}}\n", ["'runs-on' is a required"]),
        (b"on: [push\n", ["no YAML"]),
        (b"\xff", ["not UTF-8"]),
    ],
)
def test_inspect__attached_workflow(content: bytes, seen: list[str]) -> None:
    """What GitHub would not run is told as a warning: the file stays as it came."""
    contract = Contract(verbatim={WORKFLOW: sha256(content)})
    found = inspect(Site({**SOUND, WORKFLOW: content}), contract, "app")
    told = [(one.severity, one.source, one.subject) for one in found]
    assert told == [(Severity.WARNING, Source.ATTACHMENT, WORKFLOW)] * len(seen)
    assert all(words in one.seen for words, one in zip(seen, found, strict=True))


SHAPE = Rule("a.json", "n: int", {"type": "object", "properties": {"n": {"type": "integer"}}})


def test_inspect__json_shape() -> None:
    """JSON has to fit the shape that the request gives it, and to parse."""
    for content, expected in [
        (b'{"n": 3}', []),
        (b'{"n": "3"}', ["failure a.json"]),
        (b"[]", ["failure a.json"]),
        (b"", ["warning a.json", "failure a.json"]),
        (b'{"n": 3', ["failure a.json", "warning a.json"]),
        (b"[" * 100_000, ["failure a.json", "warning a.json"]),
    ]:
        assert _inspect({"a.json": content}, Contract(json_shapes=(SHAPE,))) == expected


def test_inspect__finds() -> None:
    """Each kind of fault in a file is found."""
    for files, expected in [
        ({"a.html": b"<!doctype html><a href='none.html'>"}, ["failure a.html"]),
        ({"a.json": b"{"}, ["failure a.json"]),
        ({"a.csv": b"a,b\n1\n"}, ["warning a.csv"]),
        ({"LICENSE": b"MIT License"}, ["failure LICENSE"]),
        ({"README.md": README.replace(b"## Usage", b"")}, ["warning README.md"]),
        ({"a.css": b""}, ["warning a.css"]),
        ({"a.bin": b"x" * (6 * 1024 * 1024)}, ["warning a.bin"]),
        ({"a.bin": bytes(MAX_FILE_BYTES + 1)}, ["failure a.bin"]),
    ]:
        assert _inspect(files, Contract()) == expected


def test_inspect__of_the_fallback(request_of: RequestOf) -> None:
    """The fallback keeps the contract of its request."""
    request = request_of(
        brief="Show d.csv.", attachments=[{"name": "d.csv", "url": "data:text/csv,a%0A1%0A2%0A"}]
    )
    contract = Contract.of(request)
    assert inspect(build(request, NOTHING, contract, year=2026), contract, "app") == []


def _hostile() -> dict[str, bytes]:
    """Return files that are made to take long."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(50_000_000))
    entities = b"<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'>%s]><svg>&z;</svg>" % b"".join(
        b"<!ENTITY %c '%s'>" % (at, b"&%c;" % (at - 1) * 10) for at in range(ord("b"), ord("{"))
    )
    return {
        "bomb.svg": entities,
        "bomb.xml": entities.replace(b"svg", b"r"),
        "deep.xml": b"<a>" * 200_000,
        "bomb.zip": packed.getvalue(),
        "fields.json": json.dumps({str(number): 0 for number in range(100_000)}).encode(),
        "twice.json": b"{" + b'"a":1,' * 50_000 + b'"a":1}',
        "fences.md": b"```x\n" * 20_000,
        "tags.html": b"<!doctype html>" + b"<a href='" * 12_000,
        "style.css": b"url(" * 25_000 + b"/*" * 10_000,
    }


def test_inspect__hostile_files() -> None:
    """A file that is made to take long takes no time."""
    files = _hostile()
    for path, content in files.items():
        site = {**SOUND, path: content, "README.md": files["fences.md"]}
        start = time.process_time()
        inspect(Site(site), Contract(), "app")
        assert time.process_time() - start < 1, path


def test_inspect__many_files() -> None:
    """A thousand files and hundreds of rules take no time."""
    names = [f"data/part-{number}.json" for number in range(1000)]
    contract = Contract(
        required=tuple(Rule(name, "") for name in names[::5]),
        unwanted=tuple(Rule(f"*a*a*{number}*z", "") for number in range(200)),
    )
    start = time.process_time()
    assert _inspect(dict.fromkeys(names, b"{}"), contract) == []
    assert time.process_time() - start < 2
