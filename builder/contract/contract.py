"""The contract of a round: what has to be delivered, each rule with its evidence.

Without a reading it is the certain core: attachments, the files of every app, and what JavaScript
checks name. A reading adds what it can quote.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Self

from builder.contract import checks
from builder.contract.prose import named_files, words_of_secrecy
from builder.contract.reading import WORKFLOWS, Kind, Reading, Requirement, canonical
from builder.errors import UnsafePath
from builder.request import Check, Request
from builder.rounds import Round
from builder.site import Site
from builder.verify.scenarios.scenario import Scenario

LICENSE = "LICENSE"
README = "README.md"
PAGE = "index.html"

_EVERY_APP = {
    PAGE: "a Pages site opens with it",
    README: "always delivered",
    LICENSE: "always delivered",
}
_PRESENCE = [
    Kind.FILE_WANTED,
    Kind.FILE_NOT_WANTED,
    Kind.MADE_BY_WORKFLOW,
    Kind.ATTACHMENT_TO_WITHHOLD,
]
"""Kinds that say whether a file is delivered; of several in one round the last of these stands."""
_STUBS = {".json": b"{}", ".svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
_EVIDENCE = 160
"""Characters of the evidence that a rule shows."""


@dataclass(frozen=True)
class Rule:
    """A file that is wanted or not; `evidence` is what says so."""

    path: str
    """Of an unwanted file also a folder (`dist/`) or a glob (`*.log`)."""
    evidence: str

    def covers(self, path: str) -> bool:
        """Return whether the rule speaks of a file, as `.gitignore` would read it."""
        if self.path.endswith("/"):
            return f"/{self.path}" in f"/{path}"
        if "*" in self.path:
            return fnmatchcase(path if "/" in self.path else path.split("/")[-1], self.path)
        return self.path == path


@dataclass(frozen=True)
class JsonShape:
    """The JSON Schema that a file's content has to fit."""

    path: str
    schema: Mapping[str, Any]
    evidence: str


@dataclass(frozen=True)
class Contract:
    """What has to be delivered. Mappings lead from a path to the evidence."""

    required: tuple[Rule, ...] = ()
    unwanted: tuple[Rule, ...] = ()
    verbatim: Mapping[str, str] = field(default_factory=dict)
    """Attachments that have to stay as they came, to the SHA-256 of their content in hex."""
    replaceable: Mapping[str, str] = field(default_factory=dict)
    """Attachments that the request asks to change."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Attachments that must not be public."""
    made_by_workflow: Mapping[str, str] = field(default_factory=dict)
    """Files that a workflow of the app makes after the delivery."""
    json_shapes: tuple[JsonShape, ...] = ()
    element_ids: tuple[str, ...] = ()
    workflow_paths: frozenset[str] = frozenset()
    """Workflow files that the request names; `.github/workflows/` itself stands for any."""
    hints: tuple[str, ...] = ()
    """File names in prose about which nothing is decided."""
    retired: frozenset[str] = frozenset()
    """Ids (`Change.earlier`) of what later rounds changed."""
    retired_checks: frozenset[str] = frozenset()
    """Sources of the checks among them."""
    scenarios: tuple[Scenario, ...] = ()
    """Those of earlier rounds that still have to hold, under ids of their own."""
    is_read: bool = False
    """Whether a model has read the request of this round."""

    @classmethod
    def of(
        cls, request: Request, rounds: Sequence[Round] = (), reading: Reading | None = None
    ) -> Self:
        """Put together what `request`, and the rounds before it, ask for.

        Raises InvalidAttachment.
        """
        earlier = (past for past in rounds if past.round < request.round)
        return cls._of(_Asked((*earlier, Round.of(request, reading))), is_read=reading is not None)

    @classmethod
    def _of(cls, asked: "_Asked", *, is_read: bool) -> Self:
        wanted, unwanted, made, withheld = map(asked.rules, _PRESENCE)
        kept = {
            rule.path: asked.attached[rule.path] for rule in wanted if rule.path in asked.attached
        }
        decided = asked.presence.keys()
        hints = tuple(name for name in asked.names if name not in decided)
        workflows = {path for path in (*decided, *hints) if path.startswith(WORKFLOWS)}
        return cls(
            required=tuple(rule for rule in wanted if rule.path != WORKFLOWS),
            unwanted=unwanted,
            verbatim={name: sha for name, sha in kept.items() if name not in asked.changed},
            replaceable={name: why for name, why in asked.changed.items() if name in kept},
            withheld={rule.path: rule.evidence for rule in withheld if rule.path in asked.attached},
            made_by_workflow={rule.path: rule.evidence for rule in made},
            json_shapes=tuple(asked.shapes.values()),
            element_ids=tuple(checks.element_ids(asked.checks)),
            workflow_paths=frozenset(workflows | ({WORKFLOWS} if made else set())),
            hints=hints,
            retired=asked.retired,
            retired_checks=_sources(asked.retired_checks) - _sources(asked.checks),
            scenarios=tuple(asked.scenarios),
            is_read=is_read,
        )

    @cached_property
    def required_paths(self) -> frozenset[str]:
        """The paths of the required files."""
        return frozenset(rule.path for rule in self.required)

    def forbids(self, path: str) -> bool:
        """Return whether the file must not be delivered."""
        return path in self.withheld or self.ban_on(path) is not None

    def ban_on(self, path: str) -> Rule | None:
        """Return the rule against a file; what is asked for by name is in no folder or glob."""
        if path in self.required_paths:
            return None
        return next((rule for rule in self.unwanted if rule.covers(path)), None)

    def completed(self, site: Site) -> Site:
        """Return the site as its workflows will complete it, with stubs for what they write."""
        lists = {shape.path for shape in self.json_shapes if shape.schema.get("type") == "array"}
        for path in self.made_by_workflow:
            stub = b"[]" if path in lists else _STUBS.get(PurePosixPath(path).suffix.lower(), b"")
            # A path that is a folder of the site, or below one of its files, gets none.
            with suppress(UnsafePath):
                site = Site({path: stub}) | site
        return site

    def permits_workflow(self, path: str) -> bool:
        """Return whether a file below `.github/workflows/` may be delivered."""
        return bool({path, WORKFLOWS} & self.workflow_paths) and not self.forbids(path)


