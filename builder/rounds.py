"""What each round asked for, as stored in the app repository (`.builder/rounds/N.json`)."""

import hashlib
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import (
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from builder.contract.reading import Kind, Reading
from builder.request import FROM_JSON, Check, Request, Wire
from builder.site import MARK, Files, Site, may_name_a_file
from builder.verdict import Judgement
from builder.verify.scenarios.scenario import Scenario


class Round(Wire):
    """A round that was built: no email, nonce or URL is in it. It marks the repository as ours."""

    build_id: str
    task: str
    round: int
    brief: str
    checks: list[Check]
    attachments: dict[str, str]
    """Name to SHA-256 of the content, in hex."""
    reading: Reading | None = None
    """None where no model has read the request."""
    scenarios: Annotated[tuple[Scenario, ...], FROM_JSON] = ()
    """Those that held, to be run again in later rounds."""
    computed: Mapping[str, str] = Field(default_factory=dict)
    """Files that build scripts made, to the SHA-256 of their content in hex."""
    judgement: Judgement | None = None
    """How the run that made the commit judged the site; None in files of older versions."""

    @field_validator("reading", "scenarios", "computed", "judgement", mode="wrap")
    @classmethod
    def _default_unless_it_parses(
        cls, value: object, validate: ValidatorFunctionWrapHandler, about: ValidationInfo
    ) -> object:
        try:
            return validate(value)
        except ValidationError:
            field = cls.model_fields[about.field_name or ""]
            return field.get_default(call_default_factory=True)

    @classmethod
    def of(
        cls,
        request: Request,
        reading: Reading | None = None,
        judgement: Judgement | None = None,
        scenarios: Sequence[Scenario] = (),
        computed: Mapping[str, str] | None = None,
    ) -> Self:
        """Remember `request`. Raises InvalidAttachment."""
        return cls(
            build_id=request.build_id,
            task=request.task,
            round=request.round,
            brief=request.brief,
            checks=list(request.checks),
            attachments={
                one.name: hashlib.sha256(one.decode()).hexdigest() for one in request.attachments
            },
            reading=reading,
            judgement=judgement,
            scenarios=tuple(scenarios),
            computed=dict(computed or {}),
        )

    @property
    def path(self) -> str:
        return f"{MARK}/rounds/{self.round}.json"

    def requirements(self, retired: Container[str] = ()) -> list[str]:
        """Return what scenarios should try: plain-word checks, and what was read in the brief.

        Those whose ids are in `retired` (`c1.2`, `r1.3`) are left out.
        """
        checks = enumerate(self.checks, start=1)
        read = enumerate(self.reading.requirements if self.reading else (), start=1)
        asked = {f"c{self.round}.{at}": one.source for at, one in checks if not one.is_javascript}
        asked |= {
            f"r{self.round}.{at}": one.statement or one.quote
            for at, one in read
            if one.kind in {Kind.BEHAVIOUR, Kind.CONTENT}
        }
        return list(dict.fromkeys(asked[name] for name in asked if name not in retired))

    def to_json(self) -> str:
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"

    def asks_the_same_as(self, other: "Round") -> bool:
        """Return whether two rounds ask for the same, so that one reading serves both."""
        what = {"round", "brief", "checks", "attachments"}
        return self.model_dump(include=what) == other.model_dump(include=what)


@dataclass(frozen=True)
class Base:
    """What a round builds on: the existing files, and the rounds that made them."""

    site: Site
    rounds: tuple[Round, ...] = ()

    @classmethod
    def of(cls, files: Files) -> Self:
        """Take files and rounds of an app repository; a round that does not parse is skipped.

        So is a file that somebody has given a name that no site may have.
        """
        rounds: list[Round] = []
        for path in files:
            if path.startswith(f"{MARK}/rounds/"):
                with suppress(ValidationError):
                    rounds.append(Round.model_validate_json(files[path]))
        named = {path: files[path] for path in files if may_name_a_file(path)}
        return cls(Site.among(named), tuple(sorted(rounds, key=lambda past: past.round)))

    @property
    def computed(self) -> dict[str, str]:
        """Files that build scripts made in any round, to the SHA-256 of their content in hex."""
        return {path: sha for past in self.rounds for path, sha in past.computed.items()}


NOTHING = Base(Site({}))
"""The base of a first round."""
