"""How checks are run on a page in real Chromium: how they are read, and what they do to others."""

from builder.findings import Severity, Source
from builder.site import Site
from builder.verification.browser import Browser, executable
from builder.verification.page_report import PageCheck, PageReport

CHROMIUM = executable() or "no Chromium: run make setup"
HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Rain</title><h1>Rain</h1>'


def look(body: str, *checks: str | PageCheck, patience: float = 3.0) -> PageReport:
    """Look at a page with `body`; checks that are no PageCheck are those of the request."""
    asked = [
        PageCheck(check, Source.CHECK) if isinstance(check, str) else check for check in checks
    ]
    site = Site({"index.html": f"{HEAD}{body}".encode(), "data.csv": b"42\n"})
    browser = Browser(CHROMIUM, budget=20, check_seconds=patience, axe=lambda: None)
    return browser.look(site, "rain-app", asked)


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


def test_page_checks__are_read_as_expression_function_or_body() -> None:
    """Statements, functions and what returns are run as they are meant."""
    report = look("", *READABLE)
    assert failed(report) == []
    assert report.passed == len(READABLE)


def test_page_checks__of_every_reading_fail() -> None:
    """However a check is written, it fails where it does not hold: a function is no truth."""
    untrue = ["return document.title === 'Snow'", "() => document.title === 'Snow'", "return"]
    report = look("", *untrue, "JSON.parse('{')", patience=1)
    assert report.passed == 0
    assert len(failed(report)) == 4


def test_page_checks__that_cannot_run_only_warn() -> None:
    """What is neither an expression nor a body is told as a fault of the check, not of the page."""
    broken = ["document.title ==", "return document.title ==", "the page has a title", "() => {"]
    report = look("", *broken, "true")
    assert failed(report) == []
    assert [result.can_run for result in report.results] == [False] * 4 + [True]
    told = [found.seen for found in report.findings if found.source is Source.CHECK]
    assert len(told) == 4
    assert all(seen.startswith("the check itself cannot run: SyntaxError") for seen in told)
