"""Secrets in the files of a site, by detect-secrets; what is found is never repeated."""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from builder.findings import Finding, Severity, Source
from builder.site import Site

MAX_FILE_BYTES = 1024 * 1024
_WINDOW = 1_000
"""Characters that are searched at once: some patterns take the square of a long line's length."""
_OVERLAP = 300
_LONGEST_ASSIGNMENT = 300
"""Characters of a line in which a name with a literal is looked for, for the same reason."""
_SHORTEST_KEY = 16
_NOT_TEXT = (".min.js", ".min.css", ".map", ".svg")
_SOURCES = (".js", ".mjs", ".html", ".htm", ".py", ".sh", ".yml", ".yaml", ".env", ".toml", ".ini")
"""Where a name such as `apiKey` beside a literal means something."""
_TOKENS = [
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
]
"""The detectors of detect-secrets for formats that only a credential has."""
_OWN_PATTERNS = {
    # Formats younger than detect-secrets 1.5.0.
    "GitHub fine-grained token": re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    "model provider's key": re.compile(r"\bsk-(?:ant|or|proj|svcacct)-[A-Za-z0-9_-]{20,}"),
}
_USER_INFO = re.compile(r"://[^/?#\s:@\"'{}<]{1,64}:([^/?#\s@\"'{}<]{3,128})@")
"""The password of a URL. The pattern of detect-secrets takes a path such as `a:b@5` for one."""
_PLACEHOLDERS = ("your", "example", "placeholder", "sample", "dummy", "test", "xxx", "123456")
_PLACEHOLDER_SIGNS = ("...", "<", "${")


class _Detector(NamedTuple):
    kind: str
    find: Callable[[str], Iterable[str]]
    severity: Severity = Severity.FAILURE
    sources_only: bool = False


def scan(site: Site, attachments: Container[str] = ()) -> list[Finding]:
    """Return a finding for each kind of secret in each file.

    One in an attachment is a warning: an attachment is delivered as it came.
    """
    return [
        Finding(
            severity=Severity.WARNING if path in attachments else detector.severity,
            source=Source.SECRET,
            subject=path,
            expected="no secret in a public file",
            seen=f"{detector.kind} at line {line}",
        )
        for path, content in site.items()
        for detector, line in _in_file(path, content)
    ]


def _in_file(path: str, content: bytes) -> Iterator[tuple[_Detector, int]]:
    """Yield each detector that finds something with the line of its first hit."""
    if len(content) > MAX_FILE_BYTES or b"\0" in content or path.lower().endswith(_NOT_TEXT):
        return
    text = content.decode("utf-8", "replace")
    is_source = path.lower().endswith(_SOURCES)
    for detector in _detectors():
        if is_source or not detector.sources_only:
            place = next(_places(detector, text), None)
            if place is not None:
                yield detector, text.count("\n", 0, place) + 1


def _places(detector: _Detector, text: str) -> Iterator[int]:
    for start in range(0, max(1, len(text) - _OVERLAP), _WINDOW - _OVERLAP):
        for found in detector.find(text[start : start + _WINDOW]):
            yield text.find(found, start)


@cache
def _detectors() -> tuple[_Detector, ...]:
    """Return the detectors; importing detect-secrets takes a while, so it waits for its first use.

    `analyze_string` only matches: the verification of detect-secrets, which asks the provider over
    the network whether a key is live, is not used. Detectors by entropy alone are left out.
    """
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    known: Iterable[Any] = get_mapping_from_secret_type_to_class().values()
    plugins: dict[str, Any] = {plugin.__name__: plugin for plugin in known}
    tokens = [plugins[name]() for name in _TOKENS]
    web_token, keyword = plugins["JwtTokenDetector"](), plugins["KeywordDetector"]()

    def keys(text: str) -> list[str]:
        """Find values beside telling names that look like keys: no words, no placeholders."""
        return [
            found
            for line in text.split("\n")
            if len(line) <= _LONGEST_ASSIGNMENT and {'"', "'", "`"} & set(line)
            for found in keyword.analyze_string(line)
            if _is_like_a_key(found)
        ]

    return (
        *(_Detector(token.secret_type, token.analyze_string) for token in tokens),
        *(_Detector(kind, own.findall) for kind, own in _OWN_PATTERNS.items()),
        _Detector("a password in a URL", _in_urls),
        _Detector(web_token.secret_type, web_token.analyze_string, Severity.WARNING),
        _Detector("what looks like a key", keys, Severity.WARNING, sources_only=True),
    )


def _in_urls(text: str) -> list[str]:
    return [found for found in _USER_INFO.findall(text) if not _is_placeholder(found)]


def _is_like_a_key(text: str) -> bool:
    characters = set(text)
    return (
        len(text) >= _SHORTEST_KEY
        and text.isascii()
        and any(map(str.isdigit, characters))
        and any(map(str.isalpha, characters))
        and all(character.isalnum() or character in "+/_.=-" for character in characters)
        and not _is_placeholder(text)
    )


def _is_placeholder(text: str) -> bool:
    return any(sign in text.lower() for sign in (*_PLACEHOLDERS, *_PLACEHOLDER_SIGNS))
