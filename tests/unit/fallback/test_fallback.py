"""The site without a model: what it shows, what it calls missing, and that it invents nothing."""

import re
import time
from html import unescape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.contract.contract import Contract
from builder.errors import InvalidAttachment, UnsafePath
from builder.fallback import build, readme
from builder.fallback.expectations import Expectation, expectations, title
from builder.request import Check, Request
from builder.rounds import NOTHING, Base, Round
from builder.site import Site
from tests.conftest import RequestOf, workbook

SHEET = (
    '<sheetData><row><c t="inlineStr"><is><t>n</t></is></c></row>'
    "<row><c><v>2</v></c></row></sheetData>"
)
SECTIONS = {"## Summary", "## Setup", "## Usage", "## Code explanation", "## License"}
CSV = "city,rain\nOslo,7.5\nRome,12\n"


def attached(name: str, text: str) -> dict[str, str]:
    return {"name": name, "url": "data:," + quote(text, safe="+")}


def site_of(request: Request, base: Base = NOTHING) -> Site:
    return build(request, base, Contract.of(request, base.rounds), year=2026)


def page_of(request: Request) -> str:
    return site_of(request)["index.html"].decode()


def gaps(page: str) -> list[str]:
    return [unescape(gap) for gap in re.findall(r"<li>([^<]*)</li>", page)][:-1]


def test_build__says_that_it_is_a_fallback(request_of: RequestOf) -> None:
    """Page and README say so, quote the brief and name what is missing; the brief cannot inject."""
    request = request_of(
        brief="Count <b>the rain</b> of rain.csv.",
        checks=["Has a chart", "js: !!document.querySelector('#total')"],
        attachments=[attached("rain.csv", CSV)],
    )
    site = site_of(request)
    page, paper = site["index.html"].decode(), site["README.md"].decode()
    assert "This is a fallback page." in page
    assert "**fallback**" in paper
    assert "Count &lt;b&gt;the rain&lt;/b&gt; of rain.csv." in page
    assert gaps(page) == ["the element #total"]
    assert "element #total" in paper
    assert "is hereby granted" in site["LICENSE"].decode()
    assert site["rain.csv"] == CSV.encode()
    assert dict(site) == dict(site_of(request))


def test_build__invents_no_content(request_of: RequestOf) -> None:
    """A number that a check expects, and a text that it compares, are not put on the page."""
    request = request_of(
        brief="Sum the rain of rain.csv in #total, and greet with #hello.",
        checks=[
            "js: parseFloat(document.querySelector('#total').textContent) === 19.5",
            "js: document.querySelector('#hello').textContent.trim() === 'Good morning'",
        ],
        attachments=[attached("rain.csv", CSV)],
    )
    page = page_of(request)
    assert "19.5" not in page
    assert "Good morning" not in page
    assert gaps(page) == ["the element #total", "the element #hello"]


def test_build__gives_ids_where_the_content_is_certain(request_of: RequestOf) -> None:
    """An id goes to the one attachment that all checks on it fit, else to none."""
    for check, name, text, holds in [
        ("document.querySelectorAll('#r tbody tr').length === 2", "a.csv", CSV, '<div id="r"'),
        ("document.querySelectorAll('#r tbody tr').length === 3", "a.csv", CSV, None),
        ("!!document.querySelector('table#r td')", "a.csv", CSV, '<table id="r"'),
        ("!!document.querySelector('#rain')", "rain.csv", CSV, '<div id="rain"'),
        ("document.querySelector('#n h1').textContent === 'N'", "a.md", "# N", '<div id="n"'),
        ("document.querySelector('#n h1').textContent === 'O'", "a.md", "# N", None),
        ("document.getElementById('p').innerText.includes('x')", "a.txt", "a x", '<div id="p"'),
        ("JSON.parse(document.querySelector('#j').textContent)", "a.json", "{}", '<div id="j"'),
        ("document.querySelector('img#i').width", "a.svg", "<svg/>", '<img id="i" src="a.svg"'),
    ]:
        request = request_of(checks=[{"js": check}], attachments=[attached(name, text)])
        page = page_of(request)
        if holds is None:
            assert gaps(page) == [f"the element #{expectations(request.checks)[0].id}"]
        else:
            assert holds in page


