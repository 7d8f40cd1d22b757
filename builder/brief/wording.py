"""Patterns of prose that are compiled when a text first needs them: a brief needs few of them."""

import re
from collections.abc import Iterator
from functools import cached_property


class Wording:
    """A regular expression without regard to case, with the methods of a compiled one.

    `hint` is a short pattern that every text holds in which it may be found: where it is not found
    the long one is neither looked for nor compiled.
    """

    def __init__(self, pattern: str, hint: str = "") -> None:
        self.pattern = pattern
        self._hint = hint

    def search(self, text: str) -> re.Match[str] | None:
        """See re.Pattern."""
        return self._compiled.search(text) if self._may_be_in(text) else None

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """See re.Pattern."""
        return self._compiled.match(text, start) if self._may_be_in(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """See re.Pattern."""
        return self._compiled.fullmatch(text) if self._may_be_in(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """See re.Pattern."""
        return self._compiled.finditer(text) if self._may_be_in(text) else iter(())

    def _may_be_in(self, text: str) -> bool:
        return not self._hint or re.search(self._hint, text, re.IGNORECASE) is not None

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)
