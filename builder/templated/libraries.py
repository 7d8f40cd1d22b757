"""The libraries that a brief or a check may name, at exact versions of jsdelivr's npm mirror."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

CDN = "https://cdn.jsdelivr.net/npm"


@dataclass(frozen=True)
class Style:
    """A style sheet's address, and when it applies."""

    url: str
    media: str | None = None


@dataclass(frozen=True)
class Library:
    """Where a library is loaded from and the words that ask for it."""

    name: str
    package: str
    version: str
    named: str
    """A pattern over brief and selectors."""
    styles: tuple[tuple[str, str | None], ...] = ()
    scripts: tuple[str, ...] = ()

    def style_urls(self) -> list[Style]:
        """Return the style sheets with their media queries."""
        return [Style(self._url(path), media) for path, media in self.styles]

    def script_urls(self) -> list[str]:
        """Return the addresses of the scripts."""
        return [self._url(path) for path in self.scripts]

    def _url(self, path: str) -> str:
        return f"{CDN}/{self.package}@{self.version}/{path}"


_BOOTSTRAP = "5.3.9"

MARKED = Library(
    "marked", "marked", "18.2.1", r"\bmarked\.js|\bmarked library", scripts=("lib/marked.umd.js",)
)
PURIFY = Library(
    "DOMPurify", "dompurify", "3.4.18", r"\bdompurify\b", scripts=("dist/purify.min.js",)
)
CHART = Library(
    "Chart.js",
    "chart.js",
    "4.6.1",
    r"\bchart\.?js\b|script\[src[^\]]*chart",
    scripts=("dist/chart.umd.min.js",),
)

LIBRARIES = (
    Library(
        "Bootstrap",
        "bootstrap",
        _BOOTSTRAP,
        r"\bbootstrap",
        styles=(("dist/css/bootstrap.min.css", None),),
    ),
    Library(
        "Bootstrap's scripts",
        "bootstrap",
        _BOOTSTRAP,
        r"script\[src[^\]]*bootstrap|\bbootstrap(?:'s)?(?: \d)? "
        r"(?:js|javascript|scripts?|bundle)\b",
        scripts=("dist/js/bootstrap.bundle.min.js",),
    ),
    Library(
        "highlight.js",
        "@highlightjs/cdn-assets",
        "11.12.0",
        r"\bhighlight\.?js\b|\bsyntax.highlight|\bhighlight\w* (?:the )?code|"
        r"script\[src[^\]]*highlight",
        styles=(
            ("styles/a11y-light.min.css", "(prefers-color-scheme: light)"),
            ("styles/a11y-dark.min.css", "(prefers-color-scheme: dark)"),
        ),
        scripts=("highlight.min.js",),
    ),
    MARKED,
    PURIFY,
    CHART,
    Library("Papa Parse", "papaparse", "5.7.1", r"\bpapa ?parse\b", scripts=("papaparse.min.js",)),
    Library("jQuery", "jquery", "4.0.0", r"\bjquery\b", scripts=("dist/jquery.min.js",)),
)


def named_in(texts: Iterable[str]) -> list[Library]:
    """Return the libraries that words or selectors name."""
    text = "\n".join(texts)
    return [found for found in LIBRARIES if re.search(found.named, text, re.IGNORECASE)]
