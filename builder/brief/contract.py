"""The delivery contract: what the brief and the checks ask for, each rule with its evidence.

Briefs are prose, and a wrong guess must not fail a good delivery: only a rule that is certain may.
"""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from builder.brief import prose as prose
from builder.brief import selectors
from builder.brief.attachment_wording import asks_to_change
from builder.brief.file_rules import Verdict, verdicts_of_brief, verdicts_of_checks
from builder.brief.json_shape import Shape
from builder.brief.json_wording import json_shapes
from builder.request import Request
from builder.rounds import Round

LICENSE = "LICENSE"
README = "README.md"
PAGE = "index.html"
WORKFLOWS = ".github/workflows/"

_ALWAYS = {
    PAGE: "a Pages site opens with it",
    README: "every app repository has one",
    LICENSE: "every app repository has one",
}
_EVIDENCE = 160
"""Characters of the wording that a rule shows."""


@dataclass(frozen=True)
class Rule:
    """A file that is wanted or not; `evidence` is the wording that says so."""

    path: str
    evidence: str
    certain: bool


@dataclass(frozen=True)
class JsonRule:
    """What a JSON file has to look like."""

    path: str
    shape: Shape
    evidence: str


@dataclass(frozen=True)
class Contract:
    """What has to be delivered."""

    required: tuple[Rule, ...] = ()
    forbidden: tuple[Rule, ...] = ()
    verbatim: Mapping[str, str] = field(default_factory=dict)
    """Attachments that have to stay as they came, to the SHA-256 of their content in hex."""
    replaceable: frozenset[str] = frozenset()
    """Attachments that a brief asks to change."""
    element_ids: tuple[str, ...] = ()
    json_rules: tuple[JsonRule, ...] = ()
    workflow_paths: frozenset[str] = frozenset()
    """Files below `.github/workflows/` that a brief or a check names."""

    @classmethod
    def of(cls, request: Request, rounds: Sequence[Round] = ()) -> Self:
        """Read what `request`, and the rounds before it, ask for. Raises InvalidAttachment."""
        asked = [past for past in rounds if past.round < request.round] + [Round.of(request)]
        rules = _rules(asked)
        wanted = [verdict for verdict in rules.values() if verdict.is_wanted]
        forbidden = [verdict for verdict in rules.values() if not verdict.is_wanted]
        attached = _attachments(
            asked, {verdict.path for verdict in forbidden if verdict.is_certain}
        )
        replaceable = frozenset(name for name in attached if _is_to_change(name, asked))
        return cls(
            required=_required(wanted, attached),
            forbidden=tuple(map(_rule, forbidden)),
            verbatim={name: sha for name, sha in attached.items() if name not in replaceable},
            replaceable=replaceable,
            element_ids=_element_ids(asked),
            json_rules=tuple(rule for past in asked for rule in _json_rules(past)),
            workflow_paths=frozenset(
                verdict.path for verdict in wanted if verdict.path.startswith(WORKFLOWS)
            ),
        )

    def forbids(self, path: str) -> bool:
        """Return whether plain wording forbids the file."""
        return any(rule.certain and rule.path == path for rule in self.forbidden)


def _rules(asked: Iterable[Round]) -> dict[str, Verdict]:
    """Return the verdict that stands on each path after all rounds."""
    standing: dict[str, Verdict] = {}
    for past in asked:
        this_round: dict[str, Verdict] = {}
        for verdict in verdicts_of_brief(past.brief) + verdicts_of_checks(past.checks):
            path = _canonical(verdict.path)
            this_round[path] = _joined(this_round.get(path), verdict)
        for path, verdict in this_round.items():
            before = standing.get(path)
            if before is None or verdict.is_certain or not before.is_certain:
                standing[path] = verdict
    return {
        path: Verdict(path, verdict.is_wanted, verdict.is_certain, verdict.evidence)
        for path, verdict in standing.items()
    }


def _canonical(path: str) -> str:
    """Name our own files as they are delivered, however a brief spells them."""
    path = path.removeprefix("./")
    if path.lower() in {"readme.md", "readme"}:
        return README
    return LICENSE if path.lower() in {"license", "licence"} else path


def _joined(one: Verdict | None, other: Verdict) -> Verdict:
    """Return the plainer of two verdicts of one round; two plain ones that differ are a guess."""
    if one is None or (other.is_certain and not one.is_certain):
        return other
    if one.is_wanted != other.is_wanted and other.is_certain:
        return Verdict(one.path, True, False, f"{one.evidence} / {other.evidence}")
    return one


def _rule(verdict: Verdict) -> Rule:
    evidence = " ".join(verdict.evidence.split())
    return Rule(verdict.path, evidence[:_EVIDENCE], verdict.is_certain)


def _required(wanted: Iterable[Verdict], attached: Iterable[str]) -> tuple[Rule, ...]:
    rules = {path: Rule(path, why, True) for path, why in _ALWAYS.items()}
    rules |= {name: Rule(name, "attached to the request", True) for name in attached}
    for verdict in wanted:
        if verdict.path not in rules:
            rules[verdict.path] = _rule(verdict)
    return tuple(rules.values())


def _attachments(asked: Iterable[Round], forbidden: Container[str]) -> dict[str, str]:
    """Return the attachments of all rounds with their hashes; a later one replaces an earlier."""
    return {
        name: sha
        for past in asked
        for name, sha in past.attachments.items()
        if name not in forbidden
    }


def _is_to_change(name: str, asked: Sequence[Round]) -> bool:
    """Return whether a brief asks to change the attachment, in its round or a later one."""
    last = max(at for at, past in enumerate(asked) if name in past.attachments)
    texts = [past.brief for past in asked[last:]]
    return any(asks_to_change(name, text) for text in texts)


def _element_ids(asked: Iterable[Round]) -> tuple[str, ...]:
    found: list[str] = []
    for past in asked:
        found += [name for text in _prose(past) for name in prose.element_ids(text)]
        found += selectors.ids(past.checks)
    return tuple(dict.fromkeys(found))


def _json_rules(past: Round) -> list[JsonRule]:
    return [
        JsonRule(path, shape, " ".join(words.split())[:_EVIDENCE])
        for text in _prose(past)
        for path, shape, words in json_shapes(text)
    ]


def _prose(past: Round) -> list[str]:
    """Return the brief, and the checks in plain words."""
    return [past.brief, *(check.source for check in past.checks if not check.is_javascript)]


def sha256(content: bytes) -> str:
    """Return the hash that `Contract.verbatim` compares, in hex."""
    return hashlib.sha256(content).hexdigest()
