"""What a page asks of the public CDNs, answered from npm packages on this machine.

Only a version that is held answers; a range or none takes the newest one that fits.
"""

import json
import mimetypes
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

NODE_MODULES = Path(sys.prefix) / "share/briefship/node_modules"
"""Where the set-up installs what tools/package.json lists."""

HOSTS = re.compile(r"^https://(cdn\.jsdelivr\.net|unpkg\.com|cdnjs\.cloudflare\.com)/")

_NAME = r"(?P<name>(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*)"
_PACKAGE = _NAME + r"(?:@(?P<version>[^/]+))?(?:/(?P<path>.*))?"
_HIGHLIGHT = r"(?P<name>highlightjs/cdn-release)(?:@(?P<version>[^/]+))?/build/(?P<path>.+)"
_CDNJS = r"(?P<name>[A-Za-z0-9._-]+)/(?P<version>[^/]+)/(?P<path>.+)"
_LAYOUTS = (
    ("cdn.jsdelivr.net", re.compile(rf"/npm/{_PACKAGE}")),
    ("cdn.jsdelivr.net", re.compile(rf"/gh/{_HIGHLIGHT}")),
    ("unpkg.com", re.compile(rf"/{_PACKAGE}")),
    ("cdnjs.cloudflare.com", re.compile(rf"/ajax/libs/{_CDNJS}")),
)
_BROWSER_BUILD = "@highlightjs/cdn-assets"
_PACKAGES = {
    ("cdn.jsdelivr.net", "highlightjs/cdn-release"): _BROWSER_BUILD,
    ("cdnjs.cloudflare.com", "highlight.js"): _BROWSER_BUILD,
}
"""Where a CDN publishes under one name what npm has under another."""

_DEFAULT_FIELDS = ("jsdelivr", "unpkg", "browser", "style", "main")
"""Fields of package.json that name the file of an address without a path."""

_MEDIA_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".map": "application/json"}

Numbers = tuple[int, ...]


class NotHeld(LookupError):
    """No file on this machine stands for an address; the text names what is held instead."""


@dataclass(frozen=True)
class CdnFile:
    """A file on this machine that stands for one on a CDN."""

    path: Path
    media_type: str


@dataclass(frozen=True)
class _CdnAddress:
    host: str
    name: str
    version: str
    path: str

    @classmethod
    def of(cls, url: str) -> "_CdnAddress":
        address = urlsplit(url)
        for host, layout in _LAYOUTS:
            match = layout.fullmatch(unquote(address.path))
            if address.scheme == "https" and address.hostname == host and match:
                name = match["name"].lower()
                package = _PACKAGES.get((host, name), name)
                return cls(host, package, match["version"] or "latest", match["path"] or "")
        raise NotHeld("not an address of npm packages on a CDN")


class _Package:
    """An installed npm package, whatever its folder is called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        described = json.loads((folder / "package.json").read_text("utf-8"))
        self.described = described if isinstance(described, dict) else {}
        self.name = str(self.described.get("name", folder.name))
        self.version = str(self.described.get("version", "0.0.0"))

    @property
    def numbers(self) -> Numbers:
        return _numbers(self.version)

    @cached_property
    def _files(self) -> list[PurePosixPath]:
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(PurePosixPath(path.relative_to(self.folder)) for path in found)

    def file(self, path: str) -> Path | None:
        """Return the file at `path`, which may come from anywhere, if it lies in the package."""
        if "\0" in path:
            return None
        found = (self.folder / path).resolve()
        return found if found.is_file() and found.is_relative_to(self.folder) else None

    def candidates(self, asked: _CdnAddress) -> Iterator[Path | None]:
        if not asked.path.strip("/"):
            names = (self.described.get(field) for field in _DEFAULT_FIELDS)
            named = (name for name in names if isinstance(name, str) and name)
            yield self.file(next(named, "index.js"))
            return
        yield self.file(asked.path)
        if asked.host == "cdn.jsdelivr.net":
            # jsdelivr minifies by itself what has no minified file.
            yield self.file(re.sub(r"\.min(\.(?:js|css))$", r"\1", asked.path))
        if asked.host == "cdnjs.cloudflare.com":
            # cdnjs has folders of its own.
            yield self._elsewhere(PurePosixPath(asked.path))

    def _elsewhere(self, path: PurePosixPath) -> Path | None:
        """Return the file whose path ends like `path`, in the folder that is nearest."""
        names = {path.name, path.name.replace(".min.", ".")}
        found = [file for file in self._files if file.name in names]
        found.sort(key=lambda file: (file.name != path.name, len(file.parts)))
        return self.file(str(found[0])) if found else None


def _numbers(version: str) -> Numbers:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0]))


def _fits(version: str, asked: str) -> bool:
    """Whether an exact version is what npm's notation asks for."""
    held, sign, wanted = _numbers(version), asked[:1], _numbers(asked)
    if asked in {"latest", "*"} or asked == version:
        return True
    if not re.fullmatch(r"[\^~v=]?\d+(\.(\d+|x))*", asked):
        return False
    if sign == "^":
        return held >= wanted and held[:1] == wanted[:1]
    if sign == "~":
        return held >= wanted and held[:2] == wanted[:2]
    return held[: len(wanted)] == wanted


class CdnFiles:
    """The npm packages below `node_modules` as jsdelivr, unpkg and cdnjs serve them."""

    def __init__(self, node_modules: Path) -> None:
        self._folder = node_modules

    @cached_property
    def _packages(self) -> dict[str, list[_Package]]:
        """Return every version that is held, newest first, by name."""
        found: dict[str, list[_Package]] = {}
        for pattern in ("*/package.json", "@*/*/package.json"):
            for described in sorted(self._folder.glob(pattern)):
                package = _Package(described.parent)
                found.setdefault(package.name, []).append(package)
        for packages in found.values():
            packages.sort(key=lambda package: package.numbers, reverse=True)
        return found

    def find(self, url: str) -> CdnFile | None:
        """Return the file for `url`, None where only the network can answer."""
        try:
            return self.get(url)
        except NotHeld:
            return None

    def get(self, url: str) -> CdnFile:
        """Return the file for `url`. Raises NotHeld."""
        asked = _CdnAddress.of(url)
        held = self._packages.get(asked.name, [])
        package = next((found for found in held if _fits(found.version, asked.version)), None)
        if package is None:
            versions = ", ".join(found.version for found in held) or "none"
            raise NotHeld(f"{asked.name}@{asked.version} is not held; versions held: {versions}")
        # `+esm` is made by jsdelivr itself.
        paths = () if asked.path.endswith("+esm") else package.candidates(asked)
        path = next(filter(None, paths), None)
        if path is None:
            raise NotHeld(f"{package.name}@{package.version} has no file {asked.path}")
        guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return CdnFile(path, _MEDIA_TYPES.get(path.suffix, guessed))


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
