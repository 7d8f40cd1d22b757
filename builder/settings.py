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
from builder.naming import DEFAULT_REPOSITORY_NAME

CALL_SECONDS = 30.0
"""Longest that one call to GitHub or to the evaluation URL may take."""
CHECK_SECONDS = 15.0
"""What a JavaScript check has to become true once the page is loaded, as graders have it."""
BROWSER_SECONDS = 30.0
"""Longest look of the browser at one attempt: 20 s for scenarios, 10 s for the smoke test."""
REPAIRS = 2
"""Rounds of repair: most of the gain is in the first, the second costs as much again."""
DAY_SECONDS = 86_400


def _with_task(pattern: str) -> str:
    if "{task}" not in pattern:
        raise ValueError("expected a pattern with {task} in it: each task has its own repository")
    return pattern


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
    """Reads a mapping in place of `os.environ`; an empty variable counts as not set."""

    def __init__(self, settings: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings, case_sensitive=True)
        stripped = {name: value.strip() for name, value in environ.items()}
        self.env_vars = {name: value for name, value in stripped.items() if value}


class EnvironSettings(BaseSettings):
    """Settings out of a mapping; a variable that cannot be used has its default, and is named."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True)

    ignored: tuple[str, ...] = ()
    """Each variable that cannot be used, why, and what is used instead; no value is repeated."""

    @classmethod
    def settings_customise_sources(  # type: ignore[override] # all but one source are left out
        cls, _: type[BaseSettings], **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing but what `from_environ` is given."""
        return (sources["init_settings"],)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; of a variable that cannot be used the default is taken."""
        given = Environ(cls, environ)()
        try:
            return cls(**given)
        except ValidationError as error:
            faults = {str(fault["loc"][0]): fault["msg"] for fault in error.errors()}
        usable = {name: value for name, value in given.items() if name not in faults}
        settings = cls(**usable)
        ignored = tuple(_told(settings, *fault) for fault in faults.items())
        return settings.model_copy(update={"ignored": ignored})


class Settings(EnvironSettings):
    """What the environment says. Everything has a default; what is needed is asked by `require`."""

    builder_token: str = Field(default="", validation_alias="BUILDER_TOKEN", repr=False)
    builder_owner: Login | None = Field(default=None, validation_alias="BUILDER_OWNER")
    repository_name: Annotated[str, AfterValidator(_with_task)] = Field(
        default=DEFAULT_REPOSITORY_NAME, validation_alias="REPOSITORY_NAME"
    )
    api_url: Url = Field(default="https://api.github.com", validation_alias="GITHUB_API_URL")
    server_url: Url = Field(default="https://github.com", validation_alias="GITHUB_SERVER_URL")
    github_repository: str = Field(default="", validation_alias="GITHUB_REPOSITORY")
    github_token: str = Field(default="", validation_alias="GITHUB_TOKEN", repr=False)
    event_name: str = Field(default="", validation_alias="GITHUB_EVENT_NAME")
    run_attempt: str = Field(default="1", validation_alias="GITHUB_RUN_ATTEMPT")
    job_started_at: Annotated[int, Field(ge=0)] | None = Field(
        default=None, validation_alias="JOB_STARTED_AT"
    )
    force: bool = Field(default=False, validation_alias="FORCE")
    deadline_seconds: Seconds = Field(default=DEADLINE_SECONDS, validation_alias="DEADLINE_SECONDS")
    allow_private_callbacks: bool = Field(default=False, validation_alias="ALLOW_PRIVATE_CALLBACKS")
    repairs: Annotated[int, Field(ge=0, le=9)] = Field(default=REPAIRS, validation_alias="REPAIRS")
    call_seconds: Seconds = Field(default=CALL_SECONDS, validation_alias="CALL_SECONDS")
    check_seconds: Seconds = Field(default=CHECK_SECONDS, validation_alias="CHECK_SECONDS")
    browser_seconds: Annotated[Seconds, Field(ge=10, le=300)] = Field(
        default=BROWSER_SECONDS, validation_alias="BROWSER_SECONDS"
    )
    cdn_mirror: Url | None = Field(default=None, validation_alias="CDN_MIRROR_URL")

    def require(self, *names: str) -> None:
        """Raise SettingsError that names every variable of `names` that is not set."""
        missing = [name for name in names if not getattr(self, _fields(self)[name])]
        if missing:
            raise SettingsError(
                f"missing in the environment: {', '.join(missing)}",
                names=missing,
                fix="Set them as secrets or variables of the workflow repository (see README).",
            )

    @property
    def is_rerun(self) -> bool:
        """Whether a person started the run, or started it again: no evaluator is waiting."""
        return self.event_name == "workflow_dispatch" or self.run_attempt != "1"


def _fields(settings: EnvironSettings) -> dict[str, str]:
    """Return the name of each variable with that of its field."""
    fields = type(settings).model_fields.items()
    return {str(field.validation_alias): name for name, field in fields if field.validation_alias}


def _told(settings: EnvironSettings, variable: str, reason: str) -> str:
    value = getattr(settings, _fields(settings)[variable])
    used = "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return f"{variable} cannot be used ({reason.removeprefix('Value error, ')}): {used} is used"
