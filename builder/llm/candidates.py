"""Which models may be asked, in which order, how, and what they cost: settings of the model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

DEFAULT_BASE_URL = "https://api.openai.com/v1"
"""Where a key without a base URL belongs, as in the openai SDK."""
MAX_TOKENS = 32_000
"""Output limit, reasoning included: servers' own defaults are between 2,048 and no limit."""
STALL_SECONDS = 20.0
"""Between two pieces of a reply: a server that still answers sends one within a few."""


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


class Price(BaseModel):
    """USD per million tokens."""

    model_config = ConfigDict(frozen=True)

    tokens_in: float = Field(ge=0, allow_inf_nan=False)
    tokens_out: float = Field(ge=0, allow_inf_nan=False)

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return the USD that so many tokens cost."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


def _prices(text: Any) -> Any:
    """Split `name=in/out, …`; from the right, since a name may hold "=", "/" and ":"."""
    if not isinstance(text, str):
        return text
    prices = {}
    for entry in filter(None, map(str.strip, text.split(","))):
        name, equals, numbers = entry.rpartition("=")
        tokens_in, slash, tokens_out = numbers.partition("/")
        if not (name and equals and slash):
            raise ValueError(f"{entry!r} is not name=in/out")
        prices[name.strip()] = {"tokens_in": tokens_in, "tokens_out": tokens_out}
    return prices


class ModelSettings(BaseModel):
    """What the environment says about models; without candidates, none is asked."""

    model_config = ConfigDict(frozen=True)

    candidates: tuple[Candidate, ...] = ()
    reader_candidates: tuple[Candidate, ...] = ()
    """Asked for the reading: READER_MODELS, then the others."""
    ignored: tuple[str, ...] = ()
    """Which variables cannot be used, why, and what holds instead."""
    temperature: float | None = Field(None, ge=0, le=2, alias="MODEL_TEMPERATURE")
    max_tokens: int = Field(MAX_TOKENS, gt=0, alias="MODEL_MAX_TOKENS")
    prices: Annotated[Mapping[str, Price], BeforeValidator(_prices)] = Field(
        default_factory=dict, alias="MODEL_PRICES"
    )
    vision: bool = Field(False, alias="MODEL_VISION")
    stall_seconds: float = Field(
        STALL_SECONDS, gt=0, allow_inf_nan=False, alias="MODEL_STALL_SECONDS"
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; an empty variable counts as unset.

        Nothing is raised: what cannot be used has its default, or names no candidate, and
        `ignored` tells so.
        """
        providers = _Providers(environ)
        own = providers.candidates("MODELS", "OPENAI_BASE_URL", "OPENAI_API_KEY")
        other = providers.candidates("FALLBACK_MODELS", "FALLBACK_BASE_URL", "FALLBACK_API_KEY")
        readers = providers.candidates("READER_MODELS", "OPENAI_BASE_URL", "OPENAI_API_KEY")
        names = [item.alias for item in cls.model_fields.values() if item.alias]
        values = {name: environ.get(name, "").strip() for name in names}
        values = {name: text for name, text in values.items() if text}
        problems = _problems(cls, values)
        usable = {name: text for name, text in values.items() if name not in problems}
        unusable = [f"{name}: {why}; the default is used" for name, why in problems.items()]
        return cls.model_validate(
            {
                "candidates": _unique([*own, *other]),
                "reader_candidates": _unique([*readers, *own, *other]),
                "ignored": (*providers.ignored, *unusable),
                **usable,
            }
        )

    def cost(self, model: str, tokens_in: int | None, tokens_out: int | None) -> float | None:
        """Return USD; None where the price or the number of tokens is not known."""
        price = self.prices.get(model)
        if price is None or tokens_in is None or tokens_out is None:
            return None
        return price.of(tokens_in, tokens_out)


def _problems(model: type[BaseModel], values: Mapping[str, str]) -> dict[str, str]:
    """Return each variable that does not validate with the reason."""
    try:
        model.model_validate(values)
    except ValidationError as error:
        return {str(one["loc"][0]): one["msg"] for one in error.errors(include_input=False)}
    return {}


@dataclass
class _Providers:
    """Reads the models, base URL and key of a provider; `ignored` gathers what cannot be used."""

    environ: Mapping[str, str]
    ignored: dict[str, None] = field(default_factory=dict)

    def candidates(self, models: str, base_url: str, api_key: str) -> list[Candidate]:
        names = [name.strip() for name in self._text(models).split(",") if name.strip()]
        url, key = self._text(base_url), self._text(api_key)
        reason = _url_problem(url) if url else ""
        if reason:
            # Never the default here: it would send one provider's key to another.
            reason = f"{base_url} {reason}"
        elif not key and not url:
            # A server of one's own may do without a key; the default one does not.
            reason = f"{api_key} is missing"
        if names and reason:
            self.ignored[f"{reason}: {models} is not used"] = None
        if reason:
            return []
        return [Candidate(name, (url or DEFAULT_BASE_URL).rstrip("/"), key) for name in names]

    def _text(self, name: str) -> str:
        return self.environ.get(name, "").strip()


def _url_problem(text: str) -> str:
    """Say what is wrong with a base URL without repeating it; empty when nothing is."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "is not a URL"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "is not an http or https URL"
    if "@" in parts.netloc or parts.query or parts.fragment:
        return "may hold neither credentials nor a query"
    return ""


def _unique(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(dict.fromkeys(candidates))
