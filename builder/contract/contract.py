"""The contract of a round: what has to be delivered, each rule with its evidence.

Without a reading it is the certain core: attachments, the files of every app, and what JavaScript
checks name. A reading adds what it can quote.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Self

from builder.contract.core import fetched_files, words_of_secrecy
from builder.contract.reading import Kind, Reading, Requirement
from builder.errors import UnsafePath
from builder.request import Request
from builder.rounds import Round
from builder.site import WORKFLOWS, Site
from builder.verify.scenarios.scenario import Scenario

LICENSE = "LICENSE"
README = "README.md"
PAGE = "index.html"

_EVERY_APP = {
    PAGE: "a Pages site opens with it",
    README: "always delivered",
    LICENSE: "always delivered",
}
_PRESENCE = (
    Kind.FILE_WANTED,
    Kind.FILE_NOT_WANTED,
    Kind.MADE_BY_WORKFLOW,
    Kind.ATTACHMENT_TO_WITHHOLD,
)
"""Kinds that say whether a file is delivered."""
_AT_ODDS = {Kind.FILE_WANTED, Kind.FILE_NOT_WANTED}
"""A mistake of the model or of the request if one round says both of a file."""
_STUBS = {".json": b"{}", ".svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
_EVIDENCE = 160
"""Characters of its evidence that a rule shows."""


@dataclass(frozen=True)
class Rule:
    """What is asked of a file; `evidence` is what says so."""

    path: str
    """For an unwanted file also a folder (`dist/`) or a glob (`*.log`)."""
    evidence: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    """The JSON Schema that its content has to fit."""
    source: str = ""
    """The address or the attachment that its figures have to be computed from."""

    @classmethod
    def of(cls, read: Requirement) -> Self:
        """Make a rule of what was read, with the start of a long quote."""
        evidence = " ".join(read.quote.split())[:_EVIDENCE]
        return cls(read.path or "", evidence, read.json_schema or {}, read.source or "")

    def covers(self, path: str) -> bool:
        """Return whether the rule applies to a file, read as in `.gitignore`."""
        if self.path.endswith("/"):
            return f"/{self.path}" in f"/{path}"
        if "*" in self.path:
            return fnmatchcase(path if "/" in self.path else path.split("/")[-1], self.path)
        return self.path == path


@dataclass(frozen=True)
class Contract:
    """What has to be delivered. Mappings are from paths to the evidence."""

    required: tuple[Rule, ...] = ()
    unwanted: tuple[Rule, ...] = ()
    verbatim: Mapping[str, str] = field(default_factory=dict)
    """Attachments that have to stay unchanged, with the SHA-256 of their content in hex."""
    replaceable: Mapping[str, str] = field(default_factory=dict)
    """Attachments that the request asks to change."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Attachments that must not be public."""
    made_by_workflow: Mapping[str, str] = field(default_factory=dict)
    """Files that a workflow of the app makes after the delivery."""
    json_shapes: tuple[Rule, ...] = ()
    from_data: tuple[Rule, ...] = ()
    """Files whose figures nobody may make up, each with one source."""
    prose: str = ""
    """Briefs and plain-word checks: a workflow whose path they name may be delivered."""
    any_workflow: bool = False
    """Whether a workflow is asked for without its path."""
    no_workflows: str = ""
    """Why no workflow file can be delivered."""
    undeliverable: tuple[str, ...] = ()
    """Workflow files, or their folder, that are asked for and cannot be delivered."""
    retired_checks: frozenset[str] = frozenset()
    """Sources of the checks that later rounds changed."""
    attached: Mapping[str, str] = field(default_factory=dict)
    """All attachments, of earlier rounds too, to the SHA-256 of their content in hex."""
    scenarios: tuple[Scenario, ...] = ()
    """Those of earlier rounds that still have to hold: `s1.3` is the third of round 1."""
    untried: tuple[str, ...] = ()
    """Requirements of earlier rounds that still hold, and that none of `scenarios` tries."""
    is_read: bool = False
    """Whether a model has read the request of this round."""

    @classmethod
    def of(
        cls,
        request: Request,
        rounds: Sequence[Round] = (),
        reading: Reading | None = None,
        no_workflows: str = "",
    ) -> Self:
        """Combine what `request` and the rounds before it ask for.

        Raises InvalidAttachment.
        """
        earlier = (past for past in rounds if past.round < request.round)
        asked = _Asked((*earlier, Round.of(request, reading)))
        wanted, unwanted, made, withheld = map(asked.rules, _PRESENCE)
        delivered = {rule.path for rule in wanted}
        workflows = sorted(path for path in delivered if path.startswith(WORKFLOWS))
        undeliverable = tuple(workflows) if no_workflows else ()
        kept = {name: sha for name, sha in asked.attached.items() if name in delivered}
        return cls(
            required=tuple(rule for rule in wanted if rule.path not in {WORKFLOWS, *undeliverable}),
            unwanted=unwanted,
            verbatim={name: sha for name, sha in kept.items() if name not in asked.changed},
            replaceable={
                name: Rule.of(one).evidence for name, one in asked.changed.items() if name in kept
            },
            withheld={rule.path: rule.evidence for rule in withheld if rule.path in asked.attached},
            made_by_workflow={rule.path: rule.evidence for rule in made},
            json_shapes=tuple(map(Rule.of, asked.shapes.values())),
            from_data=tuple(map(Rule.of, asked.from_data.values())),
            prose="\n".join(asked.prose),
            any_workflow=bool(made) or any(rule.path == WORKFLOWS for rule in wanted),
            no_workflows=no_workflows,
            undeliverable=undeliverable,
            retired_checks=frozenset(asked.retired_checks - asked.checks),
            attached=asked.attached,
            scenarios=tuple(asked.scenarios),
            untried=tuple(asked.untried),
            is_read=reading is not None,
        )

    @cached_property
    def required_paths(self) -> frozenset[str]:
        return frozenset(rule.path for rule in self.required)

    def forbids(self, path: str) -> bool:
        return path in self.withheld or self.ban_on(path) is not None

    def ban_on(self, path: str) -> Rule | None:
        """Return the rule against a file; one that is asked for by name falls under none."""
        if path in self.required_paths:
            return None
        return next((rule for rule in self.unwanted if rule.covers(path)), None)

    def with_scenarios(self, scenarios: Iterable[Scenario]) -> list[Scenario]:
        """Return those of earlier rounds and `scenarios`, which replace them by their ids."""
        return list({each.id: each for each in (*self.scenarios, *scenarios)}.values())

    def completed(self, site: Site) -> Site:
        """Return the site with stubs for the files that its workflows will write."""
        lists = {shape.path for shape in self.json_shapes if shape.schema.get("type") == "array"}
        for path in self.made_by_workflow:
            stub = b"[]" if path in lists else _STUBS.get(PurePosixPath(path).suffix.lower(), b"")
            # A path that is a folder of the site, or below one of its files, gets none.
            with suppress(UnsafePath):
                site = Site({path: stub}) | site
        return site

    @property
    def asks_for_workflow(self) -> bool:
        paths = (*self.required_paths, *self.undeliverable)
        named = any(path.startswith(WORKFLOWS) for path in paths)
        return self.any_workflow or named or WORKFLOWS in self.prose

    def permits_workflow(self, path: str) -> bool:
        """Return whether a file below `.github/workflows/` may be delivered."""
        is_named = path in self.required_paths or path in self.prose
        return (self.any_workflow or is_named) and not self.forbids(path)


