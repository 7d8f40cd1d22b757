"""The files of a site from templates, round by round."""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from builder.brief.contract import Contract, Rule
from builder.errors import InvalidAttachment, UnsafePath
from builder.rendering import Renderer
from builder.request import Request
from builder.rounds import NOTHING, Base, Round
from builder.site import Site
from builder.starter_files import attachments, licence
from builder.templated import build, readme
from builder.templated.libraries import LIBRARIES
from tests.conftest import RequestOf
from tests.templated.conftest import REQUESTS, build_rounds, stored

RENDER = Renderer().render
ROOT = Path(__file__).resolve().parents[2]


def attached(name: str, text: str) -> dict[str, str]:
    return {"name": name, "url": "data:," + quote(text, safe="")}


@pytest.mark.parametrize("name", sorted(path.stem for path in REQUESTS.glob("*.round1.json")))
def test_build__stored_requests(name: str) -> None:
    """Every site has its papers, and the attachments byte for byte."""
    request = stored(name)
    site = build(request, NOTHING, RENDER, year=2026)
    assert {"index.html", "README.md", "LICENSE", ".nojekyll"} <= set(site)
    for attachment in request.attachments:
        assert site[attachment.name] == attachment.decode()


def test_build__is_the_same_for_the_same_request() -> None:
    """Two builds of one request are equal byte for byte."""
    request = stored("order-desk.round1")
    first, second = (build(request, NOTHING, RENDER, year=2026) for _ in range(2))
    assert dict(first) == dict(second)


def test_build__delivers_copies_and_given_texts() -> None:
    """A copy that the brief names and a text that it quotes are files of the site."""
    site = build_rounds(stored("service-status.round1"))
    assert site["backup/status-copy.json"] == site["status.json"]
    assert site["motto.txt"] == b"Always on time"


def test_build__leaves_out_what_it_cannot_make_and_says_so() -> None:
    """No file is invented: page and README list what is missing, and nothing links to it."""
    site = build_rounds(stored("tiny-library.round1"))
    page, paper = site["index.html"].decode(), site["README.md"].decode()
    for name in ("haiku.txt", "harbour.svg", "opening-hours.json"):
        assert name not in site
        assert f"the file {name}" in page
        assert name in paper
        assert f'href="{name}"' not in page
    assert 'href="stamp.txt"' in page


@pytest.mark.parametrize(
    ("brief", "missing"),
    [
        ("Do not add analytics.js or a package.json. Create notes.txt.", ["notes.txt"]),
        ("Must not commit .env or config.yml.", []),
        ("- a.txt: a poem\n- b.svg: a boat\n\nNo tracker.js.", ["a.txt", "b.svg"]),
        ("Publish a.txt and b.txt. Create a.txt with a poem.", ["a.txt", "b.txt"]),
    ],
)
def test_build__misses_no_file_that_is_refused(
    brief: str, missing: list[str], request_of: RequestOf
) -> None:
    """Each file that a brief asks for is missed once, one that it refuses is not."""
    page = build(request_of(brief=brief), NOTHING, RENDER)["index.html"].decode()
    assert re.findall(r"<li>the file ([^<]+)</li>", page) == missing


def test_build__links_are_relative() -> None:
    """No own link begins with a slash: the site stands under /<repo>/."""
    for path in REQUESTS.glob("*.round1.json"):
        page = build_rounds(stored(path.stem))["index.html"].decode()
        links = re.findall(r'(?:href|src)="([^"]*)"', page)
        assert all(not link.startswith("/") for link in links)
        assert all(
            link.startswith(("https://cdn.jsdelivr.net/npm/", "data:,"))
            for link in links
            if ":" in link
        )


def test_build__later_round_keeps_files_and_answers_all_briefs() -> None:
    """Round 2 changes what it brings: earlier elements, attachments and foreign files stay."""
    first, second = stored("sum-of-sales-001.round1"), stored("sum-of-sales-001.round2")
    site = build(first, NOTHING, RENDER, year=2025) | {"extra.txt": b"mine"}
    later = build(second, Base(site, (Round.of(first),)), RENDER, year=2026)
    page = later["index.html"].decode()
    assert later["extra.txt"] == b"mine"
    assert later["data.csv"] == site["data.csv"]
    assert later["LICENSE"] == site["LICENSE"]
    assert 'id="total-sales">21094.40<' in page
    assert page.count('class="bar"') == 4
    assert "Sales Summary 001" in page


def test_build__later_round_replaces_an_attachment() -> None:
    """A new file of the same name stands in for the old one everywhere."""
    first, second = stored("city-temperatures.round1"), stored("city-temperatures.round2")
    site = build_rounds(first, second)
    assert site["readings.csv"] == second.attachments[0].decode()
    assert ">7</dd>" in site["index.html"].decode()
    assert "(in place of the earlier one)" in site["README.md"].decode()


