"""A model's reading of a request: what it asks for, each entry with the words that say so."""

import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator

from builder.contract import shapes
from builder.errors import UnsafePath
from builder.llm.messages import json_answer
from builder.request import FROM_JSON, Text, Wire, problems
from builder.site import WORKFLOWS, safe_path

MAX_ENTRIES = 200
"""Longest list that is read; no request needs as many entries."""
_SHORTEST_QUOTE = 3
"""Bytes: every text contains a letter or two, while one Chinese character is a word."""
_PLAIN = str.maketrans("‘’“”„«»–—", '\'\'"""""--')  # noqa: RUF001 - marks that models retype


class Kind(StrEnum):
    """What an entry is about, as in the prompt; of several about one file, the last here counts."""

    FILE_WANTED = "file wanted"
    FILE_NOT_WANTED = "file not wanted"
    MADE_BY_WORKFLOW = "made by a workflow"
    ATTACHMENT_TO_CHANGE = "attachment to change"
    ATTACHMENT_TO_WITHHOLD = "attachment to withhold"
    JSON_SHAPE = "JSON shape"
    FROM_DATA = "from data"
    BEHAVIOUR = "behaviour"
    CONTENT = "content"


_WITHOUT_PATH = (Kind.BEHAVIOUR, Kind.CONTENT)


def canonical(path: str) -> str:
    """Return a path as it is delivered: no leading `./`, our own files in our spelling."""
    path = path.strip().removeprefix("./")
    plain = {"readme.md": "README.md", "readme": "README.md", "license": "LICENSE"}
    return plain.get(path.lower().replace("licence", "license"), path)


class Requirement(Wire):
    """One thing that the request asks for."""

    quote: Text
    """The words of the request that ask for it."""
    kind: Annotated[Kind, FROM_JSON]
    path: Annotated[str, AfterValidator(canonical)] | None = None
    """A file; for FILE_NOT_WANTED also a folder (`dist/`) or a glob (`*.log`)."""
    statement: str = ""
    """The requirement in plain words."""
    json_schema: dict[str, Any] | None = None
    """For JSON_SHAPE only."""
    source: Text | None = None
    """For FROM_DATA only: the address or the attachment that the figures come from."""

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        if self.kind is Kind.JSON_SHAPE and self.json_schema is None:
            raise ValueError("an entry of this kind needs json_schema, an object")
        if self.kind is Kind.JSON_SHAPE and (fault := shapes.fault(self.json_schema or {})):
            raise ValueError(fault)
        if self.kind is Kind.FROM_DATA and self.source is None:
            raise ValueError("an entry of this kind needs source, an address or an attachment")
        if self.kind not in _WITHOUT_PATH:
            self._check_path(self.path or "")
        return self

    def _check_path(self, path: str) -> None:
        is_group = "*" in path or path.endswith("/")
        is_any_workflow = self.kind is Kind.FILE_WANTED and path == WORKFLOWS
        if is_group and self.kind is not Kind.FILE_NOT_WANTED and not is_any_workflow:
            raise ValueError("path has to name one file")
        try:
            safe_path(path.removesuffix("/"))
        except UnsafePath as error:
            raise ValueError(f"path has to name a file of the site: {error}") from None


class Change(Wire):
    """An earlier requirement, check or scenario that a later round plainly changes or withdraws.

    `earlier` is its id as the prompt shows it: `r1.3` is the third requirement of round 1, `c1.2`
    its second check, `s1.1` its first scenario.
    """

    quote: Text
    earlier: Annotated[str, Field(pattern=r"^[rcs][1-9]\d{0,5}\.[1-9]\d{0,5}$")]
    statement: str = ""

    def is_before(self, number: int) -> bool:
        """Return whether it is about a round before `number`."""
        return int(self.earlier[1:].partition(".")[0]) < number


_Entry = TypeVar("_Entry", Requirement, Change)


class Reading(Wire):
    """What a model read in one round's request; every quote is in the request."""

    requirements: Annotated[tuple[Requirement, ...], FROM_JSON] = ()
    changes: Annotated[tuple[Change, ...], FROM_JSON] = ()

    @classmethod
    def parse(cls, reply: str, texts: Iterable[str]) -> tuple[Self | None, list[str]]:
        """Return what a reply says about the request's `texts`, and what is wrong with it.

        An entry that does not validate, or whose quote is in none of the texts, is left out and
        reported. The reading is None if the reply has no JSON of this form.
        """
        answer = json_answer(reply, "requirements")
        if answer is None:
            return None, ["no JSON object with a list named requirements was found"]
        wrong: list[str] = []
        plain = [_plain(text) for text in texts]
        requirements = tuple(_entries(Requirement, answer, "requirements", plain, wrong))
        changes = tuple(_entries(Change, answer, "changes", plain, wrong))
        return cls(requirements=requirements, changes=changes), wrong


def _entries(
    kind: type[_Entry], answer: dict[str, Any], name: str, texts: list[str], wrong: list[str]
) -> Iterator[_Entry]:
    listed = answer.get(name) or []
    for at, value in enumerate(listed[:MAX_ENTRIES] if isinstance(listed, list) else [listed]):
        try:
            entry = kind.model_validate(value)
        except ValidationError as error:
            wrong += [f"{name}[{at}].{where}: {why}" for where, why in problems(error)]
            continue
        quote = _plain(entry.quote)
        if len(quote.encode()) >= _SHORTEST_QUOTE and any(quote in text for text in texts):
            yield entry
        else:
            wrong.append(f"{name}[{at}].quote: not in the request word for word: {quote[:80]!r}")


def _plain(text: str) -> str:
    """Return `text` with white space, quotation marks and dashes in one spelling."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_PLAIN).split())
