"""Where prose names files, and the words around each name.

A name of a library, a domain, a version, a glob or a piece of a URL is no file; folders, globs and
libraries are found for themselves, as only a ban can mean them. What a mention means for the
delivery is decided elsewhere.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

_EXTENSIONS = (
    "html|htm|xhtml|css|scss|js|mjs|cjs|ts|jsx|tsx|vue|svelte|json|jsonl|ndjson|geojson|webmanifest|"
    "csv|tsv|txt|md|markdown|rst|xml|xsl|rss|atom|svg|png|jpg|jpeg|gif|webp|avif|ico|bmp|pdf|"
    "yml|yaml|toml|ini|cfg|conf|lock|py|ipynb|rb|rs|go|java|kt|php|pl|lua|sh|ps1|bat|sql|db|sqlite|"
    "xlsx|xls|ods|docx|pptx|parquet|tex|bib|ics|vcf|kml|gpx|zip|gz|tar|wasm|mp3|mp4|wav|ogg|webm|"
    "woff|woff2|ttf|otf|glb|gltf|diff|patch|srt|vtt|pem|crt"
)
_NAME = re.compile(
    rf"(?<![\w.@+$/*…}}>=-])(?P<path>\.?/)?(?P<name>(?:[\w.@+-]+/)*(?:"
    rf"[\w@+][\w.@+-]*\.(?:{_EXTENSIONS})|LICEN[CS]E|README|Dockerfile|Makefile|Procfile|CNAME|"
    r"\.(?:nojekyll|env(?:\.\w+)?|gitignore|gitattributes|editorconfig|htaccess|npmrc|dockerignore|"
    r"prettierrc|eslintrc(?:\.\w+)?)))"
    r"(?![\w*{<(/…-]|\.\w)"
)
_GROUP = re.compile(
    r"(?<![\w.@+$/*…}<>=-])(?:\./)?(?P<name>"
    r"(?:[\w.@+-]+/)*\*(?:\.\w+)+(?![\w*/-])|(?:[\w.@+-]+/)+\*(?![\w*./])|\.\w+\.?\*(?![\w*./])|"
    r"(?:[\w@+-][\w.@+-]*/|\.\w[\w.+-]*/)+(?![\w*<{…/]|\.\w))"
)
"""Many files at once: `*.log`, `dist/*`, `.env*`, `build/`."""
_KNOWN_FOLDER = re.compile(
    r"(?<![\w./-])(?P<name>node_modules|bower_components|__pycache__|\.venv|\.idea|\.vscode)(?![\w/*-])"
)
_URL = re.compile(
    r"\b(?:https?|ftp|file|wss?|mailto|data):\S+|(?<![\w:])//[\w.-]+\.\w+/\S*|\?[\w-]+=\S*"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@(?!\d)[\w.-]+")
_BOLD = re.compile(r"\*\*")
_DOMAIN_PATH = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+(?:com|org|net|io|dev|co|edu|gov|app|ai)/\S*")
_LIBRARY = re.compile(
    r"(?:node|next|nuxt|vue|react|angular|ember|backbone|three|d3(?:\.v\d+)?|chart|highlight|marked|p5|"
    r"leaflet|moment|day|dayjs|jquery(?:-[\d.]+)?|lodash|underscore|express|plotly|alpine|matter|anime|"
    r"prism|mermaid|katex|mathjax|tone|pixi|phaser|sql|pdf|papaparse|papa|fabric|konva|socket\.io|"
    r"handlebars|mustache|svelte|preact|require|brain|ml5|tensorflow|bootstrap|tailwind|bulma|"
    r"normalize|animate|purecss|dompurify|turf|cytoscape|reveal|particles)\.(?:js|css)"
    r"|.*\.min\.(?:js|css)",
    re.IGNORECASE,
)
_CAPITAL_SCRIPT = re.compile(r"[A-Z][\w.]*\.js")
_FROM_CDN = re.compile(
    r"[`'\"*)]*\s+(?:(?!and\b|n?or\b)\w+\s+){0,2}?(?:librar(?:y|ies)|framework|plugin|package|"
    r"(?:from|via|by|on|over)\s+(?:an?\s+|the\s+)?(?:cdn|jsdelivr|unpkg|cdnjs|esm\.sh))"
    r"(?![\w-]*\.\w)",
    re.IGNORECASE,
)
_MARKER = re.compile(r"\s*(?:(?:[-*+•]|\d+[.)])\s+(?:\[[ xX]\]\s+)?)")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|cf|vs)\.", re.IGNORECASE)
_CLAUSE_END = re.compile(r"(?<=[.!?;])\s+|;|,?\s+(?:but|whereas)\s+", re.IGNORECASE)
_ONLY_NAMES = re.compile(r"(?:[\s,&/*`\"'“”_()\[\]]|\band\b|\bfiles?\b|\bthe\b)*", re.IGNORECASE)
PLACEHOLDER = "\N{PAGE FACING UP}"
"""Stands for another file's name in the words around one."""
ARTICLE = (
    r"(?:an?|the|any|your|real|actual|valid|old|both|either|these|those|following|of|files?|pages?|"
    r"named|called)\b"
)
"""Pattern of words that stand before a name and change nothing."""
NAMES = (
    rf"(?>[\s,`\"'“”*]|and\b|n?or\b|{ARTICLE}|{PLACEHOLDER}|"
    r"[\w./*-]+(?=,|\s+(?:or|nor|and)\s))*+"
)
"""Pattern of other names in the same list of names."""
QUOTE = r"[\s`\"'“”*_)]*"
"""Pattern of what may close a name."""
_PLAIN = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{EN DASH}": "-",
        "\t": " ",
    }
)
_NEARBY = 300
"""Characters on each side of a name that are looked at."""
_Find: TypeAlias = Callable[[str], list[re.Match[str]]]


