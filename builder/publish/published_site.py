"""The published site as any visitor sees it, through httpx."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import quote

import httpx

from builder.site import Site


@dataclass(frozen=True)
class PublishedSite:
    """The site at `url`, compared with the files of the commit `sha`.

    Caches keep an answer for ten minutes, even a 404, so each look uses an address of its own.
    """

    http: httpx.Client
    url: str
    site: Site
    sha: str
    request_seconds: float = 30.0
    """Longest silence of the server."""
    _looks: Iterator[int] = field(default_factory=count, repr=False)

    def difference(self, path: str, *, fresh: bool = True) -> str | None:
        """Return in words how the served file differs from the pushed one; None if it does not.

        With `fresh`, caches are bypassed; else the plain address is requested, as a visitor does.
        """
        address = self.url if path == "index.html" else self.url + quote(path)
        try:
            answer = self._get(address, fresh=fresh)
        except httpx.HTTPError as error:
            return f"{path}: no answer ({type(error).__name__})"
        if answer.status_code != 200:
            return f"{path}: status {answer.status_code}"
        return None if answer.content == self.site[path] else f"{path}: still other bytes"

    def answers(self) -> bool:
        """Return whether the site's address answers 200."""
        try:
            return self._get(self.url, fresh=True).status_code == 200
        except httpx.HTTPError:
            return False

    def _get(self, address: str, *, fresh: bool) -> httpx.Response:
        query = f"?v={self.sha}.{next(self._looks)}" if fresh else ""
        return self.http.get(
            address + query,
            headers={"Cache-Control": "no-cache"} if fresh else {},
            timeout=self.request_seconds,
            follow_redirects=True,
        )
