"""The contract of a round: what has to be delivered, each rule with its evidence.

Without a reading it is the certain core: attachments, the files of every app, and what JavaScript
checks name. A reading adds what it can quote.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Self

from builder.contract import checks
from builder.contract.prose import named_files, words_of_secrecy
from builder.contract.reading import WORKFLOWS, Kind, Reading, Requirement, canonical
from builder.request import Check, Request
from builder.rounds import Round

LICENSE = "LICENSE"
README = "README.md"
PAGE = "index.html"

_ALWAYS = {
    PAGE: "a Pages site opens with it",
    README: "every app repository has one",
    LICENSE: "every app repository has one",
}
_EVIDENCE = 160
"""Characters of the evidence that a rule shows."""
_ON_PRESENCE = (
    Kind.FILE_WANTED,
    Kind.FILE_NOT_WANTED,
    Kind.MADE_BY_WORKFLOW,
    Kind.ATTACHMENT_TO_WITHHOLD,
)
"""Kinds that say whether a file is delivered; in one round a later one of these stands."""


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
    """The JSON Schema that a file's content has to meet."""

    path: str
    schema: Mapping[str, Any]
    evidence: str


@dataclass(frozen=True)
class Contract:
    """What has to be delivered."""

    required: tuple[Rule, ...] = ()
    unwanted: tuple[Rule, ...] = ()
    verbatim: Mapping[str, str] = field(default_factory=dict)
    """Attachments that have to stay as they came, to the SHA-256 of their content in hex."""
    replaceable: Mapping[str, str] = field(default_factory=dict)
    """Attachments that the request asks to change, to the quote."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Attachments that must not be public, to the quote."""
    made_by_workflow: Mapping[str, str] = field(default_factory=dict)
    """Files that a workflow of the app makes after the delivery, to the quote."""
    json_shapes: tuple[JsonShape, ...] = ()
    element_ids: tuple[str, ...] = ()
    workflow_paths: frozenset[str] = frozenset()
    """Workflow files that the request names; `.github/workflows/` itself allows any."""
    hints: tuple[str, ...] = ()
    """File names in prose about which nothing is decided."""
    retired: frozenset[str] = frozenset()
    """Ids (`Change.earlier`) of what later rounds changed."""
    retired_checks: frozenset[str] = frozenset()
    """Sources of the earlier checks among them."""
    is_read: bool = False
    """Whether a model has read the request of this round."""

    @classmethod
    def of(
        cls, request: Request, rounds: Sequence[Round] = (), reading: Reading | None = None
    ) -> Self:
        """Put together what `request`, and the rounds before it, ask for.

        Raises InvalidAttachment.
        """
        earlier = [past for past in rounds if past.round < request.round]
        asked = _Asked((*earlier, Round.of(request, reading)))
        wanted = asked.rules(Kind.FILE_WANTED)
        left_out = set(asked.withheld) | set(asked.unwanted_attachments)
        delivered = {name: sha for name, sha in asked.attached.items() if name not in left_out}
        changed = {name: why for name, why in asked.changed.items() if name in delivered}
        required = _required(delivered, wanted)
        known = {rule.path for rule in (*required, *asked.unwanted)} | left_out
        hints = tuple(name for name in asked.names if name not in known | set(asked.made))
        named = {path for path in (*known, *hints) if path.startswith(WORKFLOWS)}
        return cls(
            required=required,
            unwanted=asked.unwanted,
            verbatim={name: sha for name, sha in delivered.items() if name not in changed},
            replaceable=changed,
            withheld=asked.withheld,
            made_by_workflow=asked.made,
            json_shapes=asked.json_shapes,
            element_ids=tuple(checks.element_ids(asked.checks)),
            workflow_paths=frozenset(named | asked.any_workflow),
            hints=hints,
            retired=asked.retired,
            retired_checks=asked.retired_checks,
            is_read=reading is not None,
        )

    def forbids(self, path: str) -> bool:
        """Return whether the file must not be delivered."""
        return path in self.withheld or self.ban_on(path) is not None

    def ban_on(self, path: str) -> Rule | None:
        """Return the rule against a file; what is asked for by name is in no folder or glob."""
        is_asked_for = any(rule.path == path for rule in self.required)
        return next(
            (rule for rule in self.unwanted if not is_asked_for and rule.covers(path)), None
        )

    def permits_workflow(self, path: str) -> bool:
        """Return whether a file below `.github/workflows/` may be delivered."""
        return bool({path, WORKFLOWS} & self.workflow_paths) and not self.forbids(path)


