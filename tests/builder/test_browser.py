"""Looks at small sites in real Chromium: what is found, and that a hostile page changes nothing."""

import os
import select
import stat
from pathlib import Path

import pytest

from builder.findings import Severity, Source
from builder.site import Site
from builder.verify.browser import Browser, executable, front_page
from builder.verify.page_report import PageCheck, PageReport

CHROMIUM = executable() or "no Chromium: run make setup"

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rain</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>"""


def page(body: str) -> bytes:
    return f"{HEAD}<body><main><h1>Rain</h1>{body}</main></body></html>".encode()


def look(
    body: str | bytes,
    *expressions: str,
    files: dict[str, bytes] | None = None,
    budget: float = 20.0,
    patience: float = 3.0,
) -> PageReport:
    """Look at a page with `body`; what never holds is soon given up."""
    content = page(body) if isinstance(body, str) else body
    site = Site({"index.html": content, **(files or {})})
    checks = [PageCheck(expression, Source.CHECK) for expression in expressions]
    return Browser(CHROMIUM, budget=budget, check_seconds=patience).look(site, "rain-app", checks)


def told(report: PageReport, severity: Severity) -> str:
    return "\n".join(str(found) for found in report.findings if found.severity is severity)


GOOD = """<p id="total"></p><script>
fetch("data.csv").then(reply => reply.text()).then(text => {
  setTimeout(() => { document.querySelector("#total").textContent = text.trim(); }, 300);
});
</script>"""


def test_browser__good_site() -> None:
    """Checks are polled on the site under its path, in a secure context; nothing is found."""
    expressions = [
        "document.title === `Rain`",
        "parseFloat(document.querySelector('#total').textContent) === 42",
        "location.pathname === '/rain-app/' && isSecureContext",
        "await fetch('data.csv').then(reply => reply.ok)",
        "fetch('data.csv').then(reply => reply.headers.get('content-type').startsWith('text/csv'))",
        "const rows = document.querySelectorAll('h1'); rows.length === 1",
    ]
    report = look(GOOD, *expressions, files={"data.csv": b"42\n", ".nojekyll": b""})
    assert report.findings == []
    assert report.passed == len(expressions)
    assert report.screenshots.keys() == {"desk.png", "phone.png"}
    widths = {name: int.from_bytes(png[16:20]) for name, png in report.screenshots.items()}
    assert widths == {"desk.png": 1280, "phone.png": 390}


FAULTY = """<p id="total">1,234.50</p>
<img src="gone.png" alt="gone"><img src="/root.png" alt="root">
<div style="width: 900px" class="wide">wide</div><img src="data.svg">
<script>
console.error("first", 1); console.error("first", 1);
Promise.reject(new TypeError("left alone"));
</script>
<script>undefinedFunction();</script>"""


def test_browser__faulty_site() -> None:
    """Checks tell what they saw; errors and missing files are failures, lesser things warnings."""
    expressions = {
        "parseFloat(document.querySelector('#total').textContent) === 1234.5": "1,234.50</p>",
        "document.querySelector('#missing').textContent === 'x'": "is no such element",
        "document.querySelectorAll('#total').length > 2": "is 1 elements",
        "document.title ==": "SyntaxError: Unexpected end of input",
        "Promise.reject(new Error('no luck'))": "Error: no luck",
        "'x'.repeat(1e7) && ''": "''",
        "JSON.parse(document.querySelector('#total').textContent + '}').a": "SyntaxError",
    }
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    report = look(FAULTY, *expressions, "true", files={"data.svg": svg}, budget=8)
    assert [result.passed for result in report.results] == [False] * len(expressions) + [True]
    for result, words in zip(report.results, expressions.values(), strict=False):
        assert words in result.seen
    failures, warnings = told(report, Severity.FAILURE), told(report, Severity.WARNING)
    assert "ReferenceError: undefinedFunction is not defined" in failures
    assert "TypeError: left alone" in failures
    assert "gone.png" in failures
    assert "page /root.png: " in failures
    assert warnings.count("first 1") == 1
    assert "up to div.wide" in warnings
    assert "accessibility image-alt" in warnings


def test_browser__check_without_an_end() -> None:
    """An expression that loops for ever fails; the others are evaluated all the same."""
    report = look("", "while (true);", "true", patience=15)
    assert [result.passed for result in report.results] == [False, True]
    assert "does not end" in report.results[0].seen


def test_browser__blank_page() -> None:
    """A page on which nothing can be seen is a failure."""
    report = look(f"{HEAD}<body><div id='app'></div></body></html>".encode(), budget=8)
    assert "it is blank" in told(report, Severity.FAILURE)


@pytest.mark.parametrize(
    ("hostile", "word"),
    [
        ("while (true);", "it hangs"),
        ("while (true) alert(1);", "it hangs"),
        ("location = 'http://192.0.2.1/elsewhere'", "http://192.0.2.1/elsewhere"),
        (
            "const all = []; setInterval(() => all.push(Array(1e7).fill(0.5)), 1)",
            "crash",
        ),
    ],
    ids=["endless", "alerts", "redirect", "memory"],
)
def test_browser__hostile_page(hostile: str, word: str) -> None:
    """A page that hangs, leaves or eats memory is a failure, and the look ends in time."""
    report = look(f"<script>{hostile}</script>", "document.title === 'never'", budget=20)
    assert word in told(report, Severity.FAILURE)
    assert report.passed == 0
    assert report.seconds < 21


@pytest.mark.parametrize(
    "nuisance",
    [
        "<script>alert(1); confirm(2); prompt(3);</script>",
        "<script>window.close()</script>",
        "<script>for (let n = 0; n < 50; n++) window.open('about:blank');</script>",
        "<script>onbeforeunload = () => 'stay'; location = 'file:///etc/passwd';</script>",
        "<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\">",
        "<script>window.eval = Promise = JSON = Array.prototype.map = null;</script>",
        "<script>for (let n = 0; n < 500; n++) console.error(n + 'x'.repeat(1e3));</script>",
    ],
    ids=["dialogs", "close", "popups", "file", "csp", "globals", "console"],
)
def test_browser__nuisance(nuisance: str) -> None:
    """Dialogs, windows, a policy or changed globals keep no check from being evaluated."""
    report = look(nuisance, "document.querySelector('h1').textContent === 'Rain'")
    assert report.passed == 1
    assert "page the page" not in told(report, Severity.FAILURE)


def test_browser__out_of_time(tmp_path: Path) -> None:
    """At the end of its budget the look is killed, Chromium with it, and a warning tells."""
    chromium = script(
        tmp_path / "chromium", f'echo $$ > \'{tmp_path}/pid\'; exec "{CHROMIUM}" "$@"'
    )
    site = Site({"index.html": page("<script>while (true) console.error(1);</script>")})
    report = Browser(chromium, budget=6.0).look(site, "rain-app", [PageCheck("1", Source.CHECK)])
    assert report.seconds < 9
    assert "page the browser: " in told(report, Severity.WARNING)
    assert ends(int((tmp_path / "pid").read_text()))


def test_browser__killed_before_it_looks(tmp_path: Path) -> None:
    """A Chromium that never answers is given up; the site is not held responsible."""
    silent = script(tmp_path / "silent", f"echo $$ > '{tmp_path}/pid'; exec sleep 60")
    report = Browser(silent, budget=5.0).look(
        Site({"index.html": page("")}), "rain-app", [PageCheck("1", Source.CHECK)]
    )
    [finding] = report.findings
    assert finding.severity is Severity.WARNING
    assert report.results == []
    assert report.seconds < 6
    assert ends(int((tmp_path / "pid").read_text()))


def test_browser__that_does_not_start(tmp_path: Path) -> None:
    """A Chromium that cannot be run is one warning with the reason."""
    report = Browser(str(tmp_path / "none")).look(Site({"index.html": page("")}), "rain-app", [])
    [finding] = report.findings
    assert finding.severity is Severity.WARNING
    assert finding.seen


def test_browser__no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither Chromium nor the process above it has more of the environment than it needs."""
    monkeypatch.setenv("OPENAI_API_KEY", "marker-4711")
    chromium = script(
        tmp_path / "chromium",
        f"cat /proc/self/environ /proc/$PPID/environ > '{tmp_path}/environ'; "
        f'exec "{CHROMIUM}" "$@"',
    )
    report = Browser(chromium, budget=12).look(Site({"index.html": page("")}), "rain-app", [])
    assert report.findings == []
    environ = (tmp_path / "environ").read_bytes()
    assert b"PATH=" in environ
    assert b"marker-4711" not in environ