class _Asked:
    """What stands after all rounds, a later one put over the earlier ones."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        changes = [
            (past, change) for past in rounds if past.reading for change in past.reading.changes
        ]
        self.retired = frozenset(one.earlier for past, one in changes if one.is_before(past.round))
        self.retired_checks: list[Check] = []
        self.attached: dict[str, str] = {}
        self.checks: list[Check] = []
        self.presence = {path: _wanted(path, why) for path, why in _EVERY_APP.items()}
        self.changed: dict[str, str] = {}
        self.shapes: dict[str, JsonShape] = {}
        names: list[str] = []
        for past in rounds:
            self._put(past)
            plain = (check.source for check in past.checks if not check.is_javascript)
            names += [name for text in (past.brief, *plain) for name in named_files(text)]
        self.scenarios = [
            scenario.model_copy(update={"id": f"round-{past.round}-scenario-{number}"})
            for past in rounds[:-1]
            for number, scenario in enumerate(past.scenarios, start=1)
            if f"s{past.round}.{number}" not in self.retired
        ]
        self.names = list(dict.fromkeys(map(canonical, names)))

    def rules(self, kind: Kind) -> tuple[Rule, ...]:
        """Return the rules of a kind in `_PRESENCE`."""
        standing = self.presence.items()
        return tuple(Rule(path, _short(one.quote)) for path, one in standing if one.kind is kind)

    def _put(self, past: Round) -> None:
        standing: list[Check] = []
        for number, check in enumerate(past.checks, start=1):
            is_retired = f"c{past.round}.{number}" in self.retired
            (self.retired_checks if is_retired else standing).append(check)
        self.checks += standing
        for name, sha in past.attachments.items():
            self.attached[name] = sha
            self.changed.pop(name, None)
            self.presence.setdefault(name, _wanted(name, "attached to the request"))
        said = [*self._read(past)]
        fetched = [
            _wanted(path, check.source)
            for check in standing
            for path in checks.fetched_files(check)
        ]
        self.presence |= _on_presence([*fetched, *said])
        for one in said:
            if one.kind is Kind.ATTACHMENT_TO_CHANGE and one.path:
                self.changed[one.path] = _short(one.quote)
            if one.kind is Kind.JSON_SHAPE and one.path:
                self.shapes[one.path] = JsonShape(
                    one.path, one.json_schema or {}, _short(one.quote)
                )

    def _read(self, past: Round) -> Iterator[Requirement]:
        """Yield a round's requirements; without a reading, attachments that may be secret."""
        if past.reading is None:
            for name in self.attached:
                words = words_of_secrecy(name, past.brief)
                if words:
                    yield _entry(Kind.ATTACHMENT_TO_WITHHOLD, name, words)
            return
        for number, one in enumerate(past.reading.requirements, start=1):
            if f"r{past.round}.{number}" not in self.retired:
                yield one


def _on_presence(said: Sequence[Requirement]) -> dict[str, Requirement]:
    """Return what one round says on the presence of each path; nothing where it is at odds."""
    kinds: dict[str | None, set[Kind]] = {}
    for one in said:
        kinds.setdefault(one.path, set()).add(one.kind)
    ranked = [one for kind in _PRESENCE for one in said if one.kind is kind]
    return {
        one.path: one
        for one in ranked
        if one.path
        and one.path not in _EVERY_APP
        # Both wanted and not wanted: a model's mistake, or the request's.
        and kinds[one.path] & set(_PRESENCE) != {Kind.FILE_WANTED, Kind.FILE_NOT_WANTED}
    }


def _wanted(path: str, evidence: str) -> Requirement:
    return _entry(Kind.FILE_WANTED, path, evidence)


def _entry(kind: Kind, path: str, evidence: str) -> Requirement:
    # Not validated: an attachment's name may be no path of a site, which is told elsewhere.
    return Requirement.model_construct(kind=kind, path=path, quote=evidence)


def _sources(asked: Sequence[Check]) -> frozenset[str]:
    return frozenset(check.source for check in asked)


def _short(quote: str) -> str:
    return " ".join(quote.split())[:_EVIDENCE]


def sha256(content: bytes) -> str:
    """Return the hash that `Contract.verbatim` compares, in hex."""
    return hashlib.sha256(content).hexdigest()
