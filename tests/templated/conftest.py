"""A built site on loopback under /<repo>/, opened in Chromium; CDN libraries come from npm."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from builder import templated
from builder.rendering import Renderer
from builder.request import Request
from builder.rounds import Base, Round
from builder.site import Site
from builder.verify import browser as chromium
from local.cdn import HOSTS, NODE_MODULES, CdnFiles

REQUESTS = Path(__file__).resolve().parents[1] / "requests"
REPOSITORY = "some-repository"

Open = Callable[..., AbstractContextManager[Page]]


def stored(name: str) -> Request:
    """Read a request of tests/requests."""
    return Request.from_wire(json.loads((REQUESTS / f"{name}.json").read_text()))


def build_rounds(*requests: Request) -> Site:
    """Build the rounds of a task, one on top of the other; return the last site."""
    base = Base(Site({}))
    for request in requests:
        site = templated.build(request, base, Renderer().render, year=2026)
        base = Base(site, (*base.rounds, Round.of(request)))
    return base.site


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Bears a browser that leaves in the middle of an answer."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of loopback; yield its address."""
    server = Server(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module: while it runs no other test can have an event loop."""
    program = chromium.executable()
    assert program, "Chromium is not installed"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=chromium.flags())
        yield started
        started.close()


@pytest.fixture
def open_site(browser: Browser, tmp_path: Path) -> Open:
    """Open a site under /<repo>/: `with open_site(site, query="?url=…") as page`."""

    @contextmanager
    def opened(
        site: Site, query: str = "", *, cdn: bool = True, javascript: bool = True
    ) -> Iterator[Page]:
        site.write(tmp_path / REPOSITORY)
        context = browser.new_context(
            java_script_enabled=javascript, viewport={"width": 1280, "height": 800}
        )
        files = CdnFiles(NODE_MODULES) if cdn else None
        context.route(HOSTS, partial(_answer, files))
        with served(tmp_path) as address:
            page = context.new_page()
            page.goto(f"{address}/{REPOSITORY}/{query}", wait_until="load")
            yield page
            context.close()

    return opened


def _answer(files: CdnFiles | None, route: Route) -> None:
    found = files.find(route.request.url) if files else None
    if found:
        route.fulfill(path=found.path, content_type=found.media_type)
    else:
        route.abort()


def text_of(page: Page, selector: str) -> str:
    """Return the trimmed text of the first element."""
    return (page.text_content(selector) or "").strip()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    return (NODE_MODULES / "axe-core/axe.min.js").read_text("utf-8")