def test_browser__dot_files_are_not_served() -> None:
    """As on Pages, a file whose name begins with a dot is not there."""
    files = {".env": b"A=1", "data/.hidden": b"x", ".well-known/a.txt": b"x"}
    statuses = (
        "(await Promise.all(['.env', 'data/.hidden', '.well-known/a.txt']"
        ".map(name => fetch(name).then(reply => reply.status)))).join()"
    )
    report = look("", f"{statuses} === '404,404,200'", files=files)
    assert report.passed == 1


def test_browser__axe_missing() -> None:
    """Without axe-core one warning says so."""
    browser = Browser(CHROMIUM, budget=12, axe=lambda: None)
    [finding] = browser.look(Site({"index.html": page("")}), "rain-app", []).findings
    assert (finding.source, finding.severity) == (Source.ACCESSIBILITY, Severity.WARNING)


def test_browser__site_without_a_page() -> None:
    """A site without HTML has no page findings; a check on it fails at once."""
    checks = [PageCheck("true", Source.CHECK)]
    report = Browser(CHROMIUM).look(Site({"haiku.txt": b"x"}), "rain-app", checks)
    assert [finding.source for finding in report.findings] == [Source.CHECK]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["index.html", "a.html"], "index.html"),
        (["docs/a.html", "z.html"], "z.html"),
        (["docs/index.html"], "docs/index.html"),
        (["a.txt", ".b.html"], None),
    ],
)
def test_front_page__nearest(paths: list[str], expected: str | None) -> None:
    """The page looked at is index.html, else the first that is nearest to the root."""
    assert front_page(Site(dict.fromkeys(paths, b""))) == expected


def script(path: Path, text: str) -> str:
    """Make an executable shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def ends(pid: int) -> bool:
    """Return whether the process ends within five seconds."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 5)[0])
    finally:
        os.close(process)
