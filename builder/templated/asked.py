"""One thing that a brief asks for, with everything that tells what is meant."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from builder.brief import selectors
from builder.brief.prose import Mention
from builder.files.tabular import Operation, Table
from builder.request import Check
from builder.templated import wording
from builder.templated.identifiers import is_identifier, is_named_plainly
from builder.templated.library_wording import Choice
from builder.templated.sources import Kind, Sources


@dataclass(frozen=True)
class Context:
    """What a round brought: its brief and its attachments, among all the sources and checks."""

    brief: str
    attached: tuple[str, ...]
    sources: Sources
    checks: tuple[Check, ...] = ()
    own_checks: tuple[Check, ...] = ()
    """The checks that came with this brief; `checks` are those of all rounds."""
    told: str = ""
    """All briefs so far, this one the last."""
    choice: Choice = field(default_factory=Choice)
    """The libraries that all rounds ask for and refuse."""


@dataclass(frozen=True)
class Asked:
    """An element that is mentioned, and the words that say what is to be in it."""

    mention: Mention
    words: str
    context: Context

    @property
    def id(self) -> str:
        """The element's id."""
        return self.mention.id

    @cached_property
    def inside(self) -> str:
        """What checks look for inside of the element."""
        return selectors.below(self.id, self.context.checks)

    def file(self, kind: Kind) -> str | None:
        """Return the file of a kind that is meant: as named close by, else as attached."""
        sources = self.context.sources
        if sources.first_named(self.words):
            return sources.named(kind, self.words)
        for text in (self.mention.sentence, self.context.brief):
            found = sources.named(kind, text)
            if found:
                return found
        in_use = sources.of_kind(kind)
        attached = [sources.current(name) for name in self.context.attached]
        own = [name for name in in_use if name in attached]
        return next(iter([*own[-1:], *in_use[-1:]]), None)

    @cached_property
    def table_file(self) -> str | None:
        """The file that holds the table that is meant."""
        return self.file("table")

    @cached_property
    def table(self) -> Table:
        """The table that is meant; an empty one where there is none."""
        empty = Table((), ())
        return self.context.sources.tables[self.table_file] if self.table_file else empty

    @cached_property
    def operations(self) -> list[Operation]:
        """The operations that the words name; of several, the one that the id repeats."""
        found = wording.operations(self.words, self.table)
        if len(found) < 2:
            return found
        own = wording.operations(self.mention.tokens)
        return own if len(own) == 1 and own[0] in found else found[-1:]

    def measured_column(
        self, operation: Operation | None = None, excluding: str | None = None
    ) -> str | None:
        """Return the numeric column that is meant; None where several might be."""
        texts = list(self._nearest_first(operation))
        is_of_rows = operation is not None and self._is_of_rows(operation)
        for text in texts[:1] if is_of_rows else texts:
            measures = self._measures(text, operation, excluding)
            if len(measures) == 1:
                return measures[0]
        if is_of_rows:
            return None
        only = [
            name
            for name in self.table.columns
            if name != excluding
            and self.table.is_numeric(name)
            and not is_identifier(self.table, name)
        ]
        return only[0] if len(only) == 1 else None

    def _measures(self, text: str, operation: Operation | None, excluding: str | None) -> list[str]:
        """Return the numeric columns that words name, less those that only tell rows apart."""
        return [
            name
            for name in wording.columns(text, self.table)
            if name != excluding
            and self.table.is_numeric(name)
            and (
                operation in {"min", "max"}
                or not is_identifier(self.table, name)
                or is_named_plainly(self.words, operation, name)
            )
        ]

    def _is_of_rows(self, operation: Operation) -> bool:
        """Say whether a figure is to be of what each row stands for: `total orders`."""
        named = wording.columns(wording.after_operation(self.words, operation), self.table)
        return bool(named) and all(is_identifier(self.table, name) for name in named)

    def _nearest_first(self, operation: Operation | None) -> Iterator[str]:
        if operation:
            yield wording.after_operation(self.words, operation)
        yield self.words
        yield self.mention.tokens
        yield self.mention.sentence
        yield self.context.brief