class _Asked:
    """What holds after all rounds, where a later one overrides earlier ones."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        self.retired = {
            change.earlier
            for past in rounds
            for change in (past.reading.changes if past.reading else ())
            if change.is_before(past.round)
        }
        # One that was disputed in a later round and written anew there has kept its id.
        self.retired |= {scenario.id for past in rounds for scenario in past.scenarios}
        self.checks: set[str] = set()
        self.retired_checks: set[str] = set()
        self.attached: dict[str, str] = {}
        self.presence = {path: _wanted(path, why) for path, why in _EVERY_APP.items()}
        self.changed: dict[str, Requirement] = {}
        self.shapes: dict[str, Requirement] = {}
        self.from_data: dict[tuple[str, str | None], Requirement] = {}
        self.prose: list[str] = []
        for past in rounds:
            self._put(past)
        still = {words for past in rounds for words in past.requirements(self.retired)}
        withdrawn = {words for past in rounds for words in past.requirements()} - still
        self.scenarios = [
            scenario.model_copy(update={"id": name})
            for past in rounds[:-1]
            for number, scenario in enumerate(past.scenarios, start=1)
            if (name := f"s{past.round}.{number}") not in self.retired
            and scenario.requirement not in withdrawn
        ]
        tried = {scenario.requirement for scenario in self.scenarios}
        earlier = (words for past in rounds[:-1] for words in past.requirements(self.retired))
        self.untried = [words for words in dict.fromkeys(earlier) if words not in tried]

    def rules(self, kind: Kind) -> tuple[Rule, ...]:
        return tuple(Rule.of(one) for one in self.presence.values() if one.kind is kind)

    def _put(self, past: Round) -> None:
        self.attached |= past.attachments
        for name in past.attachments:
            self.changed.pop(name, None)
            self.presence.setdefault(name, _wanted(name, "attached to the request"))
        said = [*self._fetched(past), *self._read(past)]
        kinds: dict[str | None, set[Kind]] = {}
        for one in said:
            kinds.setdefault(one.path, set()).add(one.kind)
        for one in sorted(said, key=lambda one: list(Kind).index(one.kind)):
            path = one.path or ""
            is_at_odds = one.kind in _AT_ODDS and kinds[one.path] >= _AT_ODDS
            if one.kind is Kind.ATTACHMENT_TO_CHANGE:
                self.changed[path] = one
            elif one.kind is Kind.JSON_SHAPE:
                self.shapes[path] = one
            elif one.kind is Kind.FROM_DATA:
                self.from_data[path, one.source] = one
            elif one.kind in _PRESENCE and path not in _EVERY_APP and not is_at_odds:
                self.presence[path] = one

    def _fetched(self, past: Round) -> Iterator[Requirement]:
        """Yield what a round's checks fetch, and note its checks and words."""
        self.prose.append(past.brief)
        for number, check in enumerate(past.checks, start=1):
            if not check.is_javascript:
                self.prose.append(check.source)
            if f"c{past.round}.{number}" in self.retired:
                self.retired_checks.add(check.source)
                continue
            self.checks.add(check.source)
            yield from (_wanted(path, check.source) for path in fetched_files(check))

    def _read(self, past: Round) -> Iterator[Requirement]:
        """Yield a round's requirements; without a reading, those attachments that may be secret."""
        if past.reading is None:
            for name in self.attached:
                if words := words_of_secrecy(name, past.brief):
                    yield _entry(Kind.ATTACHMENT_TO_WITHHOLD, name, words)
            return
        for number, one in enumerate(past.reading.requirements, start=1):
            if f"r{past.round}.{number}" not in self.retired:
                yield one


def _wanted(path: str, evidence: str) -> Requirement:
    return _entry(Kind.FILE_WANTED, path, evidence)


def _entry(kind: Kind, path: str, evidence: str) -> Requirement:
    # Not validated: an attachment's name may be no valid path, which is reported elsewhere.
    return Requirement.model_construct(kind=kind, path=path, quote=evidence)


def sha256(content: bytes) -> str:
    """Return the hash that `Contract.verbatim` compares, in hex."""
    return hashlib.sha256(content).hexdigest()
