"""The settings of the receiver, from environment variables of the same names."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from builder.errors import SettingsError


def _like(pattern: str, expected: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        text = secret.get_secret_value().strip()
        if not re.fullmatch(pattern, text, re.DOTALL):
            raise ValueError(f"expected {expected}")
        return SecretStr(text)

    return AfterValidator(check)


Secrets = Annotated[SecretStr, _like(r".*[^\s,].*", "a secret, or several with commas between")]
Token = Annotated[SecretStr, _like(r"[!-~]+", "a GitHub token without spaces and line ends")]
OWNER_NAME = r"^[A-Za-z0-9_-][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+$"
HTTP_URL = StringConstraints(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")
BaseUrl = Annotated[str, HTTP_URL, AfterValidator(lambda url: url.rstrip("/"))]


class Settings(BaseSettings):
    """The settings; secrets are hidden in reprs and errors."""

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    task_secret: Secrets = Field(description="what senders give as secret; several by commas")
    dispatch_token: Token = Field(description="GitHub token, Contents: write on that repository")
    dispatch_repository: str = Field(pattern=OWNER_NAME, description="owner/name of the workflows")
    github_api_url: BaseUrl = Field("https://api.github.com", description="GitHub's REST API")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="the port to listen on")
    # Fits the smallest host: Vercel takes bodies of 4.5 MB.
    max_request_bytes: int = Field(4 * 1024**2, ge=1024, description="of one body")
    max_buffered_bytes: int = Field(16 * 1024**2, ge=1024, description="of all bodies in flight")
    # With the backlog and GitHub's they fit into the usual limit of 1,024 file descriptors.
    max_connections: int = Field(512, ge=1, description="of senders; more drop the oldest slow one")
    request_seconds: float = Field(10, gt=0, le=600, description="a sender has for a whole body")
    failed_secrets_per_minute: int = Field(20, ge=1, description="wrong secrets of one address")
    trusted_proxies: int = Field(0, ge=0, le=10, description="that append to X-Forwarded-For")
    docs: bool = Field(True, description="serve /docs, /redoc and /openapi.json")
    log_format: Literal["text", "json"] = Field("text", description="text or json")

    @classmethod
    def from_environ(cls) -> Self:
        """Read the environment; an empty variable counts as not set.

        Raises SettingsError, which names every variable that is missing or unusable.
        """
        try:
            return cls()  # type: ignore[call-arg]
        except ValidationError as error:
            faults = {str(one["loc"][0]).upper(): one["msg"] for one in error.errors()}
        raise SettingsError(
            "; ".join(f"{name}: {reason}" for name, reason in faults.items()),
            names=tuple(faults),
            fix="Set them in the environment; python -m receiver --help lists all.",
        )

    @property
    def task_secrets(self) -> list[str]:
        """Return the accepted secrets."""
        parts = self.task_secret.get_secret_value().split(",")
        return [part.strip() for part in parts if part.strip()]

    @property
    def runs_url(self) -> str:
        """Return the Actions page of the workflow repository."""
        server = self.github_api_url.replace("://api.", "://", 1).removesuffix("/api/v3")
        return f"{server}/{self.dispatch_repository}/actions"