def test_build__two_tables_share_no_id(request_of: RequestOf) -> None:
    """Where two attachments fit, nothing is certain."""
    files = [attached("a.csv", CSV), attached("b.csv", CSV)]
    page = page_of(request_of(checks=["js: document.querySelector('#t tr')"], attachments=files))
    assert 'id="t"' not in page
    assert page.count("<table>") == 2


def test_build__shows_attachments_by_their_format(request_of: RequestOf) -> None:
    """Tables, JSON, Markdown, text and pictures are shown; anything else is linked."""
    for name, content, shown in [
        ("a.json", '[{"n": 1}, {"n": null}]', '<th scope="col" class="number">n</th>'),
        ("a.json", '{"a": {"b": "<i>"}}', "&lt;i&gt;"),
        ("a.md", "# T\n<script>x</script>\n\n|a|\n|-|\n|b|", "&lt;script&gt;x&lt;/script&gt;"),
        ("a.md", "[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("a.md", "[gone](no.html) [here](a.md)", '<a>gone</a> <a href="a.md">'),
        ("a.md", "[up](#up) [x](//e.org/)", '<a>up</a> <a href="//e.org/">'),
        ("a.txt", "one\n  two", "<pre>one\n  two</pre>"),
        ("a b.png", "\x89PNG", 'src="a%20b.png" alt="a b.png"'),
        ("a.pdf", "%PDF-1.4", '<a href="a.pdf">a.pdf</a>'),
    ]:
        page = page_of(request_of(attachments=[attached(name, content)]))
        assert shown in page
        assert "<script" not in page
        assert "javascript:" not in page.replace("[x](javascript:alert(1))", "")


def test_build__lets_no_markup_through(request_of: RequestOf) -> None:
    """HTML of an attachment is shown as text, and links that could run something are no links."""
    texts = ["a <img src=x onerror=y> b", "![a](javascript:x)", "<javascript:x>"]
    texts += ["[a](data:text/html,x)", '[a](x "\\" onclick=y")']
    page = page_of(request_of(attachments=[attached("a.md", "\n\n".join(texts))]))
    for harm in ("<img src=x", 'href="javascript', 'src="javascript', 'href="data:t', '" onclick'):
        assert harm not in page


def test_build__shows_a_workbook_and_other_encodings(request_of: RequestOf) -> None:
    """A sheet is a table under its name; a table in another encoding is shown as it reads."""
    url = "data:application/x," + quote(workbook(SHEET), safe="")
    latin = "data:text/csv;charset=iso-8859-1," + quote("name\nZoë\n".encode("latin-1"), safe="")
    files = [{"name": "a.xlsx", "url": url}, {"name": "a.csv", "url": latin}]
    page = page_of(request_of(attachments=files))
    for shown in ("<h2>a.xlsx: Sales</h2>", '<td class="number">2</td>', "<td>Zoë</td>"):
        assert shown in page


def test_build__long_and_many_files_make_no_endless_page(request_of: RequestOf) -> None:
    """The first thousand rows of a table are shown, and it is said; a thousand files are all
    linked, and shown as far as a page bears it."""
    rows = "\n".join(f"{n}" for n in range(1_500))
    page = page_of(request_of(attachments=[attached("a.csv", f"n\n{rows}\n")]))
    assert page.count("<tr>") == 1_001
    assert "The first 1,000 of 1,500 rows are shown." in page
    files = [attached(f"{n}.txt", "word+" * 2_000) for n in range(1_000)]
    page = page_of(request_of(attachments=files))
    assert page.count('<a href="') >= 1_000
    assert len(page) < 3_000_000


def test_build__later_round_keeps_what_stands(request_of: RequestOf) -> None:
    """Files and licence of earlier rounds stay, and all briefs are told; a round 1 begins anew."""
    first = request_of(attachments=[attached("a.csv", CSV)])
    base = Base(site_of(first) | {"extra.txt": b"mine"}, (Round.of(first),))
    second = request_of(round=2, nonce="2", brief="Now with snow.")
    site = site_of(second, base)
    page = site["index.html"].decode()
    assert site["extra.txt"] == b"mine"
    assert "Publish a page titled" in page
    assert "Now with snow." in page
    assert "<td>Oslo</td>" in page
    assert "extra.txt" not in site_of(first, base)


def test_build__attachments_win(request_of: RequestOf) -> None:
    """An attachment called index.html or LICENSE is delivered as it came."""
    files = [attached("index.html", "mine"), attached("LICENSE", "own")]
    site = site_of(request_of(attachments=files))
    assert (site["index.html"], site["LICENSE"]) == (b"mine", b"own")


def test_build__leaves_a_withheld_attachment_out(request_of: RequestOf) -> None:
    """Without a reading, an attachment beside words of secrecy is neither shown nor linked."""
    request = request_of(
        brief="Show d.csv. The file k.csv is confidential.",
        attachments=[attached("d.csv", CSV), attached("k.csv", "key\n0815\n")],
    )
    site = site_of(request)
    assert "k.csv" not in site
    assert not [path for path in site if b"0815" in site[path] or b'href="k.csv"' in site[path]]


def test_build__refuses_attachments_that_cannot_stand(request_of: RequestOf) -> None:
    """A name outside of the site or twice, and broken content, are errors."""
    for attachments, error in [
        ([{"name": "../x", "url": "data:,x"}], UnsafePath),
        ([attached("a", "1"), attached("a", "2")], UnsafePath),
        ([{"name": "a", "url": "data:;base64,%"}], InvalidAttachment),
    ]:
        with pytest.raises(error):
            site_of(request_of(attachments=attachments))


def test_readme__is_about_the_very_app(request_of: RequestOf) -> None:
    """The one that stands in for a model's has all sections, the app's title and its files."""
    request = request_of(attachments=[attached("a.csv", CSV)])
    site = Site({"index.html": b"<title>Rain &amp; snow</title>", "a.csv": b"", "app.css": b""})
    text = readme(request, NOTHING, site, Contract.of(request))
    assert {*text.splitlines()} >= SECTIONS
    assert text.startswith("# Rain \\& snow\n")
    assert "| `app.css` | part of the app |" in text
    assert "fallback" not in text.lower()
    assert {*site_of(request)["README.md"].decode().splitlines()} >= SECTIONS


def test_title__of_the_last_check_that_demands_one(request_of: RequestOf) -> None:
    """The literal of a check is the title, else the task's name in words."""
    checks = [
        Check.model_validate({"js": source})
        for source in ("document.title === 'A'", r"document.title.trim() == `It\'s`", "1 === 1")
    ]
    assert title(checks) == "It's"
    assert title([Check.model_validate("document.title === 'A'")]) is None
    assert "<title>Sum of rain</title>" in page_of(request_of(brief='titled "Other"'))


def test_expectations__read_selectors_only() -> None:
    """Tag, id, inner tags and literals are told apart."""
    source = "document.querySelectorAll(\"table#t > tbody tr.odd[data-x='a'] td\").length === 4"
    assert expectations([Check.model_validate({"js": source})]) == [
        Expectation("t", tag="table", inner=frozenset({"tbody", "tr", "td"}))
    ]


def test_expectations__of_hostile_text_are_fast() -> None:
    """A hundred kilobytes of anything take no time to speak of."""
    for unit in ("document.querySelector('", "#a ", "\\'", "document.title=='"):
        checks = [Check.model_validate({"js": "x" + (unit * 100_000)[:100_000]})]
        start = time.process_time()
        expectations(checks)
        title(checks)
        assert time.process_time() - start < 0.5


@given(st.text(alphabet="document.querySelector('#a b')=. trim()`\\\"", max_size=300))
def test_expectations__never_raise(source: str) -> None:
    """Any text is looked at without an error."""
    checks = [Check.model_validate({"js": f"x{source}"})]
    expectations(checks)
    title(checks)
