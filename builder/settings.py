"""The settings of the builder, read from a mapping such as `os.environ`."""

from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from builder.deadline import DEADLINE_SECONDS
from builder.errors import SettingsError

CALL_SECONDS = 30.0
"""Timeout of one call to GitHub or to the evaluation URL."""
CHECK_SECONDS = 15.0
"""How long a JavaScript check may take to become true on a loaded page, as with graders."""
BROWSER_SECONDS = 30.0
"""Longest time in the browser for one attempt: 20 s for scenarios, 10 s for the smoke test."""
REPAIRS = 2
"""Rounds of repair: the first brings most of the gain, the second costs as much again."""
REPOSITORY_NAME = "tds-project1-{task}"
DAY_SECONDS = 86_400


def _with_task(pattern: str) -> str:
    if "{task}" not in pattern:
        raise ValueError("expected a pattern with {task} in it: each task has its own repository")
    return pattern


def _with_hosts(text: str) -> str:
    _hosts(text)  # raises ValueError
    return text


def _hosts(text: str) -> dict[str, tuple[str, int]]:
    pairs = [pair.strip().partition("=") for pair in text.split(",") if pair.strip()]
    places = [(name, *place.rpartition(":")[::2]) for name, _, place in pairs]
    return {name: (address, int(port)) for name, address, port in places}


def _without_slash(url: str) -> str:
    _ = urlsplit(url).port  # raises ValueError, as urlsplit does
    return url.rstrip("/")


Seconds = Annotated[float, Field(gt=0, lt=DAY_SECONDS)]
Url = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[A-Za-z0-9._:\[\]-]+(/[^\s?#]*)?$"),
    AfterValidator(_without_slash),
]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$")]


class Environ(EnvSettingsSource):
    """Reads a mapping instead of `os.environ`; an empty variable counts as not set."""

    def __init__(self, settings: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings)
        stripped = {name.lower(): value.strip() for name, value in environ.items()}
        self.env_vars = {name: value for name, value in stripped.items() if value}


class EnvironSettings(BaseSettings):
    """Settings from variables of the same names, in upper case."""

    model_config = SettingsConfigDict(frozen=True)

    _ignored: tuple[str, ...] = ()

    @property
    def ignored(self) -> tuple[str, ...]:
        """Each variable that cannot be used, why, and what is used instead; never its value."""
        return self._ignored

    @classmethod
    def settings_customise_sources(  # type: ignore[override] # all but one source are left out
        cls, _: type[BaseSettings], **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing but what `from_environ` is given."""
        return (sources["init_settings"],)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; the default replaces a value that cannot be used."""
        given = Environ(cls, environ)()
        try:
            return cls(**given)
        except ValidationError as error:
            faults = {str(fault["loc"][0]): fault["msg"] for fault in error.errors()}
        settings = cls(**{name: value for name, value in given.items() if name not in faults})
        settings._ignored = tuple(settings._explained(*fault) for fault in faults.items())
        return settings

    def _explained(self, name: str, reason: str) -> str:
        value = getattr(self, name)
        used = "none" if value is None else f"{value:g}" if isinstance(value, float) else value
        why = reason.removeprefix("Value error, ")
        return f"{name.upper()} cannot be used ({why}): {used} is used"


class Settings(EnvironSettings):
    """What the environment says. Everything has a default; `require` asks for what is needed."""

    builder_token: str = Field(default="", repr=False)
    builder_owner: Login | None = None
    repository_name: Annotated[str, AfterValidator(_with_task)] = REPOSITORY_NAME
    github_api_url: Url = "https://api.github.com"
    github_server_url: Url = "https://github.com"
    github_repository: str = ""
    github_token: str = Field(default="", repr=False)
    github_event_name: str = ""
    github_run_attempt: str = "1"
    github_run_id: str = ""
    job_started_at: Annotated[int, Field(ge=0)] | None = None
    force: bool = False
    runner_debug: bool = False
    """Set in a re-run with debug logging, which stands for `force`: a re-run has no inputs."""
    deadline_seconds: Seconds = DEADLINE_SECONDS
    allow_private_callbacks: bool = False
    repairs: Annotated[int, Field(ge=0, le=9)] = REPAIRS
    call_seconds: Seconds = CALL_SECONDS
    check_seconds: Seconds = CHECK_SECONDS
    browser_seconds: Annotated[Seconds, Field(ge=10, le=300)] = BROWSER_SECONDS
    cdn_mirror_url: Url | None = None
    data_hosts: Annotated[str, AfterValidator(_with_hosts)] = ""

    def require(self, *names: str) -> None:
        """Raise a SettingsError that names every variable of `names` that is not set."""
        missing = [name for name in names if not getattr(self, name.lower())]
        if missing:
            raise SettingsError(
                f"missing in the environment: {', '.join(missing)}",
                names=missing,
                fix="Set them as secrets or variables of the workflow repository (see README).",
            )

    @property
    def hosts(self) -> dict[str, tuple[str, int]]:
        """Names that build scripts reach at an address and port, public or not."""
        return _hosts(self.data_hosts)

    @property
    def run_url(self) -> str | None:
        """The page of this run; None outside of Actions."""
        if not (self.github_repository and self.github_run_id):
            return None
        return (
            f"{self.github_server_url}/{self.github_repository}/actions/runs/{self.github_run_id}"
        )

    @property
    def is_rerun(self) -> bool:
        """Whether a person started the run, or started it again: no evaluator is waiting."""
        return self.github_event_name == "workflow_dispatch" or self.github_run_attempt != "1"
