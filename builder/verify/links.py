"""Links and assets in HTML and CSS: whether they resolve on a site served under `/<name>/`."""

import re
from collections.abc import Container, Iterator
from html import unescape
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from builder.site import Site
from builder.verify.hosting import Hosting

_ATTRIBUTES = {
    **dict.fromkeys(("a", "area", "link", "image", "use"), ("href",)),
    **dict.fromkeys(("script", "audio", "track", "iframe", "embed", "input"), ("src",)),
    **dict.fromkeys(("img", "source"), ("src", "srcset")),
    "video": ("src", "poster"),
    "object": ("data",),
    "form": ("action",),
}
_IN_TAG = r"(?>[^<>\"']|\"[^\"]*\"|'[^']*')*+"
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    rf"|<(?P<raw>script|style)\b(?P<raw_attributes>{_IN_TAG})>(?P<content>.*?)(?:</(?P=raw)\s*>|\Z)"
    rf"|<(?P<tag>[a-z][\w:-]*)(?P<attributes>{_IN_TAG})>",
    re.DOTALL | re.IGNORECASE,
)
"""Comments, scripts, styles and tags. The standard library's parser takes quadratic time on a
hostile page; this looks at each character once."""
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
_CSS_URL = re.compile(
    r"url\(\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s\"'()]+))\s*\)|@import\s+[\"']([^\"'\n]+)"
)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ORIGIN = "https://site.invalid"
"""Stands for the host; this name never resolves (RFC 2606)."""
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "0.0.0.0", "::1")  # noqa: S104 - looked for
_LOCAL_PATHS = ("file:", "/home/", "/users/", "/tmp/", "/var/", "/mnt/")  # noqa: S108 - looked for
_TEMPLATE_SIGNS = ("{{", "${", "<%")
"""Signs of a link that a template or a script completes."""


class Link(NamedTuple):
    """A reference as written in a file."""

    path: str
    target: str
    base: str = ""
    """The `href` of the page's base element."""


def broken_links(
    site: Site, name: str, *, passed_over: Container[str] = ()
) -> list[tuple[Link, str]]:
    """Return every reference within the site that does not resolve under `/<name>/`, and why.

    The files in `passed_over` are not searched.
    """
    pages = Hosting(name, {path: site[path] for path in site.served})
    return [
        (link, reason)
        for link in dict.fromkeys(_links(site, passed_over))
        if (reason := _fault(link, pages))
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
    base = ""
    for token in _TOKEN.finditer(text):
        tag = (token["raw"] or token["tag"] or "").lower()
        attributes = _attributes(token["raw_attributes"] or token["attributes"] or "")
        if tag == "base":
            base = base or attributes.get("href", "").strip()
        for target in _in_attributes(tag, attributes):
            yield Link(path, target, base)
        if tag == "style":
            yield from (Link(path, target, base) for target in _in_css(token["content"] or ""))


def _attributes(text: str) -> dict[str, str]:
    """Return the attributes of a tag by lower-case name; of duplicates the first counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower().removeprefix("xlink:"), unescape(value))
    return found


def _in_attributes(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    for name in _ATTRIBUTES.get(tag, ()):
        if name in attributes:
            yield from _srcset(attributes[name]) if name == "srcset" else [attributes[name]]
    yield from _in_css(attributes.get("style", ""))


def _srcset(value: str) -> list[str]:
    if "data:" in value:
        return []
    return [part.split()[0] for part in value.split(",") if part.strip()]


def _in_css(text: str) -> list[str]:
    matches = _CSS_URL.finditer(_CSS_COMMENT.sub("", text))
    return [next(filter(None, match.groups()), "") for match in matches]


def _fault(link: Link, pages: Hosting) -> str | None:
    """Return why a link does not resolve; None if it does, or leads to another site."""
    target = link.target.strip()
    if not target or target.startswith("#") or any(sign in target for sign in _TEMPLATE_SIGNS):
        return None
    if target.lower().startswith(_LOCAL_PATHS) or target[1:3] in {":\\", ":/"}:
        return "a path on one machine"
    try:
        url = urlsplit(urljoin(_address(link, pages), target))
    except ValueError:
        return "no valid URL"
    if url.hostname in _LOCAL_HOSTS:
        return "a server on the developer's machine"
    if f"{url.scheme}://{url.netloc}" != _ORIGIN:
        return None
    return _fault_within(url.path, pages)


def _address(link: Link, pages: Hosting) -> str:
    page = f"{_ORIGIN}{pages.root}{link.path}"
    return urljoin(page, link.base) if link.base else page


def _fault_within(path: str, pages: Hosting) -> str | None:
    if not f"{path}/".startswith(pages.root):
        return f"outside the site, which is served under {pages.root}: use a relative path"
    return "no such file in the site" if pages.answer(path).status == HTTPStatus.NOT_FOUND else None
