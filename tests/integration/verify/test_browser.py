"""Looks at small sites in real Chromium: what is found, and that a hostile page changes nothing."""

import os
import re
import select
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import playwright
import pytest

from builder.findings import Severity, Source
from builder.site import Site
from builder.verify.browser import (
    DISABLED_FEATURES,
    DOWNLOADED,
    LAUNCH_SECONDS,
    Browser,
    front_page,
    programs,
)
from builder.verify.page_report import PageCheck, PageReport
from tests.integration.verify.conftest import SharedBrowser

CHROMIUM = next(filter(None, programs().values()), "no Chromium: run make setup")

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rain</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>"""


def page(body: str) -> bytes:
    return f"{HEAD}<body><main><h1>Rain</h1>{body}</main></body></html>".encode()


Look = Callable[..., PageReport]


@pytest.fixture
def look(shared_browser: SharedBrowser) -> Look:
    """Look at a page with `body`, in a browser that runs; what never holds is soon given up."""

    def run(
        body: str | bytes,
        *expressions: str,
        files: dict[str, bytes] | None = None,
        budget: float = 60.0,
        patience: float = 15.0,
    ) -> PageReport:
        content = page(body) if isinstance(body, str) else body
        site = Site({"index.html": content, **(files or {})})
        return shared_browser.look(
            site, list(map(check, expressions)), budget=budget, check_seconds=patience
        )

    return run


def check(expression: str) -> PageCheck:
    return PageCheck(expression, Source.CHECK)


def told(report: PageReport, severity: Severity) -> str:
    return "\n".join(str(found) for found in report.findings if found.severity is severity)


GOOD = """<p id="total"></p><script>
fetch("data.csv").then(reply => reply.text()).then(text => {
  setTimeout(() => { document.querySelector("#total").textContent = text.trim(); }, 300);
});
</script>"""


def test_browser__good_site(look: Look) -> None:
    """Checks are polled on the site under its path, in a secure context, served as Pages does;
    nothing is found."""
    expressions = [
        "document.title === `Rain`",
        "parseFloat(document.querySelector('#total').textContent) === 42",
        "location.pathname === '/rain-app/' && isSecureContext",
        "await fetch('data.csv').then(reply => reply.ok)",
        "fetch('data.csv').then(reply => reply.headers.get('content-type').startsWith('text/csv'))",
        "(await Promise.all(['.env', 'a/.hidden', '.well-known/a.txt']"
        ".map(name => fetch(name).then(reply => reply.status)))).join() === '404,404,200'",
    ]
    dotted = dict.fromkeys((".env", "a/.hidden", ".well-known/a.txt", ".nojekyll"), b"x")
    report = look(GOOD, *expressions, files={"data.csv": b"42\n", **dotted})
    assert report.findings == []
    assert report.passed == len(expressions)
    assert report.screenshots.keys() == {"desk.png", "phone.png"}
    widths = {name: int.from_bytes(png[16:20]) for name, png in report.screenshots.items()}
    assert widths == {"desk.png": 1280, "phone.png": 390}


FAULTY = """<p id="total">1,234.50</p>
<img src="gone.png" alt="gone"><img src="http://example.org/plain.png" alt="plain">
<img src="/root.png" alt="root">
<div style="width: 900px" class="wide">wide</div><img src="data.svg">
<script>
console.error("first", 1); console.error("first", 1);
Promise.reject(new TypeError("left alone"));
</script>
<script>undefinedFunction();</script>"""


def test_browser__faulty_site(look: Look) -> None:
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
    report = look(FAULTY, *expressions, "true", files={"data.svg": svg}, patience=6)
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
    assert "http://example.org/plain.png: expected an answer; seen plain http" in warnings


def test_browser__what_the_page_asks_for(look: Look) -> None:
    """Told are files and hosts that the page loads by itself or when it is used, by way of another
    host too; not what a check fetches, nor where a link leads."""
    body = """<a href="linked.json">linked</a> <a href="https://linked.example/">too</a>
    <button onclick="fetch('used.json')">Show</button>
    <script>fetch('data/own%20file.json?x=1'); fetch('https://api.example/v1/x').catch(String)
    fetch('https://proxy.example/?url=https%3A%2F%2Ffar.example%2Fx').catch(String)</script>"""
    names = ("linked.json", "used.json", "data/own file.json", "checked.json")
    report = look(body, "fetch('checked.json')", files=dict.fromkeys(names, b"{}"))
    own, other = {"data/own file.json", "used.json"}, {"api.example", "proxy.example"}
    assert report.asked == own | other | {"far.example"}


def test_browser__check_without_an_end(look: Look) -> None:
    """An expression that loops for ever fails; the others are evaluated all the same."""
    report = look("", "while (true);", "true")
    assert [result.passed for result in report.results] == [False, True]
    assert "does not end" in report.results[0].seen


def test_browser__blank_page(look: Look) -> None:
    """A page on which nothing can be seen is a failure."""
    report = look(f"{HEAD}<body><div id='app'></div></body></html>".encode(), budget=8)
    assert "it is blank" in told(report, Severity.FAILURE)


@pytest.mark.parametrize(
    ("hostile", "word"),
    [
        ("while (true);", "it hangs"),
        ("location = 'http://192.0.2.1/elsewhere'", "http://192.0.2.1/elsewhere"),
        (
            "const all = []; setInterval(() => all.push(Array(1e7).fill(0.5)), 1)",
            "crash",
        ),
    ],
    ids=["endless", "redirect", "memory"],
)
def test_browser__hostile_page(hostile: str, word: str) -> None:
    """A page that hangs, leaves or eats memory is a failure, and the look ends in time."""
    site = Site({"index.html": page(f"<script>{hostile}</script>")})
    browser = Browser(programs(), budget=12, check_seconds=3)
    report = browser.look(site, "rain-app", [check("document.title === 'never'")])
    assert word in told(report, Severity.FAILURE)
    assert report.passed == 0
    assert report.seconds < 12 + LAUNCH_SECONDS


@pytest.mark.parametrize(
    "nuisance",
    [
        """<script>alert(1); confirm(2); prompt(3); window.close();
        for (let n = 0; n < 50; n++) window.open('about:blank');
        for (let n = 0; n < 500; n++) console.error(n + 'x'.repeat(1e3));
        window.eval = Promise = JSON = Array.prototype.map = null;</script>""",
        "<script>onbeforeunload = () => 'stay'; location = 'file:///etc/passwd';</script>",
        "<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\">",
    ],
    ids=["dialogs, windows, console, globals", "file", "policy"],
)
def test_browser__nuisance(look: Look, nuisance: str) -> None:
    """Dialogs, windows, a policy or changed globals keep no check from being evaluated."""
    report = look(nuisance, "document.querySelector('h1').textContent === 'Rain'")
    assert report.passed == 1
    assert "page the page" not in told(report, Severity.FAILURE)


def test_browser__out_of_time(tmp_path: Path) -> None:
    """At the end of its budget the worker is killed, Chromium with it, and a warning tells."""
    chromium = wrapped(tmp_path / "chromium", f"echo $$ > '{tmp_path}/pid'")
    site = Site({"index.html": page("<script>while (true) console.error(1);</script>")})
    browser = Browser({"chromium": chromium}, budget=3.0, launch_seconds=5.0)
    report = browser.look(site, "rain-app", [check("1")])
    assert report.seconds < 3 + LAUNCH_SECONDS
    assert "page the browser: " in told(report, Severity.WARNING)
    assert report.page.checks_run == 0
    assert ends(int((tmp_path / "pid").read_text()))


def test_browser__second_program_starts(tmp_path: Path) -> None:
    """Programs that die, hang or are none are told with their reasons, now and in the next report,
    and are not waited for again; the first that starts opens the page."""
    browser = Browser(
        {
            "dying": script(tmp_path / "dying", "echo 'No usable sandbox!' >&2; exit 1"),
            "missing": None,
            "hanging": script(
                tmp_path / "hanging", f"echo once >> '{tmp_path}/launches'; exec sleep 60"
            ),
            "text": str(Path(__file__)),
            "good": CHROMIUM,
        },
        launch_seconds=3.0,
    )
    site = Site({"index.html": page("")})
    for _ in range(2):
        report = browser.look(site, "rain-app", [check("true")])
        assert report.page.opened
        assert report.page.browser.startswith("good 1")
        assert (report.page.checks_run, report.page.checks_total) == (1, 1)
        failed = {found.subject: found.seen for found in report.findings if "starts" in str(found)}
        assert failed.keys() == {"dying", "hanging", "text"}
        assert failed["dying"] == "No usable sandbox!"
        assert "Timeout 3000ms" in failed["hanging"]
        assert "EACCES" in failed["text"]
    assert (tmp_path / "launches").read_text() == "once\n"


def test_browser__warm_up(tmp_path: Path) -> None:
    """A browser that was started ahead does the next look; one that waits in vain is ended."""
    started = tmp_path / "started"
    os.mkfifo(started)
    browser = Browser({"chromium": wrapped(tmp_path / "chromium", f"echo $$ > '{started}'")})
    browser.warm_up()
    used = int(started.read_text())
    # Another start would wait for a reader, and time out.
    assert browser.look(Site({"index.html": page("")}), "rain-app", [check("true")]).passed == 1
    browser.warm_up()
    in_vain = int(started.read_text())
    browser.close()
    assert ends(used)
    assert ends(in_vain)


def test_browser__none_starts(tmp_path: Path) -> None:
    """A warning says loudly that the page was not opened, and names each program's reason."""
    silent = script(tmp_path / "silent", f"echo $$ > '{tmp_path}/pid'; exec sleep 60")
    programs = {"chrome": None, "silent": silent, "gone": str(tmp_path / "gone"), DOWNLOADED: ""}
    browser = Browser(programs, launch_seconds=1.0)
    report = browser.look(Site({"index.html": page("")}), "rain-app", [check("1")])
    [finding] = report.findings
    assert finding.severity is Severity.WARNING
    assert "NOT OPENED, 0 of 1 checks were run" in finding.seen
    for reason in ("chrome: not on PATH", "silent: Timeout", "gone: ", "Playwright's own"):
        assert reason in report.page.reason
    assert (report.page.opened, report.page.checks_run, report.page.checks_total) == (False, 0, 1)
    assert [(result.passed, result.ran) for result in report.results] == [(False, False)]
    assert ends(int((tmp_path / "pid").read_text()))


