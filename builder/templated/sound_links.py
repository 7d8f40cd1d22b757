"""Links of rendered Markdown that lead nowhere in the site: their text stays, the link goes."""

import re
from collections.abc import Collection, Iterable
from html import unescape

from builder.site import Site
from builder.verify.links import broken_links

_LINK = re.compile(r"<a href=\"(?P<target>[^\"]*)\"[^>]*>(?P<text>.*?)</a>", re.DOTALL)
_PICTURE = re.compile(r"<img src=\"(?P<target>[^\"]*)\" alt=\"(?P<text>[^\"]*)\"[^>]*>")
_PAGE = "index.html"


def dead_targets(html: str, paths: Iterable[str]) -> list[str]:
    """Return the targets of links and pictures of a page that lead to no file of the site."""
    files = dict.fromkeys(paths, b"")
    found = broken_links(
        Site({**files, _PAGE: html.encode()}), "site", passed_over=files.keys() - {_PAGE}
    )
    return list(dict.fromkeys(broken.link.target for broken in found))


def without_links(html: str, dead: Collection[str]) -> str:
    """Return HTML of rendered Markdown with the texts of dead links and pictures alone."""

    def kept(match: re.Match[str]) -> str:
        return match["text"] if unescape(match["target"]) in dead else match[0]

    return _LINK.sub(kept, _PICTURE.sub(kept, html))
