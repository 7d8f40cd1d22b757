"""What the addresses that a request names answered, before a model is asked."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from builder.files.preview import preview
from builder.request import Request

MAX_ADDRESSES = 5
_ADDRESS = re.compile(r"https?://[^\s<>\"'`“”‘’|\\^]+", re.IGNORECASE)  # noqa: RUF001 - quotation marks
_PLACEHOLDER = re.compile(r"[{}\[\]$*…<>]")
_SUFFIXES = {
    "application/json": ".json",
    "application/geo+json": ".geojson",
    "text/csv": ".csv",
    "text/html": ".html",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/plain": ".txt",
}


@dataclass(frozen=True)
class Fetched:
    """What came from one address."""

    url: str
    status: int = 0
    media_type: str = ""
    charset: str | None = None
    content: bytes = b""
    error: str = ""
    """Why there is no content."""
    name: str = ""
    """Of the file that a build script finds."""

    @property
    def is_there(self) -> bool:
        """Whether the address answered with what was asked for."""
        return not self.error and 200 <= self.status < 300

    @property
    def digest(self) -> str:
        """What a prompt shows of it."""
        return preview(self.name, self.media_type, self.content, self.charset)

    @property
    def reason(self) -> str:
        """Why it is not there."""
        return self.error or f"it answered with status {self.status}"


def addresses(request: Request) -> list[str]:
    """Return the web addresses that brief and checks name, as they are written.

    Not those with a placeholder in them, nor the evaluation URL.
    """
    texts = [request.brief, *(check.source for check in request.checks)]
    found = (_closed(match) for text in texts for match in _ADDRESS.findall(text))
    own = request.evaluation_url
    usable = [url for url in found if url != own and not _PLACEHOLDER.search(url) and _host(url)]
    return list(dict.fromkeys(usable))[:MAX_ADDRESSES]


def named(fetched: Iterable[Fetched], taken: Container[str]) -> list[Fetched]:
    """Give each that is there a file name by its address and type, which none in `taken` has."""
    renamed: list[Fetched] = []
    for number, one in enumerate(fetched, start=1):
        if one.is_there:
            path = PurePosixPath(urlsplit(one.url).path)
            stem = re.sub(r"[^\w.-]", "_", path.stem).strip(".")[:60] or "data"
            suffix = path.suffix if re.fullmatch(r"\.\w{1,8}", path.suffix) else ""
            suffix = _SUFFIXES.get(one.media_type, suffix)
            name = f"{stem}{suffix}"
            used = name in taken or any(other.name == name for other in renamed)
            renamed.append(replace(one, name=f"{stem}-{number}{suffix}" if used else name))
        else:
            renamed.append(one)
    return renamed


def missing(urls: Sequence[str], reason: str) -> list[Fetched]:
    """Return the addresses as not fetched, for one reason."""
    return [Fetched(url, error=reason) for url in urls]


def _closed(url: str) -> str:
    """Return an address without the punctuation of the sentence that it ends."""
    url = url.rstrip(".,;:!?*_")
    while url.endswith(")") and url.count("(") < url.count(")"):
        url = url[:-1].rstrip(".,;:!?*_")
    return url


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
