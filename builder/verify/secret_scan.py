"""Finds secrets in the files of a site with detect-secrets, and never repeats them."""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache
from typing import Any

from builder.findings import Finding, Severity, Source
from builder.site import Site

MAX_FILE_BYTES = 1024 * 1024
_WINDOW = 1_000
"""Characters searched at once: some patterns take quadratic time on long lines."""
_OVERLAP = 300
_NOT_TEXT = (".min.js", ".min.css", ".map", ".svg")
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
"""The detectors of detect-secrets for formats that only credentials have."""
_OWN_PATTERNS = {
    # Formats younger than detect-secrets 1.5.0.
    "GitHub fine-grained token": re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    "model provider's key": re.compile(r"\bsk-(?:ant|or|proj|svcacct)-[A-Za-z0-9_-]{20,}"),
}
_USER_INFO = re.compile(r"://[^/?#\s:@\"'{}<]{1,64}:([^/?#\s@\"'{}<]{3,128})@")
"""The password in a URL. The pattern of detect-secrets also matches paths such as `a:b@5`."""
_PLACEHOLDERS = ("your", "example", "placeholder", "sample", "dummy", "test", "xxx", "12345", "${")

_Find = Callable[[str], Iterable[str]]


def scan(site: Site, attachments: Container[str] = ()) -> list[Finding]:
    """Return a finding for each kind of secret in each file.

    In an attachment it is a warning, since attachments are delivered unchanged.
    """
    findings = []
    for path, content in site.items():
        severity = Severity.WARNING if path in attachments else Severity.FAILURE
        for kind, line in _in_file(path, content):
            expected, seen = "no secret in a public file", f"{kind} at line {line}"
            findings.append(Finding(severity, Source.SECRET, path, expected, seen))
    return findings


def _in_file(path: str, content: bytes) -> Iterator[tuple[str, int]]:
    """Yield each kind of secret found, with the line of its first occurrence."""
    if len(content) > MAX_FILE_BYTES or b"\0" in content or path.lower().endswith(_NOT_TEXT):
        return
    text = content.decode("utf-8", "replace")
    for kind, find in _detectors().items():
        place = next(_places(find, text), None)
        if place is not None:
            yield kind, text.count("\n", 0, place) + 1


def _places(find: _Find, text: str) -> Iterator[int]:
    for start in range(0, max(1, len(text) - _OVERLAP), _WINDOW - _OVERLAP):
        for found in find(text[start : start + _WINDOW]):
            yield text.find(found, start)


@cache
def _detectors() -> dict[str, _Find]:
    """Return the detectors; detect-secrets is imported on first use, since that takes a while.

    `analyze_string` only matches: the verification of detect-secrets, which asks the provider over
    the network whether a key is live, is not used. Nor are its detectors by entropy or by variable
    names, which mistake words and public keys for secrets.
    """
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    known: Iterable[Any] = get_mapping_from_secret_type_to_class().values()
    tokens = [plugin() for plugin in known if plugin.__name__ in _TOKENS]
    return {
        **{token.secret_type: token.analyze_string for token in tokens},
        **{kind: pattern.findall for kind, pattern in _OWN_PATTERNS.items()},
        "a password in a URL": _in_urls,
    }


def _in_urls(text: str) -> list[str]:
    return [
        found
        for found in _USER_INFO.findall(text)
        if not any(sign in found.lower() for sign in _PLACEHOLDERS)
    ]