def test_build__later_round_may_put_another_file_in_place(request_of: RequestOf) -> None:
    """“Use b.csv instead of a.csv” moves what was made from a.csv to b.csv; a.csv stays."""
    first = request_of(
        brief="Show the sum of n in #sum from a.csv.", attachments=[attached("a.csv", "n\n1\n2\n")]
    )
    second = request_of(
        round=2,
        brief="Use b.csv instead of a.csv, and show the average of n in #mean.",
        attachments=[attached("b.csv", "n\n10\n30\n")],
    )
    site = build_rounds(first, second)
    page = site["index.html"].decode()
    assert 'id="sum">40<' in page
    assert 'id="mean">20.00<' in page
    assert site["a.csv"] == b"n\n1\n2\n"


def test_build__round_sent_again_replaces_itself(request_of: RequestOf) -> None:
    """A round 2 that comes twice is built on round 1; a round 1 begins anew."""
    requests = [
        request_of(round=1, brief="Show “One” in #one."),
        request_of(round=2, brief="Show “Two” in #two."),
        request_of(round=2, nonce="again", brief="Show “Other” in #two."),
    ]
    site = build_rounds(*requests)
    assert ">Other<" in site["index.html"].decode()
    assert ">Two<" not in site["index.html"].decode()
    anew = build(
        request_of(brief="Show “New” in #new."),
        Base(site | {"old.txt": b""}, (Round.of(requests[0]),)),
        RENDER,
    )
    assert "old.txt" not in anew
    assert 'id="one"' not in anew["index.html"].decode()


def test_build__later_round_without_a_first(request_of: RequestOf) -> None:
    """A round 2 whose round 1 was lost is built from its own brief."""
    request = request_of(round=2, brief="Show “Two” in #two.")
    assert 'id="two">Two<' in build(request, NOTHING, RENDER)["index.html"].decode()


def test_build__attachment_wins_over_a_paper(request_of: RequestOf) -> None:
    """An attachment called index.html or LICENSE is delivered as it came."""
    request = request_of(attachments=[attached("index.html", "mine"), attached("LICENSE", "own")])
    site = build(request, NOTHING, RENDER)
    assert (site["index.html"], site["LICENSE"]) == (b"mine", b"own")


@pytest.mark.parametrize("rounds", [1, 2])
def test_build__leaves_a_confidential_attachment_out(request_of: RequestOf, rounds: int) -> None:
    """The site has neither the file nor a link to it, though it quotes the brief."""
    brief = "Show the rain of d.csv in #rain.\nk.csv is confidential: do not put it into the repo."
    files = [attached("d.csv", "rain\n4711\n"), attached("k.csv", "key\n0815\n")]
    first = request_of(brief="Show d.csv." if rounds == 2 else brief, attachments=files)
    site = build(first, NOTHING, RENDER)
    if rounds == 2:
        assert "k.csv" in site
        second = request_of(round=2, brief=brief)
        site = build(second, Base(site, (Round.of(first),)), RENDER)
    assert ("d.csv" in site, "k.csv" in site) == (True, False)
    assert b"0815" not in b"".join(site.values())
    assert not re.search(rb"""["']k\.csv["']""", site["index.html"])


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ([attached("a.txt", "1"), attached("a.txt", "2")], UnsafePath),
        ([attached("../a.txt", "1")], UnsafePath),
        ([attached("/a.txt", "1")], UnsafePath),
        ([attached(".git/config", "1")], UnsafePath),
        ([attached("a", "1"), attached("a/b", "2")], UnsafePath),
        ([{"name": "a.txt", "url": "data:text/plain;base64,%%%"}], InvalidAttachment),
    ],
)
def test_build__refuses_attachments(
    files: list[dict[str, str]], error: type[Exception], request_of: RequestOf
) -> None:
    """A name that is unsafe or comes twice and content that does not decode are errors."""
    with pytest.raises(error):
        build(request_of(attachments=files), NOTHING, RENDER)


def test_attachments__decoded_in_order(request_of: RequestOf) -> None:
    """Attachments are decoded under their names."""
    request = request_of(attachments=[attached("b.txt", "ä"), attached("a/c.txt", "")])
    assert attachments(request) == {"b.txt": "ä".encode(), "a/c.txt": b""}
    contract = Contract(forbidden=(Rule("b.txt", "b.txt is confidential", True),))
    assert attachments(request, contract) == {"a/c.txt": b""}


def test_licence__is_the_whole_mit_text() -> None:
    """The licence is MIT's text with the year, word for word that of this project."""
    text = licence(2031, RENDER)
    own = (ROOT / "LICENSE").read_text()
    assert "Copyright (c) 2031" in text
    assert text[text.index("Permission is hereby granted") :].split() == (
        own[own.index("Permission is hereby granted") :].split()
    )


def test_readme__sections_and_rounds() -> None:
    """The README has every section, tells what the app shows, and what each round brought."""
    first, second = stored("sum-of-sales-001.round1"), stored("sum-of-sales-001.round2")
    base = Base(build_rounds(first), (Round.of(first),))
    text = readme(second, base, ["index.html", "data.csv"], RENDER)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Summary", "Setup", "Usage", "Code explanation", "Changes", "License"]
    assert "a bar chart of the sum of sales by region" in text
    assert "### Round 1" in text
    assert "### Round 2" in text
    assert "| `data.csv` | attachment |" in text


