"""The published site, as anybody sees it, by requests, which PyGithub has brought."""

from dataclasses import dataclass
from urllib.parse import quote

import requests

from builder.site import Site

REQUEST_SECONDS = 30.0


@dataclass(frozen=True)
class LiveSite:
    """The site at `url`, held against the files that it should serve."""

    http: requests.Session
    url: str
    site: Site
    request_seconds: float = REQUEST_SECONDS

    def difference(self, path: str) -> str | None:
        """Say in words how the served file differs from the pushed one; None when it does not."""
        address = self.url if path == "index.html" else self.url + quote(path)
        try:
            answer = self._get(address)
        except requests.exceptions.RequestException as error:
            return f"{path}: no answer ({type(error).__name__})"
        if answer.status_code != 200:
            return f"{path}: status {answer.status_code}"
        if answer.content != self.site[path]:
            return f"{path}: still other bytes"
        return None

    def answers(self) -> bool:
        """Whether the site's address answers 200 at all."""
        try:
            return self._get(self.url).status_code == 200
        except requests.exceptions.RequestException:
            return False

    def _get(self, address: str) -> requests.Response:
        headers = {"Cache-Control": "no-cache"}
        return self.http.get(address, headers=headers, timeout=self.request_seconds)
