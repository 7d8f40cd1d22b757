"""What a page asks of the public CDNs, answered from npm packages on this machine."""

import json
import mimetypes
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

NODE_MODULES = Path(sys.prefix) / "share/briefship/node_modules"
"""Where the set-up installs what tools/package.json lists."""

HOSTS = re.compile(r"^https://(cdn\.jsdelivr\.net|unpkg\.com|cdnjs\.cloudflare\.com)/")

_NAME = r"(?P<name>(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*)"
_PACKAGE = _NAME + r"(?:@(?P<version>[^/]+))?(?:/(?P<path>.*))?"
_LAYOUTS = (
    ("cdn.jsdelivr.net", re.compile(rf"/npm/{_PACKAGE}")),
    (
        "cdn.jsdelivr.net",
        re.compile(
            r"/gh/(?P<name>highlightjs/cdn-release)(?:@(?P<version>[^/]+))?/build/(?P<path>.+)"
        ),
    ),
    ("unpkg.com", re.compile(rf"/{_PACKAGE}")),
    (
        "cdnjs.cloudflare.com",
        re.compile(r"/ajax/libs/(?P<name>[A-Za-z0-9._-]+)/(?P<version>[^/]+)/(?P<path>.+)"),
    ),
)

_BROWSER_BUILD = "@highlightjs/cdn-assets"
_PACKAGES = {
    ("cdn.jsdelivr.net", "highlightjs/cdn-release"): _BROWSER_BUILD,
    ("cdnjs.cloudflare.com", "highlight.js"): _BROWSER_BUILD,
}
"""Where a CDN publishes under one name what npm has under another."""

_DEFAULT_FIELDS = ("jsdelivr", "unpkg", "browser", "style", "main")
"""Fields of package.json that name the file of an address without a path."""

_MEDIA_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".map": "application/json",
}


@dataclass(frozen=True)
class CdnFile:
    """A file on this machine that stands for one on a CDN."""

    path: Path
    media_type: str


@dataclass(frozen=True)
class _Asked:
    host: str
    name: str
    version: str | None
    path: str

    @classmethod
    def of(cls, url: str) -> "_Asked | None":
        address = urlsplit(url)
        for host, layout in _LAYOUTS:
            match = layout.fullmatch(unquote(address.path))
            if address.scheme == "https" and address.hostname == host and match:
                name = match["name"].lower()
                package = _PACKAGES.get((host, name), name)
                return cls(host, package, match["version"], match["path"] or "")
        return None


class _Package:
    """An installed npm package."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @cached_property
    def _described(self) -> dict[str, object]:
        described = json.loads((self.folder / "package.json").read_text("utf-8"))
        return described if isinstance(described, dict) else {}

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

    def default_file(self) -> Path | None:
        """Return the file that package.json names for browsers."""
        names = (self._described.get(field) for field in _DEFAULT_FIELDS)
        named = next((name for name in names if isinstance(name, str) and name), "index.js")
        return self.file(named)

    def is_of_release(self, version: str | None) -> bool:
        """Say whether `version`, exact or a range, may mean the release that is installed."""
        asked = re.match(r"[\^~=v>]*(\d+)", version or "")
        return not asked or asked[1] == str(self._described.get("version")).partition(".")[0]

    def same_build(self, path: str) -> Path | None:
        """Return the file that in this release is what `path` was in another one, or elsewhere."""
        asked = PurePosixPath(path).name.lower()
        builds = [file for file in self._files if _build(file.name) == _build(asked)]
        # Addresses of old releases stand in classic script tags: those need UMD.
        best = min(
            builds,
            key=lambda file: (
                ".umd." not in file.name,
                (".min." in file.name) != (".min." in asked),
                file.name.lower() != asked,
                len(file.parts),
            ),
            default=None,
        )
        return self.file(str(best)) if best else None


def _build(name: str) -> str:
    return re.sub(r"\.(min|umd)(?=\.)", "", name.lower())


class CdnFiles:
    """The npm packages below `node_modules` as jsdelivr, unpkg and cdnjs serve them."""

    def __init__(self, node_modules: Path) -> None:
        self._folder = node_modules

    def find(self, url: str) -> CdnFile | None:
        """Return the file for `url`, or None where only the network can answer."""
        asked = _Asked.of(url)
        package = self._package(asked.name) if asked else None
        if asked is None or package is None or asked.path.endswith("+esm"):
            return None
        path = next(filter(None, _candidates(asked, package)), None)
        return CdnFile(path, _media_type(path)) if path else None

    def _package(self, name: str) -> _Package | None:
        folder = self._folder / name
        return _Package(folder) if (folder / "package.json").is_file() else None


def _candidates(asked: _Asked, package: _Package) -> Iterator[Path | None]:
    if not asked.path.strip("/"):
        yield package.default_file()
        return
    yield package.file(asked.path)
    if asked.host == "cdn.jsdelivr.net":
        # jsdelivr minifies by itself what has no minified file.
        yield package.file(re.sub(r"\.min(\.(?:js|css))$", r"\1", asked.path))
    # cdnjs has its own folders; another release may have had others than the installed one.
    if asked.host == "cdnjs.cloudflare.com" or not package.is_of_release(asked.version):
        yield package.same_build(asked.path)


def _media_type(path: Path) -> str:
    guessed = mimetypes.guess_type(path.name)[0]
    return _MEDIA_TYPES.get(path.suffix, guessed or "application/octet-stream")