def test_browser__downloaded_by_playwright(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `playwright install` put into the user's cache is found."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    browser = Browser({DOWNLOADED: ""})
    site = Site({"index.html": page("")})
    missing = browser.look(site, "rain-app", []).page.reason
    assert "doesn't exist at" in missing
    program = Path(missing.rpartition("exist at ")[2].rstrip(")"))
    assert program.is_relative_to(tmp_path / "ms-playwright")
    program.parent.mkdir(parents=True)
    wrapped(program, "true")
    assert browser.look(site, "rain-app", []).page.opened


def test_programs__in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting comes first, then names on PATH, each program once, and Playwright's own."""
    chrome = script(tmp_path / "google-chrome", "true")
    (tmp_path / "google-chrome-stable").symlink_to(chrome)
    chromium = script(tmp_path / "chromium", "true")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(programs({"CHROMIUM": " my-browser "}).items()) == [
        ("my-browser", None),
        ("google-chrome", chrome),
        ("chromium", chromium),
        ("chromium-browser", None),
        (DOWNLOADED, ""),
    ]
    assert "chromium" not in programs({"CHROMIUM": chromium})


def test_browser__goes_without() -> None:
    """CHROMIUM=none opens nothing and says so."""
    browser = Browser(programs({"CHROMIUM": "none"}))
    report = browser.look(Site({"index.html": page("")}), "rain-app", [])
    assert not report.page.opened
    assert "CHROMIUM=none" in report.findings[0].seen


@pytest.mark.parametrize(
    ("html", "expression", "opened"),
    [
        ("<script src='https://cdn.invalid/a.js'></script>", "true", False),
        ("", "await import('https://cdn.invalid/a.js')", True),
    ],
    ids=["while it loads", "in a check"],
)
def test_browser__dies_in_the_middle(
    tmp_path: Path, html: str, expression: str, *, opened: bool
) -> None:
    """A browser that is gone before the checks are done is told, and not held against the page."""
    chromium = wrapped(tmp_path / "chromium", f"echo $$ > '{tmp_path}/pid'")

    class Killing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)

    with HTTPServer(("127.0.0.1", 0), Killing) as mirror:
        Thread(target=mirror.handle_request).start()
        url = f"http://127.0.0.1:{mirror.server_port}"
        browser = Browser({"chromium": chromium}, cdn_mirror=url)
        site = Site({"index.html": page(html)})
        report = browser.look(site, "rain-app", [check(expression)])
    assert told(report, Severity.FAILURE) == ""
    assert "expected to run until the page is checked" in told(report, Severity.WARNING)
    assert report.page.opened == opened
    assert report.page.checks_run == 0
    assert "it ended" in report.page.reason


