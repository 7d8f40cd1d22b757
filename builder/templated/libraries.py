"""The libraries that a page may load, at exact versions, and the addresses they are known by."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

CDNS = ("https://cdn.jsdelivr.net/npm", "https://unpkg.com")
"""Mirrors of npm, the usual one first: both serve every file of a package under its path."""


@dataclass(frozen=True)
class Style:
    """A style sheet's address, and when it applies."""

    url: str
    media: str | None = None


@dataclass(frozen=True)
class Library:
    """Where a library is loaded from, and what it is called."""

    name: str
    package: str
    version: str
    called: str
    """A pattern of its name in prose."""
    mark: str
    """What every address of it has in it."""
    variable: str
    """The variable by which scripts know it."""
    serves: str = r"(?!)"
    """A pattern of prose that asks for what only this library does here."""
    styles: tuple[tuple[str, str | None], ...] = ()
    """Style sheets with their media queries."""
    scripts: tuple[str, ...] = ()
    """The paths of the one script, the usual one first."""

    def style_urls(self, parts: Collection[str] = ()) -> list[Style]:
        """Return the style sheets; `parts` of addresses are held where that can be."""
        return [
            Style(self._best((path, _written_out(path)), parts), media)
            for path, media in self.styles
        ]

    def script_urls(self, parts: Collection[str] = ()) -> list[str]:
        """Return the address of the script, if any; `parts` of it are held where that can be."""
        paths = (*self.scripts, *map(_written_out, self.scripts))
        return [self._best(paths, parts)] if self.scripts else []

    def _best(self, paths: Collection[str], parts: Collection[str]) -> str:
        def held(url: str) -> int:
            return sum(part in url for part in parts)

        return max(self._urls(paths), key=held)

    def _urls(self, paths: Collection[str]) -> Iterator[str]:
        for cdn in CDNS:
            for path in dict.fromkeys(paths):
                yield f"{cdn}/{self.package}@{self.version}/{path}"


def _written_out(path: str) -> str:
    """Return the path of a minified file as its author wrote it: packages have both."""
    return path.replace(".min.", ".")


_BOOTSTRAP = "5.3.9"

MARKED = Library(
    "marked",
    "marked",
    "18.2.1",
    called=r"\bmarked\.(?:min\.)?js\b|\bmarked library\b|\b(?:with|using|use|load|by) marked\b"
    r"(?!\s+(?:\w+s|in|as|cells|text)\b)",
    mark="marked",
    variable="marked",
    scripts=("lib/marked.umd.js",),
)
PURIFY = Library(
    "DOMPurify",
    "dompurify",
    "3.4.18",
    called=r"\bdompurify\b",
    mark="purify",
    variable="DOMPurify",
    scripts=("dist/purify.min.js",),
)
CHART = Library(
    "Chart.js",
    "chart.js",
    "4.6.1",
    called=r"\bchart\.?js\b",
    mark="chart",
    variable="Chart",
    scripts=("dist/chart.umd.min.js",),
)

LIBRARIES = (
    Library(
        "Bootstrap",
        "bootstrap",
        _BOOTSTRAP,
        called=r"\bbootstrap",
        mark="bootstrap",
        variable="bootstrap",
        styles=(("dist/css/bootstrap.min.css", None),),
    ),
    Library(
        "Bootstrap's scripts",
        "bootstrap",
        _BOOTSTRAP,
        called=r"\bbootstrap(?:'s)?(?: \d)? (?:js|javascript|scripts?|bundle)\b",
        mark="bootstrap",
        variable="bootstrap",
        scripts=("dist/js/bootstrap.bundle.min.js", "dist/js/bootstrap.min.js"),
    ),
    Library(
        "highlight.js",
        "@highlightjs/cdn-assets",
        "11.12.0",
        called=r"\bhighlight\.?js\b",
        mark="highlight",
        variable="hljs",
        serves=r"\bsyntax.highlight|\bhighlight\w* (?:the )?code",
        styles=(
            ("styles/a11y-light.min.css", "(prefers-color-scheme: light)"),
            ("styles/a11y-dark.min.css", "(prefers-color-scheme: dark)"),
        ),
        scripts=("highlight.min.js",),
    ),
    MARKED,
    PURIFY,
    CHART,
    Library(
        "Papa Parse",
        "papaparse",
        "5.7.1",
        called=r"\bpapa ?parse\b",
        mark="papaparse",
        variable="Papa",
        scripts=("papaparse.min.js",),
    ),
    Library(
        "jQuery",
        "jquery",
        "4.0.0",
        called=r"\bjquery\b",
        mark="jquery",
        variable="jQuery",
        scripts=("dist/jquery.min.js",),
    ),
)
