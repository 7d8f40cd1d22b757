"""The settings of the receiver, from environment variables of the same names."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from builder.errors import SettingsError


def _without_blanks(token: SecretStr) -> SecretStr:
    text = token.get_secret_value().strip()
    if not (text.isascii() and text.isprintable()) or " " in text or not text:
        raise ValueError("expected a GitHub token without spaces and line ends")
    return SecretStr(text)


def _not_empty(secrets: SecretStr) -> SecretStr:
    if not _split(secrets):
        raise ValueError("expected one secret, or several separated by commas")
    return secrets


def _split(secrets: SecretStr) -> tuple[str, ...]:
    parts = (part.strip() for part in secrets.get_secret_value().split(","))
    return tuple(part for part in parts if part)


Secrets = Annotated[SecretStr, AfterValidator(_not_empty)]
Token = Annotated[SecretStr, AfterValidator(_without_blanks)]
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
    # GitHub serves an account 100 at once (REST docs); httpx's pool is slow beyond some dozens.
    github_connections: int = Field(32, ge=1, description="calls to GitHub at once")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="the port to listen on")
    # Fits the smallest host: Vercel takes bodies of 4.5 MB.
    max_request_bytes: int = Field(4 * 1024**2, ge=1024, description="of one body")
    max_buffered_bytes: int = Field(24 * 1024**2, ge=1024, description="of all bodies in flight")
    # Together with GitHub's they fit into the usual limit of 1,024 file descriptors.
    max_connections: int = Field(600, ge=1, description="of senders; more drop the oldest slow one")
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
    def task_secrets(self) -> tuple[str, ...]:
        """Return the accepted secrets."""
        return _split(self.task_secret)

    @property
    def runs_url(self) -> str:
        """Return the Actions page of the workflow repository."""
        server = self.github_api_url.replace("://api.", "://", 1).removesuffix("/api/v3")
        return f"{server}/{self.dispatch_repository}/actions"