def test_browser__long_temporary_folder(tmp_path: Path) -> None:
    """A TMPDIR of 200 characters, too long for Chromium's sockets, changes nothing."""
    folder = tmp_path / ("x" * (200 - len(str(tmp_path)) - 1))
    folder.mkdir()
    assert len(str(folder)) == 200
    code = (
        "from builder.site import Site; from builder.verify.browser import Browser, programs; "
        "look = Browser(programs()).look(Site({'index.html': b'<p>x'}), 'a', []); "
        "print(look.page.opened, look.page.reason)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "True"


def test_browser__no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither Chromium nor the process above it has more of the environment than it needs."""
    monkeypatch.setenv("OPENAI_API_KEY", "marker-4711")
    chromium = wrapped(
        tmp_path / "chromium",
        f"cat /proc/self/environ /proc/$PPID/environ > '{tmp_path}/environ'",
    )
    browser = Browser({"chromium": chromium}, budget=12)
    assert browser.look(Site({"index.html": page("")}), "rain-app", []).findings == []
    environ = (tmp_path / "environ").read_bytes()
    assert b"PATH=" in environ
    assert b"marker-4711" not in environ


def test_browser__disables_all_that_playwright_does() -> None:
    """Chromium takes the last list of features alone: ours holds Playwright's own."""
    script = Path(playwright.__file__).parent / "driver/package/lib/coreBundle.js"
    listed = re.search(r"disabledFeatures = \[(.*?)\n *\]", script.read_text(), re.DOTALL)
    assert listed
    features = set(re.findall(r'^ *"(\w+)"', listed[1], re.MULTILINE))
    assert len(features) > 9
    assert features <= {*DISABLED_FEATURES}


@pytest.mark.skipif(os.geteuid() == 0, reason="Chromium has no sandbox for root")
def test_browser__sandbox_stays_on(tmp_path: Path) -> None:
    """No argument switches the sandbox off for anybody but root."""
    chromium = wrapped(tmp_path / "chromium", f"echo \"$@\" > '{tmp_path}/arguments'")
    Browser({"chromium": chromium}).look(Site({"index.html": page("")}), "rain-app", [])
    assert "--no-sandbox" not in (tmp_path / "arguments").read_text()


def test_browser__site_without_a_page() -> None:
    """A site without HTML has no page findings; a check on it fails at once."""
    report = Browser(programs()).look(Site({"haiku.txt": b"x"}), "rain-app", [check("true")])
    assert [finding.source for finding in report.findings] == [Source.CHECK]


def test_front_page__nearest() -> None:
    """The page looked at is index.html, else the first that is nearest to the root."""
    expected = {
        ("index.html", "a.html"): "index.html",
        ("docs/a.html", "z.html"): "z.html",
        ("docs/index.html",): "docs/index.html",
        ("a.txt", ".b.html"): None,
    }
    assert {paths: front_page(Site(dict.fromkeys(paths, b""))) for paths in expected} == expected


def script(path: Path, text: str) -> str:
    """Make an programs shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def wrapped(path: Path, text: str) -> str:
    """Make a script that does `text` and then is Chromium."""
    return script(path, f'{text}; exec "{CHROMIUM}" "$@"')


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