@dataclass(frozen=True)
class _Asked:
    """All rounds up to this one, in order."""

    rounds: tuple[Round, ...]

    @cached_property
    def retired(self) -> frozenset[str]:
        """Ids of what a later round changed."""
        return frozenset(
            change.earlier
            for past in self.rounds
            if past.reading
            for change in past.reading.changes
            if int(change.earlier[1:].split(".")[0]) < past.round
        )

    @cached_property
    def retired_checks(self) -> frozenset[str]:
        gone = {check.source for _, check in self._checks(is_retired=True)}
        return frozenset(gone - {check.source for check in self.checks})

    @property
    def checks(self) -> list[Check]:
        """The checks that stand."""
        return [check for _, check in self._checks(is_retired=False)]

    def _checks(self, *, is_retired: bool) -> Iterator[tuple[Round, Check]]:
        for past in self.rounds:
            for number, check in enumerate(past.checks, start=1):
                if (f"c{past.round}.{number}" in self.retired) is is_retired:
                    yield past, check

    @cached_property
    def attached(self) -> dict[str, str]:
        """Attachments to their hashes; a later one replaces an earlier."""
        return {name: sha for past in self.rounds for name, sha in past.attachments.items()}

    @cached_property
    def requirements(self) -> list[tuple[int, Requirement]]:
        """What was read and stands, with its round's number."""
        return [
            (past.round, requirement)
            for past in self.rounds
            for number, requirement in enumerate(self._read(past), start=1)
            if f"r{past.round}.{number}" not in self.retired
        ]

    def _read(self, past: Round) -> Sequence[Requirement]:
        """Return a round's requirements; without a reading, attachments that may be secret."""
        if past.reading is not None:
            return past.reading.requirements
        near = {name: words_of_secrecy(name, past.brief) for name in self.attached}
        return [
            Requirement.model_construct(quote=words, kind=Kind.ATTACHMENT_TO_WITHHOLD, path=name)
            for name, words in near.items()
            if words
        ]

    @cached_property
    def standing(self) -> dict[str, Requirement]:
        """What holds on the presence of each path after all rounds."""
        standing: dict[str, Requirement] = {}
        for past in self.rounds:
            said = [one for number, one in self.requirements if number == past.round]
            said = [one for one in said if one.kind in _ON_PRESENCE]
            said = [
                *self._fetched(past),
                *sorted(said, key=lambda one: _ON_PRESENCE.index(one.kind)),
            ]
            standing |= {one.path: one for one in said if one.path}
            for path in _at_odds(said):
                del standing[path]
        return standing

    def _fetched(self, past: Round) -> list[Requirement]:
        """Return the files that a round's checks fetch as requirements."""
        return [
            Requirement(quote=check.source, kind=Kind.FILE_WANTED, path=path)
            for of, check in self._checks(is_retired=False)
            if of is past
            for path in checks.fetched_files(check)
        ]

    def rules(self, kind: Kind) -> tuple[Rule, ...]:
        """Return the rules of one kind that stand."""
        return tuple(
            Rule(path, _shortened(one.quote))
            for path, one in self.standing.items()
            if one.kind is kind
        )

    @cached_property
    def unwanted(self) -> tuple[Rule, ...]:
        """Rules against files; a ban on what is always delivered cannot be meant."""
        return tuple(rule for rule in self.rules(Kind.FILE_NOT_WANTED) if rule.path not in _ALWAYS)

    @property
    def unwanted_attachments(self) -> list[str]:
        banned = {rule.path for rule in self.unwanted}
        return [name for name in self.attached if name in banned]

    @property
    def withheld(self) -> dict[str, str]:
        rules = self.rules(Kind.ATTACHMENT_TO_WITHHOLD)
        return {rule.path: rule.evidence for rule in rules if rule.path in self.attached}

    @property
    def made(self) -> dict[str, str]:
        """Files that a workflow makes."""
        return {rule.path: rule.evidence for rule in self.rules(Kind.MADE_BY_WORKFLOW)}

    @property
    def any_workflow(self) -> frozenset[str]:
        return frozenset({WORKFLOWS}) if self.made or WORKFLOWS in self.standing else frozenset()

    @property
    def changed(self) -> dict[str, str]:
        """Attachments that a round asks to change, since the last time they came along."""
        came = {name: past.round for past in self.rounds for name in past.attachments}
        return {
            one.path: _shortened(one.quote)
            for number, one in self.requirements
            if one.kind is Kind.ATTACHMENT_TO_CHANGE
            and one.path
            and number >= came.get(one.path, 0)
        }

    @property
    def json_shapes(self) -> tuple[JsonShape, ...]:
        """The shapes that stand, of each path the last."""
        shapes = {
            one.path: JsonShape(one.path, one.json_schema or {}, _shortened(one.quote))
            for _, one in self.requirements
            if one.kind is Kind.JSON_SHAPE and one.path
        }
        return tuple(shapes.values())

    @property
    def names(self) -> list[str]:
        """Literal file names in prose."""
        plain = [check.source for check in self.checks if not check.is_javascript]
        texts = [*(past.brief for past in self.rounds), *plain]
        return list(dict.fromkeys(canonical(name) for text in texts for name in named_files(text)))


def _required(attached: Mapping[str, str], wanted: Sequence[Rule]) -> tuple[Rule, ...]:
    rules = {path: Rule(path, why) for path, why in _ALWAYS.items()}
    rules |= {name: Rule(name, "attached to the request") for name in attached}
    for rule in wanted:
        if rule.path != WORKFLOWS:
            rules.setdefault(rule.path, rule)
    return tuple(rules.values())


def _at_odds(said: Sequence[Requirement]) -> set[str]:
    """Return the paths that one round both wants and does not want: nothing is enforced there."""
    kinds = {path: {one.kind for one in said if one.path == path} for path in _paths(said)}
    return {
        path
        for path, of_it in kinds.items()
        if {Kind.FILE_WANTED, Kind.FILE_NOT_WANTED} == of_it & {*_ON_PRESENCE[:2]}
        and Kind.ATTACHMENT_TO_WITHHOLD not in of_it
    }


def _paths(said: Sequence[Requirement]) -> set[str]:
    return {one.path for one in said if one.path}


def _shortened(quote: str) -> str:
    return " ".join(quote.split())[:_EVIDENCE]


def sha256(content: bytes) -> str:
    """Return the hash that `Contract.verbatim` compares, in hex."""
    return hashlib.sha256(content).hexdigest()
