"""What all rounds of a task ask for together: a later one is put over the earlier ones."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from builder.contract.checks import fetched_files
from builder.contract.prose import named_files, words_of_secrecy
from builder.contract.reading import WORKFLOWS, Kind, Requirement, canonical
from builder.request import Check
from builder.rounds import Round

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
"""Kinds that say whether a file is delivered; of several in one round the last of these counts."""
_Entry = TypeVar("_Entry")


class AllRounds:
    """What stands after the last of `rounds`, by path."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        self.attachments: dict[str, str] = {}
        """SHA-256 in hex."""
        self.checks: list[Check] = []
        self.changes: dict[str, str] = {}
        """Attachments that are to be changed, with the evidence."""
        self.json_shapes: dict[str, Requirement] = {}
        self._presence = {path: _wanted(path, why) for path, why in _EVERY_APP.items()}
        self._names: dict[str, None] = {}
        self._retired = {
            change.earlier
            for past in rounds
            for change in (past.reading.changes if past.reading else ())
            if change.is_before(past.round)
        }
        for past in rounds:
            self._add(past)
        every = {check.source for past in rounds for check in past.checks}
        self.retired_checks = frozenset(every - {check.source for check in self.checks})
        self.scenarios = [
            scenario.model_copy(update={"id": f"round-{past.round}-scenario-{number}"})
            for past in rounds[:-1]
            for number, scenario in self._standing("s", past, past.scenarios)
        ]

    def of_kind(self, kind: Kind) -> dict[str, str]:
        """Return the paths of a kind that says whether a file is delivered, with the evidence."""
        standing = self._presence.items()
        return {path: said.evidence for path, said in standing if said.kind is kind}

    @property
    def undecided_names(self) -> list[str]:
        """File names in prose about which nothing is decided."""
        return [name for name in self._names if name not in self._presence]

    @property
    def workflow_paths(self) -> set[str]:
        """Paths below `.github/workflows/` that are named anywhere."""
        return {path for path in (*self._presence, *self._names) if path.startswith(WORKFLOWS)}

    def _standing(
        self, letter: str, past: Round, entries: Sequence[_Entry]
    ) -> Iterator[tuple[int, _Entry]]:
        """Yield the entries of a round that no later one changed, with their numbers."""
        for number, one in enumerate(entries, start=1):
            if f"{letter}{past.round}.{number}" not in self._retired:
                yield number, one

    def _add(self, past: Round) -> None:
        self.attachments |= past.attachments
        for name in past.attachments:
            self.changes.pop(name, None)
            self._presence.setdefault(name, _wanted(name, "attached to the request"))
        standing = [check for _, check in self._standing("c", past, past.checks)]
        self.checks += standing
        for text in (past.brief, *(one.source for one in standing if not one.is_javascript)):
            self._names |= dict.fromkeys(map(canonical, named_files(text)))
        fetched = [_wanted(path, one.source) for one in standing for path in fetched_files(one)]
        said = self._said(past)
        self._presence |= _on_presence([*fetched, *said])
        changed = _by_path(Kind.ATTACHMENT_TO_CHANGE, said)
        self.changes |= {name: one.evidence for name, one in changed.items()}
        self.json_shapes |= _by_path(Kind.JSON_SHAPE, said)

    def _said(self, past: Round) -> list[Requirement]:
        """Return what was read in a round; unread, the attachments that may be secret."""
        if past.reading is not None:
            return [one for _, one in self._standing("r", past, past.reading.requirements)]
        found = {name: words_of_secrecy(name, past.brief) for name in self.attachments}
        withhold = Kind.ATTACHMENT_TO_WITHHOLD
        return [_entry(withhold, name, words) for name, words in found.items() if words]


def _by_path(kind: Kind, said: Sequence[Requirement]) -> dict[str, Requirement]:
    return {one.path: one for one in said if one.kind is kind and one.path}


def _on_presence(said: Sequence[Requirement]) -> dict[str, Requirement]:
    """Return what one round says on the presence of each path; nothing where it is at odds."""
    by_path: dict[str, dict[Kind, Requirement]] = {}
    for one in said:
        if one.path and one.path not in _EVERY_APP and one.kind in _PRESENCE:
            by_path.setdefault(one.path, {})[one.kind] = one
    # Both wanted and not wanted: a model's mistake, or the request's.
    at_odds = {Kind.FILE_WANTED, Kind.FILE_NOT_WANTED}
    return {
        path: by_kind[max(by_kind, key=_PRESENCE.index)]
        for path, by_kind in by_path.items()
        if by_kind.keys() != at_odds
    }


def _wanted(path: str, evidence: str) -> Requirement:
    return _entry(Kind.FILE_WANTED, path, evidence)


def _entry(kind: Kind, path: str, evidence: str) -> Requirement:
    # Not validated: an attachment's name may be no path of a site, which is told elsewhere.
    return Requirement.model_construct(kind=kind, path=path, quote=evidence)
