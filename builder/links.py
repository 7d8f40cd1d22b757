"""Links and assets in HTML and CSS: where they lead, seen from a site served under `/<name>/`."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from builder.site import Site

_ATTRIBUTES = {
    **dict.fromkeys(("a", "area", "link", "image", "use"), ("href",)),
    **dict.fromkeys(("script", "audio", "track", "iframe", "embed", "input"), ("src",)),
    **dict.fromkeys(("img", "source"), ("src", "srcset")),
    "video": ("src", "poster"),
    "object": ("data",),
    "form": ("action",),
}
_CSS_URL = re.compile(
    r"url\(\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s\"'()]+))\s*\)|@import\s+[\"']([^\"'\n]+)"
)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FETCHED = re.compile(r"\bfetch\(\s*([\"'`])([^\"'`$\n{}+]+)\1\s*[,)]")
_ORIGIN = "https://site.invalid"
"""Stands for the host: a name that never resolves (RFC 2606)."""
_LOCAL_HOSTS = re.compile(r"(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\])(?::\d+)?", re.I)
_LOCAL_PATH = re.compile(r"file:|[A-Za-z]:[\\/]|/(?:home|Users|tmp|var|mnt)/", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """A reference as it is written in a file; `is_script` when only a script says so."""

    path: str
    target: str
    is_script: bool = False
    base: str = ""
    """The `href` of the page's base element."""


@dataclass(frozen=True)
class BrokenLink:
    """A reference that leads nowhere, and why."""

    link: Link
    reason: str


def broken_links(site: Site, name: str, *, passed_over: Container[str] = ()) -> list[BrokenLink]:
    """Return every reference within the site that does not resolve under `/<name>/`.

    The files in `passed_over` are not looked into.
    """
    served = frozenset(site.served)
    return [
        BrokenLink(link, reason)
        for link in dict.fromkeys(_links(site, passed_over))
        if (reason := _fault(link, served, name))
    ]


def _links(site: Site, passed_over: Container[str]) -> Iterator[Link]:
    for path in site.served:
        if path in passed_over:
            continue
        text = site[path].decode("utf-8", "replace")
        if path.lower().endswith((".html", ".htm")):
            yield from _in_page(path, text)
        elif path.lower().endswith(".css"):
            yield from (Link(path, target) for target in _in_css(text))


def _in_page(path: str, text: str) -> Iterator[Link]:
    page = _Page()
    page.feed(text)
    page.close()
    yield from (Link(path, target, base=page.base) for target in page.targets)
    yield from (Link(path, target, True, page.base) for target in page.fetched)


class _Page(HTMLParser):
    """Collects what a page refers to; comments and text are passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.targets: list[str] = []
        self.fetched: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in {"script", "style"} else ""
        attributes = {name.removeprefix("xlink:"): value or "" for name, value in attrs}
        if tag == "base":
            self.base = self.base or attributes.get("href", "").strip()
        for name in _ATTRIBUTES.get(tag, ()):
            if name in attributes:
                self.targets += (
                    _srcset(attributes[name]) if name == "srcset" else [attributes[name]]
                )
        self.targets += _in_css(attributes.get("style", ""))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the name is the parser's
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.targets += _in_css(data)
        elif self._inside == "script":
            self.fetched += [match[2] for match in _FETCHED.finditer(data)]


def _srcset(value: str) -> list[str]:
    if "data:" in value:
        return []
    return [part.split()[0] for part in value.split(",") if part.strip()]


def _in_css(text: str) -> list[str]:
    matches = _CSS_URL.finditer(_CSS_COMMENT.sub("", text))
    return [next(filter(None, match.groups()), "") for match in matches]


def _fault(link: Link, served: frozenset[str], name: str) -> str | None:
    """Return why a link leads nowhere; None for a sound one and for one out of the site."""
    target = link.target.strip()
    if not target or target.startswith("#") or re.search(r"\{\{|\$\{|<%", target):
        return None
    if _LOCAL_PATH.match(target) and not target.startswith("//"):
        return "a path of one machine"
    try:
        url = urlsplit(urljoin(_address(link, name), target))
    except ValueError:
        return "no valid URL"
    if _LOCAL_HOSTS.fullmatch(url.netloc):
        return "a server on one's own machine"
    if f"{url.scheme}://{url.netloc}" != _ORIGIN:
        return None
    return _fault_within(url, served, name)


def _address(link: Link, name: str) -> str:
    page = f"{_ORIGIN}/{name}/{link.path}"
    return urljoin(page, link.base) if link.base else page


def _fault_within(url: SplitResult, served: frozenset[str], name: str) -> str | None:
    path = unquote(url.path)
    prefix = f"/{name}/"
    if path == prefix.rstrip("/"):
        path = prefix
    if not path.startswith(prefix):
        return f"out of the site, which is served under {prefix}: use a relative path"
    if not any(candidate in served for candidate in _candidates(path.removeprefix(prefix))):
        return "no such file in the site"
    return None


def _candidates(path: str) -> Sequence[str]:
    """Return the files that Pages looks for, in its order."""
    if not path or path.endswith("/"):
        return (f"{path}index.html",)
    return (path, f"{path}.html", f"{path}/index.html")
