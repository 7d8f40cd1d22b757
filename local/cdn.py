"""Serves files of public CDNs from npm packages on this machine.

Only installed versions are served; a partial version, or none, means the newest that fits.
"""

import json
import mimetypes
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

NODE_MODULES = Path(sys.prefix) / "share/briefship/node_modules"
"""Where the set-up installs the packages of tools/package.json."""

HOSTS = re.compile(r"^https://(cdn\.jsdelivr\.net|unpkg\.com|cdnjs\.cloudflare\.com)/")

_PACKAGE = r"/(?P<name>(?:@[\w.-]+/)?[\w.-]+)(?:@(?P<version>[^/]+))?(?:/(?P<path>.*))?"
_LAYOUTS = {
    "cdn.jsdelivr.net": re.compile(rf"/npm{_PACKAGE}"),
    "unpkg.com": re.compile(_PACKAGE),
    "cdnjs.cloudflare.com": re.compile(
        r"/ajax/libs/(?P<name>[\w.-]+)/(?P<version>[^/]+)/(?P<path>.+)"
    ),
}
_ON_NPM = {("cdnjs.cloudflare.com", "highlight.js"): "@highlightjs/cdn-assets"}
"""Packages that a CDN has under another name than npm."""

_DEFAULT_FIELDS = ("jsdelivr", "unpkg", "browser", "style", "main")
"""Fields of package.json that name the file for an address without a path."""

_MEDIA_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json"}


class NotHeld(LookupError):
    """No file on this machine matches an address; the text names what there is instead."""


@dataclass(frozen=True)
class CdnFile:
    """A file on this machine that is served in place of one on a CDN."""

    path: Path
    media_type: str


class _Package:
    """An installed npm package, whatever its folder is called."""

    def __init__(self, described: Path) -> None:
        self._folder = described.parent.resolve()
        self._about = json.loads(described.read_text("utf-8"))
        self.name = str(self._about["name"])
        self.version = str(self._about["version"])

    @property
    def numbers(self) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", self.version)]

    def fits(self, asked: str) -> bool:
        return asked == "latest" or f"{self.version}.".startswith(f"{asked}.")

    def file(self, host: str, path: str) -> Path | None:
        """Return the file that a CDN serves at `path`, which is not trusted."""
        return next(filter(None, map(self._inside, self._candidates(host, path))), None)

    def _candidates(self, host: str, path: str) -> Iterator[str]:
        yield path or next(
            (self._about[name] for name in _DEFAULT_FIELDS if name in self._about), "index.js"
        )
        # jsdelivr minifies by itself what has no minified file; cdnjs has folders of its own.
        plain = re.sub(r"\.min(\.\w+)$", r"\1", path)
        if host == "cdn.jsdelivr.net":
            yield plain
        if host == "cdnjs.cloudflare.com":
            for name in (Path(path).name, Path(plain).name):
                found = self._folder.rglob(name) if re.fullmatch(r"[\w.-]+", name) else ()
                yield from sorted(map(str, found), key=lambda file: file.count("/"))

    def _inside(self, path: str) -> Path | None:
        """Return the file at `path` if it lies in the package."""
        if "\0" in path:
            return None
        found = (self._folder / path).resolve()
        return found if found.is_file() and found.is_relative_to(self._folder) else None


class CdnFiles:
    """The npm packages below `node_modules` as jsdelivr, unpkg and cdnjs serve them."""

    def __init__(self, node_modules: Path) -> None:
        self._folder = node_modules

    @cached_property
    def _packages(self) -> list[_Package]:
        """All installed versions, the newest first."""
        described = (*self._folder.glob("*/package.json"), *self._folder.glob("@*/*/package.json"))
        found = map(_Package, sorted(described))
        return sorted(found, key=lambda package: package.numbers, reverse=True)

    def find(self, url: str) -> CdnFile | None:
        """Return the file for `url`, None if only the network has it."""
        try:
            return self.get(url)
        except NotHeld:
            return None

    def get(self, url: str) -> CdnFile:
        """Return the file for `url`. Raises NotHeld."""
        address = urlsplit(url)
        host = address.hostname or ""
        asked = _LAYOUTS[host].fullmatch(unquote(address.path)) if HOSTS.match(url) else None
        if asked is None:
            raise NotHeld("not an address of npm packages on a CDN")
        name = _ON_NPM.get((host, asked["name"]), asked["name"].lower())
        version, path = asked["version"] or "latest", asked["path"] or ""
        held = [package for package in self._packages if package.name == name]
        package = next((found for found in held if found.fits(version)), None)
        if package is None:
            versions = ", ".join(found.version for found in held) or "none"
            raise NotHeld(f"{name}@{version} is not held; versions held: {versions}")
        file = package.file(host, path)
        if file is None:
            raise NotHeld(f"{name}@{package.version} has no file {path}")
        guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return CdnFile(file, _MEDIA_TYPES.get(file.suffix, guessed))


def mirror_app(files: CdnFiles) -> Starlette:
    """Serve a mirror, as `CDN_MIRROR_URL` names one: `GET /<address of a file>`, else 404."""

    def answer(request: Request) -> Response:
        # The raw path: a CDN address holds `//` and may hold escapes.
        asked = request.scope["raw_path"].decode("latin-1").removeprefix("/")
        try:
            found = files.get(asked)
        except NotHeld as reason:
            return PlainTextResponse(f"{reason}\n", status_code=404)
        headers = {"Access-Control-Allow-Origin": "*"}
        return FileResponse(found.path, media_type=found.media_type, headers=headers)

    return Starlette(routes=[Route("/{address:path}", answer)])