def test_readme__keeps_no_identity_and_quotes_the_brief(request_of: RequestOf) -> None:
    """Email, nonce and URL stay out; headings and HTML in a brief are quoted, not taken over."""
    request = request_of(brief="# Big\n\n<script>x</script> [a](b)\n## License\nnone")
    text = readme(request, NOTHING, ["index.html"], RENDER)
    assert request.email not in text
    assert request.nonce not in text
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert text.count("\n## License") == 1
    assert "> \\# Big" in text


def test_libraries__are_those_of_the_set_up() -> None:
    """Each address names a version that the set-up installs, and a file that it has."""
    packages = json.loads((ROOT / "tools/package.json").read_text())["dependencies"]
    modules = Path(sys.prefix) / "share/briefship/node_modules"
    for library in LIBRARIES:
        assert packages[library.package] == library.version
        for path in (*library.scripts, *(path for path, _ in library.styles)):
            assert (modules / library.package / path).is_file()
            assert (modules / library.package / path.replace(".min.", ".")).is_file()


@pytest.mark.parametrize(
    ("brief", "check", "absent"),
    [
        ("Use no framework and do not include jQuery.", "js: !window.jQuery", "jquery"),
        ("Render about.md as HTML without any libraries.", "README is there", "https://"),
        ("Draw n by a as a bar chart in #c without Chart.js.", "README is there", "chart.umd"),
    ],
)
def test_libraries__refused_are_not_loaded(
    brief: str, check: str, absent: str, request_of: RequestOf
) -> None:
    """A page loads nothing that its brief refuses, not even what it would take by itself."""
    files = [attached("about.md", "# Hi\n"), attached("data.csv", "a,n\nx,1\ny,2\n")]
    request = request_of(brief=brief, checks=[check], attachments=files)
    page = build(request, NOTHING, RENDER)["index.html"].decode()
    assert not re.findall(rf"(?:src|href)=\"[^\"]*{re.escape(absent)}", page)


def test_libraries__address_is_the_one_that_a_check_names(request_of: RequestOf) -> None:
    """A check that looks for a part of an address finds it."""
    check = """js: !!document.querySelector("script[src*='highlight.js']")"""
    page = build(request_of(brief="Load highlight.js for code.", checks=[check]), NOTHING, RENDER)[
        "index.html"
    ].decode()
    assert re.search(r'src="https://cdn\.jsdelivr\.net/[^"]+/highlight\.js"', page)


@pytest.mark.parametrize(
    ("brief", "names"),
    [
        ("loads Bootstrap 5 from jsdelivr", ["bootstrap.min.css"]),
        ("Bootstrap's bundle and jQuery", ["bootstrap.bundle.min.js", "jquery.min.js"]),
        ("code blocks with highlight.js", ["highlight.min.js"]),
        ("use Chart.js and PapaParse", ["chart.umd.min.js", "papaparse.min.js"]),
        ("with the marked library", ["marked.umd.js"]),
        ("cells marked red, a chart", []),
    ],
)
def test_libraries__named_in_a_brief(brief: str, names: list[str], request_of: RequestOf) -> None:
    """A page loads what the brief names, and nothing else."""
    page = build(request_of(brief=brief), NOTHING, RENDER)["index.html"].decode()
    found = re.findall(r"https://cdn\.jsdelivr\.net/npm/[^\"]+", page)
    for name in names:
        assert any(url.endswith("/" + name) for url in found)
    assert bool(found) == bool(names)


@pytest.mark.parametrize(
    "files",
    [
        {"data.csv": ""},
        {"data.csv": "only,a,head\n"},
        {"data.csv": "a\n" + "x" * 200_000},
        {"data.csv": "\0\1\2"},
        {"data.json": "{"},
        {"data.json": "[{}]"},
        {"notes.md": ""},
        {"p.svg": "<svg"},
        {"p.png": ""},
    ],
)
def test_build__bears_odd_attachments(files: dict[str, str], request_of: RequestOf) -> None:
    """Empty, broken and huge attachments make a page all the same."""
    request = request_of(
        brief="Show the sum of a in #sum, rows by a in a table #t, the picture's natural size in "
        "#size, notes as HTML in #notes with the word count in #count and field a in #field.",
        attachments=[attached(name, text) for name, text in files.items()],
    )
    site = build(request, NOTHING, RENDER)
    assert b"</html>" in site["index.html"]


def test_round__remembers_what_build_needs(request_of: RequestOf) -> None:
    """A later round is built from the rounds as the repository stores them."""
    first = request_of(brief="Show “One” in #one.", attachments=[attached("a.txt", "x")])
    kept: dict[str, Any] = json.loads(Round.of(first).to_json())
    assert kept["attachments"] == {"a.txt": hashlib.sha256(b"x").hexdigest()}
    base = Base(Site({"a.txt": b"x"}), (Round.model_validate_json(json.dumps(kept)),))
    second: Request = request_of(round=2, brief="Show “Two” in #two.")
    page = build(second, base, RENDER)["index.html"].decode()
    assert 'id="one">One<' in page
    assert 'id="two">Two<' in page
