"""Secrets in the files of a site, by detect-secrets; what is found is never repeated."""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple, Protocol

from builder.findings import Finding, Severity, Source
from builder.site import Site

Detect = Callable[[str], Iterable[str]]

MAX_FILE_BYTES = 1024 * 1024
_WINDOW = 2_000
"""Characters that are looked at at once: some patterns take a long line's square in time."""
_OVERLAP = 300
_LONGEST_ASSIGNMENT = 300
"""Characters of a line in which a name with a literal is looked for, for the same reason."""
_NOT_TEXT = (".min.js", ".min.css", ".map", ".svg")
_SOURCES = (".js", ".mjs", ".html", ".htm", ".py", ".sh", ".yml", ".yaml", ".env", ".toml", ".ini")
"""Where a name such as `apiKey` beside a literal means something."""
_TOKENS = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "private_key": "PrivateKeyDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
"""The detectors of formats that only a credential has, by their module in detect-secrets."""
_OWN_PATTERNS = {
    # Formats younger than detect-secrets 1.5.0.
    "GitHub fine-grained token": re.compile(r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    "model provider's key": re.compile(r"\bsk-(?:ant|or|proj|svcacct)-[A-Za-z0-9_-]{20,}"),
}
_USER_INFO = re.compile(r"://[^/?#\s:@\"'{}<]{1,64}:([^/?#\s@\"'{}<]{3,128})@")
"""The password of a URL. The pattern of detect-secrets takes a path such as `a:b@5` for one."""
_VALUE = re.compile(r"(?=.*[A-Za-z])(?=.*\d)[A-Za-z0-9+/_.=-]{16,}")
"""What a literal behind a telling name looks like when it is a key: no words, no placeholder."""
_LITERAL = re.compile(r"[\"'`][A-Za-z0-9+/_.=-]{16,}[\"'`]")
_PLACEHOLDER = re.compile(
    r"your|example|placeholder|sample|dummy|test|xxx|\.\.\.|<|\$\{|123456", re.I
)


class _Plugin(Protocol):
    secret_type: str

    def analyze_string(self, string: str) -> Iterable[str]: ...


class _Detector(NamedTuple):
    kind: str
    find: Detect
    severity: Severity
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
    windows = list(_windows(text))
    is_source = path.lower().endswith(_SOURCES)
    for detector in _detectors():
        if detector.sources_only and not is_source:
            continue
        if any(_finds(detector, window) for window in windows):
            yield from ((detector, line) for line in _first_line(detector, text))


def _first_line(detector: _Detector, text: str) -> Iterator[int]:
    for number, line in enumerate(text.split("\n"), start=1):
        if any(_finds(detector, window) for window in _windows(line)):
            yield number
            return


def _finds(detector: _Detector, text: str) -> bool:
    return any(True for _ in detector.find(text))


def _windows(text: str) -> Iterator[str]:
    for start in range(0, max(1, len(text) - _OVERLAP), _WINDOW - _OVERLAP):
        yield text[start : start + _WINDOW]


@cache
def _detectors() -> tuple[_Detector, ...]:
    """Return the detectors; importing detect-secrets takes a while, so it waits for its first use.

    `analyze_string` only matches: the verification of detect-secrets, which asks the provider over
    the network whether a key is live, is not used. Detectors by entropy alone are left out.
    """
    tokens = [_plugin(module, name) for module, name in _TOKENS.items()]
    web_token, keyword = _plugin("jwt", "JwtTokenDetector"), _plugin("keyword", "KeywordDetector")
    return (
        *(_Detector(token.secret_type, token.analyze_string, Severity.FAILURE) for token in tokens),
        *(_Detector(kind, own.findall, Severity.FAILURE) for kind, own in _OWN_PATTERNS.items()),
        _Detector("a password in a URL", _in_urls, Severity.FAILURE),
        _Detector(web_token.secret_type, web_token.analyze_string, Severity.WARNING),
        _Detector("what looks like a key", _keys(keyword), Severity.WARNING, sources_only=True),
    )


def _plugin(module: str, name: str) -> _Plugin:
    plugin: _Plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
    return plugin


def _in_urls(text: str) -> list[str]:
    return [found for found in _USER_INFO.findall(text) if not _is_placeholder(found)]


def _keys(keyword: _Plugin) -> Detect:
    """Keep values that look like keys: not words, not placeholders."""

    def find(text: str) -> list[str]:
        return [
            found
            for line in text.split("\n")
            if len(line) <= _LONGEST_ASSIGNMENT and _LITERAL.search(line)
            for found in keyword.analyze_string(line)
            if _VALUE.fullmatch(found) and not _is_placeholder(found)
        ]

    return find


def _is_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.search(text))
