"""The page's only way out: a proxy that serves the site and tunnels TLS to public addresses.

Chromium hands every request to it, those to loopback too.
"""

from collections.abc import Callable
from http import HTTPStatus

from builder.egress import INTERNET, Exchange, Network, Proxy
from builder.verify.hosting import Hosting

ORIGIN = "http://localhost"
"""Where the page finds the site: browsers treat localhost as a secure context. Nothing listens
there; the proxy answers in its place."""


class Egress(Proxy):
    """The proxy on a free port of loopback; `refused` is called with each host turned away."""

    def __init__(
        self, site: Hosting, refused: Callable[[str], None], network: Network = INTERNET
    ) -> None:
        super().__init__(_Exchange, network, refused)
        self.site = site

    @property
    def url(self) -> str:
        """The address for `--proxy-server`."""
        return f"http://127.0.0.1:{self.server_port}"


class _Exchange(Exchange):
    server: Egress

    def _any(self) -> None:
        """Serve the site; anything else without TLS is blocked on Pages as mixed content."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.path.startswith(f"{ORIGIN}/"):
            self.answer(HTTPStatus.FORBIDDEN)
        elif self.command not in {"GET", "HEAD"}:
            self.answer(HTTPStatus.METHOD_NOT_ALLOWED)
        else:
            self._serve(self.path.removeprefix(ORIGIN))

    # The names by which the base calls a verb's method.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _any  # noqa: N815

    def _serve(self, target: str) -> None:
        found = self.server.site.answer(target)
        headers = {"Content-Type": found.media_type, "Access-Control-Allow-Origin": "*"}
        if found.location:
            headers["Location"] = found.location
        self.answer(found.status, headers, found.body)
