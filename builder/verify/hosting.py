"""What GitHub Pages answers to a path of a project site."""

from collections.abc import Mapping
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

MEDIA_TYPES = {
    ".gz": "application/gzip",
    ".js": "application/javascript",
    ".md": "text/markdown",
    ".mjs": "application/javascript",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".yaml": "text/yaml",
    ".yml": "text/yaml",
}
"""As Pages sends them, where Python's own table has none or another one."""

PYTHONS = MimeTypes()
"""Without the machine's own tables, which would make the answer depend on the machine."""
HTML = "text/html; charset=utf-8"
BINARY = "application/octet-stream"
WITH_CHARSET = ("text/", "application/javascript", "application/json", "application/xml")


class PagesAnswer(NamedTuple):
    """What Pages answers; `location` is where a redirect leads."""

    status: int
    media_type: str
    body: bytes
    location: str | None = None


class Hosting:
    """The files of a site, served under `/<name>/`."""

    def __init__(self, name: str, files: Mapping[str, bytes]) -> None:
        self.root = f"/{quote(name)}/"
        self._files = files

    def answer(self, target: str) -> PagesAnswer:
        """Answer a GET of `target`, a path with or without a query, as Pages does."""
        path = urlsplit(target).path
        if path == self.root.rstrip("/"):
            return _moved(self.root)
        if not path.startswith(self.root):
            return self._missing()
        name = unquote(path.removeprefix(self.root))
        if f"{name}/index.html" in self._files:
            return _moved(f"{path}/")
        is_folder = not name or name.endswith("/")
        names = (f"{name}index.html",) if is_folder else (name, f"{name}.html")
        found = next(filter(self._files.__contains__, names), None)
        return self._missing() if found is None else self._file(200, found)

    def _missing(self) -> PagesAnswer:
        if "404.html" in self._files:
            return self._file(404, "404.html")
        return PagesAnswer(404, HTML, b"<title>404</title><h1>File not found</h1>")

    def _file(self, status: int, path: str) -> PagesAnswer:
        return PagesAnswer(status, media_type(path), self._files[path])


def _moved(location: str) -> PagesAnswer:
    return PagesAnswer(301, HTML, b"", location)


def media_type(path: str) -> str:
    """Return the Content-Type for a file name, with the charset for text."""
    suffix = PurePosixPath(path).suffix.lower()
    found = MEDIA_TYPES.get(suffix) or PYTHONS.types_map[True].get(suffix) or BINARY
    return f"{found}; charset=utf-8" if found.startswith(WITH_CHARSET) else found
