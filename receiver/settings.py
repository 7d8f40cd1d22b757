"""What the receiver is told by its environment."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar

from builder.errors import SettingsError

T = TypeVar("T")

PUBLIC_API = "https://api.github.com"
MAX_REQUEST_BYTES = 4 * 1024 * 1024
"""Fits the smallest host: Vercel takes bodies of 4.5 MB."""
GITHUB_CONNECTIONS = 100
"""GitHub serves at most 100 requests of one account at once (REST docs, secondary limits)."""

SWITCH = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}


@dataclass(frozen=True)
class Settings:
    """The settings; what is secret is left out of the repr."""

    task_secrets: tuple[str, ...] = field(repr=False)
    dispatch_token: str = field(repr=False)
    dispatch_repository: str
    github_api_url: str = PUBLIC_API
    github_connections: int = GITHUB_CONNECTIONS
    host: str = "127.0.0.1"
    port: int = 8000
    max_request_bytes: int = MAX_REQUEST_BYTES
    max_buffered_bytes: int = 32 * 1024 * 1024
    request_seconds: float = 10.0
    failed_secrets_per_minute: int = 20
    trusted_proxies: int = 0
    docs: bool = True
    log_format: str = "text"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment; an empty variable counts as not set.

        Raises SettingsError, which names every variable that is missing or unusable.
        """
        read = _Reader(environ)
        settings = cls(
            task_secrets=read("TASK_SECRET", _secrets, ()),
            dispatch_token=read("DISPATCH_TOKEN", _token, ""),
            dispatch_repository=read("DISPATCH_REPOSITORY", _repository, ""),
            github_api_url=read("GITHUB_API_URL", _url, cls.github_api_url),
            github_connections=read("GITHUB_CONNECTIONS", _from(1), cls.github_connections),
            host=read("HOST", str, cls.host),
            port=read("PORT", _from(0, 65_535), cls.port),
            max_request_bytes=read("MAX_REQUEST_BYTES", _from(1024), cls.max_request_bytes),
            max_buffered_bytes=read("MAX_BUFFERED_BYTES", _from(1024), cls.max_buffered_bytes),
            request_seconds=read("REQUEST_SECONDS", _from(1, 600), cls.request_seconds),
            failed_secrets_per_minute=read(
                "FAILED_SECRETS_PER_MINUTE", _from(1), cls.failed_secrets_per_minute
            ),
            trusted_proxies=read("TRUSTED_PROXIES", _from(0, 10), cls.trusted_proxies),
            docs=read("DOCS", _switch, cls.docs),
            log_format=read("LOG_FORMAT", _log_format, cls.log_format),
        )
        read.complain(required=("TASK_SECRET", "DISPATCH_TOKEN", "DISPATCH_REPOSITORY"))
        return settings


class _Reader:
    """Reads one variable after the other and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._unusable: dict[str, str] = {}

    def __call__(self, name: str, convert: Callable[[str], T], default: T) -> T:
        text = self._text(name)
        if not text:
            return default
        try:
            return convert(text)
        except ValueError as error:
            self._unusable[name] = str(error)
            return default

    def complain(self, required: tuple[str, ...]) -> None:
        """Raise SettingsError if a required variable is missing or any is unusable."""
        missing = [name for name in required if not self._text(name)]
        reasons = [f"missing in the environment: {', '.join(missing)}"] if missing else []
        reasons += [f"{name}: expected {wanted}" for name, wanted in self._unusable.items()]
        if reasons:
            raise SettingsError(
                "; ".join(reasons),
                names=[*missing, *self._unusable],
                fix="Set them in the environment; python -m receiver --help lists all.",
            )

    def _text(self, name: str) -> str:
        return self._environ.get(name, "").strip()


def _secrets(text: str) -> tuple[str, ...]:
    secrets = tuple(part.strip() for part in text.split(",") if part.strip())
    if not secrets:
        raise ValueError("one secret, or several with commas between them")
    return secrets


def _token(text: str) -> str:
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("a GitHub token, without spaces or line ends")
    return text


def _repository(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+", text):
        raise ValueError("a repository as owner/name")
    return text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError("an http or https URL without credentials and query")
    return text.rstrip("/")


def _from(low: int, high: int | None = None) -> Callable[[str], int]:
    wanted = f"a whole number from {low}" + ("" if high is None else f" to {high}")

    def convert(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", text):
            raise ValueError(wanted)
        number = int(text)
        if number < low or (high is not None and number > high):
            raise ValueError(wanted)
        return number

    return convert


def _switch(text: str) -> bool:
    if text.lower() not in SWITCH:
        raise ValueError(f"one of {', '.join(SWITCH)}")
    return SWITCH[text.lower()]


def _log_format(text: str) -> str:
    if text not in {"text", "json"}:
        raise ValueError("text or json")
    return text
