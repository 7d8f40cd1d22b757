"""JavaScript checks in real Chromium against pages on loopback."""

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from local.cdn import NODE_MODULES, CdnFiles
from local.checks import PageChecks, PageVisit
from local.server import serve

PAGE = """<!doctype html>
<title>Sales</title>
<p id="total">21094.40</p>
<p id="late"></p>
<script src="https://cdn.jsdelivr.net/npm/marked@18/lib/marked.umd.js"></script>
<script>addEventListener("load", () => setTimeout(() => late.textContent = "here", 300))</script>
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "index.html").write_text(PAGE)
    with serve(Starlette(routes=[Mount("/", StaticFiles(directory=tmp_path, html=True))])) as url:
        yield f"{url}/"


def visit(
    url: str, *expressions: str, patience: float = 1.0, screenshot: Path | None = None
) -> PageVisit:
    checks = PageChecks(CdnFiles(NODE_MODULES), patience)
    return asyncio.run(checks.visit(url, expressions, screenshot))


def test_checks__say_what_holds_and_what_was_seen(site: str, tmp_path: Path) -> None:
    """Each expression is judged as in the builder, and waited for; a CDN's library is there."""
    held = (
        "document.title === `Sales`",
        "return document.title === 'Sales'",
        "document.querySelector('#late').textContent === 'here'",
        "marked.parse('# hi').includes('<h1>')",
    )
    failing = (
        "parseFloat(document.querySelector('#total').textContent) > 30000",
        "document.querySelector('#none').textContent",
        "no javascript at all",
        "new Promise(() => 0)",
    )
    found = visit(site, *held, *failing, patience=3, screenshot=tmp_path / "shots/1.png").checks
    assert [observation.holds for observation in found] == [True] * 4 + [False] * 4
    assert found[4].seen == "false"
    assert "Cannot read properties of null" in found[5].seen
    assert found[6].seen.startswith("SyntaxError")
    assert (tmp_path / "shots/1.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", ["none", "http://127.0.0.1:1/"])
def test_checks__fail_where_there_is_no_page(site: str, path: str) -> None:
    """A page that answers 404, or not at all, fails every check with that reason."""
    found = visit(path if "//" in path else site + path, "true")
    assert found.checks == [found.opened]
    assert not found.opened.holds
    assert re.search("the page answers 404|does not open", found.opened.seen)


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
    assert found.opened.seen.startswith("no browser starts (Playwright's own Chromium: ")
    assert [check.holds for check in found.checks] == [False]