@dataclass(frozen=True)
class FileMention:
    """A file's name in prose, and what stands around it in its clause."""

    path: str
    clause: str
    before: str
    """The clause up to the name, other files' names as PLACEHOLDER."""
    after: str
    """The rest of the clause, other files' names as PLACEHOLDER."""
    leads_item: bool = False
    """Whether a list item, or a line with a colon, begins with the name."""
    intro: str = ""
    """The line that introduces the list."""


def file_mentions(text: str) -> list[FileMention]:
    """Return every mention of a file in prose, in order."""
    return _mentions(text, _names)


def group_mentions(text: str) -> list[FileMention]:
    """Return every mention of what is no single file of ours: a folder, a glob, a library's file.

    A folder ends in a slash.
    """
    return _mentions(text, _groups)


def _mentions(text: str, find: _Find) -> list[FileMention]:
    found: list[FileMention] = []
    intro = ""
    for line in _plain(text).splitlines():
        marker = _MARKER.match(line)
        found += _in_line(line[marker.end() :] if marker else line, bool(marker), intro, find)
        if not marker and line.strip() and not _NAME.match(line.strip("`*_ \t")):
            intro = line.strip()
    return found


def names_in_script(source: str) -> list[str]:
    """Return the relative paths that a script's string literals consist of."""
    literals = re.findall(r"([\"'`])([^\"'`\n]{1,200})\1", source)
    return list(
        dict.fromkeys(
            match["name"]
            for _, text in literals
            if (match := _NAME.fullmatch(text)) and not _LIBRARY.fullmatch(text)
        )
    )


def _plain(text: str) -> str:
    """Return `text` in plain type, without addresses and the dots of abbreviations."""
    text = re.sub(r" {2,}", " ", text.translate(_PLAIN))
    for pattern in (_URL, _DOMAIN_PATH, _EMAIL, _BOLD):
        text = pattern.sub(" ", text)
    return _ABBREVIATION.sub(lambda match: match[0].replace(".", "") + ",", text)


def _in_line(line: str, is_item: bool, intro: str, find: _Find) -> Iterator[FileMention]:
    start = 0
    for end in [*_CLAUSE_END.finditer(line), None]:
        clause = line[start : end.start() if end else len(line)]
        leads = start == 0 and (
            is_item or bool(re.match(r"[^:]{1,80}:|[\s`*_\"']*\S+\s*$", clause))
        )
        for match in find(clause):
            yield _mention(clause, match, leads, intro)
        start = end.end() if end else 0


def _names(clause: str) -> list[re.Match[str]]:
    return [match for match in _NAME.finditer(clause) if not _is_library(match)]


def _groups(clause: str) -> list[re.Match[str]]:
    libraries = [
        match
        for match in _NAME.finditer(clause)
        if _LIBRARY.fullmatch(match["name"]) and not _CAPITAL_SCRIPT.fullmatch(match["name"])
    ]
    return [*_GROUP.finditer(clause), *_KNOWN_FOLDER.finditer(clause), *libraries]


def _is_library(match: re.Match[str]) -> bool:
    name = match["name"]
    is_known = _LIBRARY.fullmatch(name) or _CAPITAL_SCRIPT.fullmatch(name)
    return bool(is_known or _FROM_CDN.match(match.string, match.end()))


def _mention(clause: str, match: re.Match[str], leads: bool, intro: str) -> FileMention:
    start, end = match.span()
    before = _others(clause[max(0, start - _NEARBY) : start])
    is_folder = match.re is _KNOWN_FOLDER
    return FileMention(
        path=match["name"] + "/" * is_folder,
        clause=clause[max(0, start - _NEARBY) : end + _NEARBY].strip(" *_`"),
        before=before,
        after=_others(clause[end : end + _NEARBY]),
        leads_item=leads and bool(_ONLY_NAMES.fullmatch(before.replace(PLACEHOLDER, ""))),
        intro=intro[-_NEARBY:],
    )


def _others(words: str) -> str:
    """Return `words` with each name replaced by PLACEHOLDER."""
    for pattern in (_NAME, _GROUP, _KNOWN_FOLDER):
        words = pattern.sub(PLACEHOLDER, words)
    return words
