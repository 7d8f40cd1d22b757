"""Which models may be asked, in which order, how, and what they cost: settings of the model."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from builder.errors import SettingsError

T = TypeVar("T")

DEFAULT_BASE_URL = "https://api.openai.com/v1"
"""Where a key without a base URL belongs, as in the openai SDK."""

STALL_SECONDS = 20.0
"""Without a token: a server that still answers sends one within a few."""


@dataclass(frozen=True)
class Candidate:
    """A model of one provider; `provider` is the host of its base URL."""

    model: str
    base_url: str
    api_key: str = field(repr=False)

    @property
    def provider(self) -> str:
        """Return the host, with the port where it is not the usual one."""
        return urlsplit(self.base_url).netloc

    def __str__(self) -> str:
        return f"{self.model} at {self.provider}"


@dataclass(frozen=True)
class Price:
    """USD per million tokens."""

    tokens_in: float
    tokens_out: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return the USD that so many tokens cost."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


@dataclass(frozen=True)
class ModelSettings:
    """Everything about models that the environment says; without candidates, templates are used."""

    candidates: tuple[Candidate, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    vision: bool = False
    stall_seconds: float = STALL_SECONDS

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "ModelSettings":
        """Read the settings; an empty variable counts as unset. Raises SettingsError."""
        reader = _Reader(environ)
        settings = cls(
            candidates=_candidates(reader),
            temperature=reader.read("MODEL_TEMPERATURE", _temperature),
            max_tokens=reader.read("MODEL_MAX_TOKENS", _count),
            prices=reader.read("MODEL_PRICES", _prices) or {},
            vision=reader.read("MODEL_VISION", _switch) or False,
            stall_seconds=reader.read("MODEL_STALL_SECONDS", _number) or STALL_SECONDS,
        )
        reader.raise_problems()
        return settings

    def cost(self, model: str, tokens_in: int | None, tokens_out: int | None) -> float | None:
        """Return USD; None where the price or the number of tokens is not known."""
        price = self.prices.get(model)
        if price is None or tokens_in is None or tokens_out is None:
            return None
        return price.of(tokens_in, tokens_out)


class _Reader:
    """Reads variables and gathers what is wrong with them, so that one error names all."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: dict[str, str] = {}

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.reject(name, str(error))
            return None

    def reject(self, name: str, reason: str) -> None:
        self._problems[name] = reason

    def raise_problems(self) -> None:
        if self._problems:
            listed = "; ".join(f"{name} {reason}" for name, reason in self._problems.items())
            raise SettingsError(
                f"settings of the model cannot be used: {listed}",
                names=tuple(self._problems),
                fix="Correct these variables or secrets; without MODELS the templates are used.",
            )


def _candidates(reader: _Reader) -> tuple[Candidate, ...]:
    found = [
        *_of_provider(reader, "MODELS", "OPENAI_BASE_URL", "OPENAI_API_KEY"),
        *_of_provider(reader, "FALLBACK_MODELS", "FALLBACK_BASE_URL", "FALLBACK_API_KEY"),
    ]
    return tuple(dict.fromkeys(found))


def _of_provider(reader: _Reader, models: str, base_url: str, api_key: str) -> list[Candidate]:
    names = [name.strip() for name in reader.text(models).split(",") if name.strip()]
    if not names:
        return []
    url = reader.read(base_url, _url) or DEFAULT_BASE_URL
    key = reader.text(api_key)
    if not key and not reader.text(base_url):
        # A server of one's own may do without a key; the default one does not.
        reader.reject(api_key, f"is missing while {models} is set")
    return [Candidate(name, url, key) for name in names]


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no http or https URL")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("may hold neither credentials nor a query")
    return text.rstrip("/")


def _temperature(text: str) -> float:
    return _number(text, upper=2.0)


def _number(text: str, upper: float = math.inf) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is no number") from None
    if not (math.isfinite(value) and 0 <= value <= upper):
        raise ValueError("is out of range")
    return value


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError("is no positive whole number")
    return int(text)


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("is neither 0 nor 1")
    return text == "1"


def _prices(text: str) -> dict[str, Price]:
    return dict(_price(entry) for entry in text.split(",") if entry.strip())


def _price(entry: str) -> tuple[str, Price]:
    # From the right: a model's name may hold "=", "/" and ":".
    name, equals, numbers = entry.strip().rpartition("=")
    tokens_in, slash, tokens_out = numbers.partition("/")
    if not (name and equals and slash):
        raise ValueError(f"holds {entry.strip()!r} where name=in/out is expected")
    return name.strip(), Price(_number(tokens_in), _number(tokens_out))
