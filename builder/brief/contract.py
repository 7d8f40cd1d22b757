"""The delivery contract: what the brief and the checks ask for, each rule with its evidence.

Briefs are prose, and a wrong guess must not fail a good delivery: only a rule that is certain may.
"""

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice
from typing import Self

from builder.brief import prose as prose
from builder.brief import selectors
from builder.brief.attachment_wording import asks_to_change
from builder.brief.confidentiality import confidentiality
from builder.brief.file_rules import (
    Verdict,
    banned_groups,
    verdicts_of_brief,
    verdicts_of_checks,
)
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
    """One of a forbidden rule may be a folder (`dist/`) or a glob (`*.log`)."""
    evidence: str
    certain: bool

    def covers(self, path: str) -> bool:
        """Return whether the rule speaks of a file, as `.gitignore` would read it."""
        if self.path.endswith("/"):
            return f"/{self.path}" in f"/{path}"
        if "*" in self.path:
            return fnmatchcase(path if "/" in self.path else path.split("/")[-1], self.path)
        return self.path == path


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
            forbidden=_forbidden([*forbidden, *_banned_groups(asked)]),
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
        return any(rule.certain for rule in self.forbidden_by(path))

    def forbidden_by(self, path: str) -> list[Rule]:
        """Return the rules against the file; what is plainly asked for by name is in no group."""
        is_asked_for = any(rule.certain and rule.path == path for rule in self.required)
        return [
            rule
            for rule in self.forbidden
            if rule.path == path or (rule.covers(path) and not is_asked_for)
        ]


def _rules(asked: Iterable[Round]) -> dict[str, Verdict]:
    """Return the verdict that stands on each path after all rounds."""
    standing: dict[str, Verdict] = {}
    attached: list[str] = []
    for past in asked:
        attached += past.attachments
        said: dict[str, list[Verdict]] = {}
        for verdict in verdicts_of_brief(past.brief) + verdicts_of_checks(past.checks):
            path = _canonical(verdict.path)
            said.setdefault(path, []).append(replace(verdict, path=path))
        for path, verdicts in said.items():
            standing[path] = _standing(standing.get(path), verdicts)
        standing |= {verdict.path: verdict for verdict in _confidential(past, attached)}
    return standing


def _confidential(past: Round, attached: Iterable[str]) -> Iterator[Verdict]:
    """Yield a verdict on each attachment that a round hides, whatever else it says of it."""
    for name in dict.fromkeys(attached):
        found = filter(None, (confidentiality(name, text) for text in _prose(past)))
        for evidence in islice(found, 1):
            yield Verdict(name, is_wanted=False, is_certain=True, evidence=evidence)


def _standing(before: Verdict | None, said: Sequence[Verdict]) -> Verdict:
    """Return what stands after a round: its plain wording wins, two plain ones at odds are a guess.

    A hint that a file goes makes a guess of the wish for it.
    """
    plain = [verdict for verdict in said if verdict.is_certain]
    if {verdict.is_wanted for verdict in plain} == {True, False}:
        evidence = " / ".join(verdict.evidence for verdict in plain)
        return Verdict(plain[0].path, is_wanted=True, is_certain=False, evidence=evidence)
    if plain or before is None or not before.is_certain:
        return [*plain, *said][0]
    if before.is_wanted and not all(verdict.is_wanted for verdict in said):
        return replace(before, is_certain=False)
    return before


def _canonical(path: str) -> str:
    """Name our own files as they are delivered, however a brief spells them."""
    path = path.removeprefix("./")
    if path.lower() in {"readme.md", "readme"}:
        return README
    return LICENSE if path.lower() in {"license", "licence"} else path


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


def _forbidden(verdicts: Iterable[Verdict]) -> tuple[Rule, ...]:
    """Return the rules; a ban on what is always delivered cannot be meant."""
    rules = map(_rule, verdicts)
    return tuple(replace(rule, certain=rule.certain and rule.path not in _ALWAYS) for rule in rules)


def _banned_groups(asked: Iterable[Round]) -> list[Verdict]:
    """Return the verdicts on folders and globs, each once, in the plainest wording."""
    found = [
        verdict
        for past in asked
        for at, text in enumerate(_prose(past))
        for verdict in banned_groups(text, is_check=at > 0)
    ]
    found.sort(key=lambda verdict: verdict.is_certain)
    return list({verdict.path: verdict for verdict in found}.values())


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
