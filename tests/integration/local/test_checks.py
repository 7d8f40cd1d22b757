"""JavaScript checks in real Chromium against pages on loopback."""

import asyncio
import http.server
import os
import re
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local.cdn import NODE_MODULES, CdnFiles
from local.checks import Observation, PageChecks, PageVisit, chromium

PAGE = """<!doctype html>
<title>Sales</title>
<p id="total">21094.40</p>
<p id="late"></p>
<script>addEventListener("load", () => setTimeout(() => late.textContent = "here", 300))</script>
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text(PAGE)
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Quiet, directory=str(folder))
    ) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def visit(
    url: str, *expressions: str, patience: float = 1.0, screenshot: Path | None = None
) -> PageVisit:
    async def run() -> PageVisit:
        async with chromium() as browser:
            checks = PageChecks(browser, CdnFiles(NODE_MODULES), patience)
            return await checks.visit(url, expressions, screenshot)

    return asyncio.run(run())


def observe(url: str, *expressions: str, **options: Any) -> Sequence[Observation]:
    return visit(url, *expressions, **options).checks


def test_checks__say_what_holds_and_what_was_seen(site: str) -> None:
    """Each expression is judged on its own by JavaScript's idea of true."""
    found = observe(
        site,
        "document.title === `Sales`",
        "parseFloat(document.querySelector('#total').textContent) > 30000",
        "document.querySelector('#none').textContent",
        "[]",
        "''",
        "Promise.resolve(7)",
        "no javascript at all",
    )
    assert [observation.holds for observation in found] == [1, 0, 0, 1, 0, 1, 0]
    assert found[1].seen == "false"
    assert "Cannot read properties of null" in found[2].seen
    assert found[5].seen == "7"
    assert found[6].seen.startswith("SyntaxError")


def test_checks__are_read_as_in_the_builder(site: str) -> None:
    """A body that returns is run, a function is called, and `await` may be used."""
    found = observe(
        site,
        "return document.title === 'Sales'",
        "() => document.title === 'Sales'",
        "() => document.title === 'Rain'",
        "(await fetch('none.csv')).status === 404",
    )
    assert [observation.holds for observation in found] == [1, 1, 0, 1]


def test_checks__wait_for_what_comes_late(site: str) -> None:
    """A check is polled until it is true."""
    (late,) = observe(site, "document.querySelector('#late').textContent === 'here'", patience=10)
    assert late.holds


def test_checks__end_although_an_expression_does_not(site: str) -> None:
    """A loop or a promise without an end fails in time and takes nothing down with it."""
    endless, pending = observe(site, "(() => { while (true); })()", "new Promise(() => 0)")
    assert endless == Observation(False, "it does not end")
    assert not pending.holds
    (after,) = observe(site, "true")
    assert after.holds


def test_checks__fail_where_there_is_no_page(site: str) -> None:
    """A page that answers 404, or not at all, fails every check with that reason."""
    missing, unreachable = observe(site + "none", "true"), observe("http://127.0.0.1:1/", "true")
    assert missing == [Observation(False, "the page answers 404")]
    assert not unreachable[0].holds
    assert "does not open" in unreachable[0].seen


def test_checks__answer_cdns_from_npm(site: str, folder: Path) -> None:
    """A library from a CDN works without the internet."""
    source = "https://cdn.jsdelivr.net/npm/marked@18/lib/marked.umd.js"
    (folder / "index.html").write_text(f'<script src="{source}" crossorigin="anonymous"></script>')
    (found,) = observe(site, "marked.parse('# hi').includes('<h1>')", patience=10)
    assert found.holds, found.seen


def test_browser__the_first_that_starts_is_taken(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that dies is passed over, also in a deep TMPDIR; the visit names what opened the page."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    (deep / "google-chrome").write_text("#!/bin/sh\necho No usable sandbox >&2; exit 1\n")
    (deep / "google-chrome").chmod(0o755)
    monkeypatch.setenv("PATH", f"{deep}:{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(deep))
    opened = visit(site).opened
    assert opened.holds, opened.seen
    assert re.search(rf"Chromium \d[\d.]+ opened {site}", opened.seen)


def test_browser__none_that_starts_fails_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a browser the page is not opened, and no check passes."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "/nowhere")
    found = visit("http://127.0.0.1:1/", "true")
    assert not found.opened.holds
    assert found.opened.seen.startswith("no browser starts (Playwright: ")
    assert [check.holds for check in found.checks] == [False]


def test_checks__photograph_the_page(site: str, tmp_path: Path) -> None:
    """A screenshot of the page is a PNG file at the place asked for."""
    target = tmp_path / "shots/round-1.png"
    observe(site, "true", screenshot=target)
    assert target.read_bytes().startswith(b"\x89PNG")
