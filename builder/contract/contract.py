"""The contract of a round: what has to be delivered, with the words that say so.

Without a reading it is the certain core: attachments, the files of every app, and what JavaScript
checks name. A reading adds what it can quote.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, Self

from builder.contract.all_rounds import LICENSE, PAGE, README, AllRounds
from builder.contract.checks import element_ids
from builder.contract.reading import WORKFLOWS, Kind, Reading
from builder.errors import UnsafePath
from builder.request import Request
from builder.rounds import Round
from builder.site import Site
from builder.verify.scenarios.scenario import Scenario

__all__ = ["LICENSE", "PAGE", "README", "Contract", "JsonShape", "sha256"]

_STUBS = {".json": b"{}", ".svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}


@dataclass(frozen=True)
class JsonShape:
    """The JSON Schema that a file's content has to fit."""

    path: str
    schema: Mapping[str, Any]
    evidence: str


@dataclass(frozen=True)
class Contract:
    """What has to be delivered. Mappings lead from a path to the evidence: what says so."""

    required: Mapping[str, str] = field(default_factory=dict)
    unwanted: Mapping[str, str] = field(default_factory=dict)
    """Files, folders (`dist/`) and globs (`*.log`), as in `.gitignore`."""
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
    """What JavaScript checks look for."""
    workflow_paths: frozenset[str] = frozenset()
    """Workflow files that the request names; `.github/workflows/` itself stands for any."""
    hints: tuple[str, ...] = ()
    """Files named in prose that no model has read."""
    retired_checks: frozenset[str] = frozenset()
    """Sources of earlier checks that a later round changed."""
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
        asked = AllRounds((*earlier, Round.of(request, reading)))
        wanted = asked.of_kind(Kind.FILE_WANTED)
        made = asked.of_kind(Kind.MADE_BY_WORKFLOW)
        withheld = asked.of_kind(Kind.ATTACHMENT_TO_WITHHOLD)
        kept = {name: sha for name, sha in asked.attachments.items() if name in wanted}
        return cls(
            required={path: why for path, why in wanted.items() if path != WORKFLOWS},
            unwanted=asked.of_kind(Kind.FILE_NOT_WANTED),
            verbatim={name: sha for name, sha in kept.items() if name not in asked.changes},
            replaceable={name: why for name, why in asked.changes.items() if name in kept},
            withheld={name: why for name, why in withheld.items() if name in asked.attachments},
            made_by_workflow=made,
            json_shapes=tuple(
                JsonShape(path, said.json_schema or {}, said.evidence)
                for path, said in asked.json_shapes.items()
            ),
            element_ids=tuple(element_ids(asked.checks)),
            workflow_paths=frozenset(asked.workflow_paths | ({WORKFLOWS} if made else set())),
            hints=() if reading else tuple(asked.undecided_names),
            retired_checks=asked.retired_checks,
            scenarios=tuple(asked.scenarios),
            is_read=reading is not None,
        )

    def ban_on(self, path: str) -> str | None:
        """Return the evidence against delivering a file, None where nothing is.

        What is asked for by its name is in no unwanted folder or glob.
        """
        if path in self.withheld or path in self.required:
            return self.withheld.get(path)
        return next((why for rule, why in self.unwanted.items() if covers(rule, path)), None)

    def forbids(self, path: str) -> bool:
        """Return whether the file must not be delivered."""
        return self.ban_on(path) is not None

    def permits_workflow(self, path: str) -> bool:
        """Return whether a file below `.github/workflows/` may be delivered."""
        return bool({path, WORKFLOWS} & self.workflow_paths) and not self.forbids(path)

    def completed(self, site: Site) -> Site:
        """Return the site as its workflows will complete it, with stubs for what they write."""
        lists = {shape.path for shape in self.json_shapes if shape.schema.get("type") == "array"}
        for path in self.made_by_workflow:
            stub = b"[]" if path in lists else _STUBS.get(PurePosixPath(path).suffix.lower(), b"")
            # A path that is a folder of the site, or below one of its files, gets none.
            with suppress(UnsafePath):
                site = Site({path: stub}) | site
        return site


def covers(rule: str, path: str) -> bool:
    """Return whether a file, folder or glob speaks of a path, as `.gitignore` would read it."""
    if rule.endswith("/"):
        return f"/{rule}" in f"/{path}"
    if "*" in rule:
        return fnmatchcase(path if "/" in rule else path.split("/")[-1], rule)
    return rule == path


def sha256(content: bytes) -> str:
    """Return the hash that `Contract.verbatim` compares, in hex."""
    return hashlib.sha256(content).hexdigest()
