"""The settings for models: which to ask, in which order, and how."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from builder.settings import EnvironSettings, Seconds, Url

DEFAULT_BASE_URL = "https://api.openai.com/v1"
"""Used if there is a key and no base URL, as in the openai SDK."""
MAX_TOKENS = 32_000
"""Output limit, reasoning included: servers' own defaults range from 2,048 to none."""
STALL_SECONDS = 20.0
"""Between two pieces of a reply: a server that is still answering sends one within a few."""


@dataclass(frozen=True)
class Candidate:
    """A model of one provider."""

    model: str
    base_url: str
    api_key: str = field(repr=False)

    @property
    def provider(self) -> str:
        """The host of the base URL, with the port where it is not the usual one."""
        return urlsplit(self.base_url).netloc

    def __str__(self) -> str:
        return f"{self.model} at {self.provider}"


def _listed(text: Any) -> Any:
    return tuple(filter(None, map(str.strip, text.split(",")))) if isinstance(text, str) else text


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class ModelSettings(EnvironSettings):
    """What the environment says about models; without candidates, no model is asked."""

    models: Names = ()
    openai_base_url: Url | None = None
    openai_api_key: str = Field(default="", repr=False)
    fallback_models: Names = ()
    fallback_base_url: Url | None = None
    fallback_api_key: str = Field(default="", repr=False)
    reader_models: Names = ()
    model_temperature: float | None = Field(default=None, ge=0, le=2)
    model_max_tokens: int = Field(default=MAX_TOKENS, gt=0)
    model_vision: bool = False
    model_stall_seconds: Seconds = STALL_SECONDS

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Who may be asked, in order."""
        return self._first_then_fallback(self.models)

    @property
    def reader_candidates(self) -> tuple[Candidate, ...]:
        """Who may be asked for the reading: READER_MODELS, then the others."""
        return self._first_then_fallback((*self.reader_models, *self.models))

    @property
    def unusable(self) -> tuple[str, ...]:
        """What is `ignored`, and missing keys, without which models are not asked."""
        first = self.models and not (self.openai_base_url or self.openai_api_key)
        other = self.fallback_models and not (self.fallback_base_url or self.fallback_api_key)
        missing = ("OPENAI_API_KEY",) * bool(first) + ("FALLBACK_API_KEY",) * bool(other)
        return (*self.ignored, *(f"{name} is missing: no model of it is asked" for name in missing))

    def _first_then_fallback(self, models: Sequence[str]) -> tuple[Candidate, ...]:
        first = self._at("OPENAI", models, self.openai_base_url, self.openai_api_key)
        url, key = self.fallback_base_url, self.fallback_api_key
        fallback = self._at("FALLBACK", self.fallback_models, url, key)
        return tuple(dict.fromkeys([*first, *fallback]))

    def _at(self, name: str, models: Sequence[str], url: str | None, key: str) -> list[Candidate]:
        """Return the candidates of a provider; none if key and base URL do not belong together.

        A server of one's own may need no key. An unusable base URL is not replaced by the default,
        which would send one provider's key to another.
        """
        if any(one.startswith(f"{name}_BASE_URL ") for one in self.ignored) or not (url or key):
            return []
        return [Candidate(model, url or DEFAULT_BASE_URL, key) for model in models]
