"""How checks are run on a page in real Chromium: how they are read, and what they do to others."""

from collections.abc import Callable

import pytest

from builder.findings import Severity, Source
from builder.site import Site
from builder.verify.page_report import PageCheck, PageReport
from tests.integration.verify.conftest import SharedBrowser

HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Rain</title><h1>Rain</h1>'


Look = Callable[..., PageReport]


@pytest.fixture
def look(shared_browser: SharedBrowser) -> Look:
    """Look at a page with `body`; checks that are no PageCheck are those of the request."""

    def run(body: str, *checks: str | PageCheck, patience: float = 60.0) -> PageReport:
        asked = [
            PageCheck(check, Source.CHECK) if isinstance(check, str) else check for check in checks
        ]
        site = Site({"index.html": f"{HEAD}{body}".encode(), "data.csv": b"42\n"})
        return shared_browser.look(site, asked, budget=90, check_seconds=patience)

    return run


def failed(report: PageReport) -> list[str]:
    """Return the failures, but what they expected."""
    return [
        f"{found.subject}: {found.seen}"
        for found in report.findings
        if found.severity is Severity.FAILURE
    ]


READABLE = [
    "return document.title === 'Rain'",
    "const t = document.title; return t === 'Rain';",
    "const t = document.title; t === 'Rain'",
    "document.title === 'Rain'; // the title",
    "const reply = await fetch('data.csv'); return reply.ok",
    "() => document.title === 'Rain'",
    "async () => (await fetch('data.csv')).ok",
    "function () { return document.title === 'Rain'; };",
    "function is(t) { return document.title === t } is('Rain')",
    "(() => document.title === 'Rain')()",
    "if (document.title !== 'Rain') throw new Error('no'); true",
]


BROKEN = ["document.title ==", "return document.title ==", "the page has a title", "() => {"]
UNTRUE = ["return document.title === 'Snow'", "() => document.title === 'Snow'", "return"]


def test_page_checks__are_read_as_expression_function_or_body(look: Look) -> None:
    """Statements, functions and what returns are run as they are meant: a function is no truth,
    and what is neither is told as a fault of the check, not of the page."""
    report = look("", *READABLE, *UNTRUE, "JSON.parse('{')", *BROKEN)
    held = len(READABLE)
    assert [result.passed for result in report.results] == [True] * held + [False] * 8
    assert [result.ran for result in report.results] == [True] * (held + 4) + [False] * 4
    assert len(failed(report)) == 4
    told = [found.seen for found in report.findings if found.severity is Severity.WARNING]
    assert len(told) == 4
    assert all(seen.startswith("the check itself cannot run: SyntaxError") for seen in told)


MUTABLE = """<button id="go" onclick="document.querySelector('#msg').remove()">go</button>
<p id="msg">here</p>"""
MUTATES = (
    "(() => { document.querySelector('#go').click(); return !document.querySelector('#msg'); })()"
)
MESSAGE = "!!document.querySelector('#msg')"


def test_page_checks__do_not_spoil_one_another(look: Look) -> None:
    """A check that fails on a page on which others were run is tried on a fresh load of its own,
    however many one spoils; what fails there too tells what was seen there."""
    spoiled = [f"{MESSAGE} && {number} > 0" for number in range(1, 7)]
    report = look(MUTABLE, MUTATES, *spoiled, f"{MESSAGE} && false")
    assert [result.passed for result in report.results] == [True] * 7 + [False]
    assert '<p id="msg">here</p>' in report.results[-1].seen
    assert report.page.reason == "", "the time ran out"


def test_page_checks__of_earlier_rounds_have_a_load_of_their_own(look: Look) -> None:
    """What this round's checks change, stored or shown, those of earlier rounds do not meet."""
    stores = "localStorage.setItem('seen', 1); document.title = 'Snow'; true"
    earlier = [
        PageCheck(MESSAGE, Source.REGRESSION),
        PageCheck("document.title === 'Rain'", Source.REGRESSION),
        PageCheck("localStorage.getItem('seen') === null", Source.REGRESSION),
    ]
    report = look(MUTABLE, MUTATES, stores, *earlier)
    assert failed(report) == []
    assert report.passed == 5


def test_page_checks__many_that_fail_end_in_time(look: Look) -> None:
    """However many fail, the loads for them take no longer than a check is waited for."""
    report = look("", *["false", "0", "''", "null"] * 3, patience=5)
    assert report.passed == 0
    assert report.page.reason == "", "the time ran out"


FETCHES = [
    "(await fetch('a.md')).status === 404",
    "fetch('b.md').then(reply => !reply.ok)",
    "return !(await fetch('c.md')).ok",
    "(async () => { await 0; return (await fetch('d.md')).status })().then(s => s === 404)",
    "Promise.resolve('e.md').then(fetch).then(reply => !reply.ok)",
    "(async () => (await fetch('f/g')).status === 404)()",
    "new Promise(missed => Object.assign(new Image(), { onerror: missed, src: 'h.png' }))",
    "window.send('i.md').then(reply => !reply.ok)",
]
"""Each asks for a file that must be absent."""


def test_page_checks__requests_of_their_own_are_no_failure_of_the_page(look: Look) -> None:
    """A file that a check itself asks for, be it by a function of the page, may be missing; nor
    does what a check throws later count."""
    late = "await new Promise(end => setTimeout(() => { end(1); undefinedFunction() }, 50)) === 1"
    report = look("<script>window.send = (path) => fetch(path)</script>", *FETCHES, late)
    assert report.passed == len(FETCHES) + 1
    assert report.findings == []


def test_page_checks__what_a_page_does_when_used_is_its_own(look: Look) -> None:
    """What the page throws when a check clicks is found by its use, not held against the check."""
    body = "<button onclick='undefinedFunction()'>load</button>"
    report = look(body, "document.querySelector('button').click() || true", "true")
    assert report.passed == 2
    assert failed(report) == ["button 'load': undefinedFunction is not defined"]


def test_page_checks__naming_a_file_that_the_page_misses(look: Look) -> None:
    """What the page asks for itself is its failure, whatever a check names."""
    body = "<img src='gone.png' alt='x'><script>fetch('data.json')</script>"
    check = "(await fetch('gone.png')).status + (await fetch('data.json')).status === 808"
    assert sorted(failed(look(body, check))) == ["data.json: 404", "gone.png: 404"]
