"""Patterns of prose that are compiled when they are needed."""

import re

import pytest

from builder.brief.wording import Wording


def test_wording__finds_what_a_compiled_pattern_finds() -> None:
    """Case does not matter, and each method gives what the one of re gives."""
    wording = Wording(r"no\s+(\w+)")
    text = "No maps, no keys"
    found = wording.search(text)
    assert found
    assert found[1] == "maps"
    assert [each[1] for each in wording.finditer(text)] == ["maps", "keys"]
    second = wording.match(text, 9)
    assert second
    assert second[1] == "keys"
    assert wording.fullmatch("no maps")
    assert not wording.fullmatch(text)


def test_wording__without_its_hint_is_neither_looked_for_nor_compiled() -> None:
    """A pattern that could not be compiled shows that it was not."""
    wording = Wording("(never", hint="never")
    text = "always"
    assert wording.search(text) is None
    assert wording.match(text) is None
    assert wording.fullmatch(text) is None
    assert list(wording.finditer(text)) == []
    with pytest.raises(re.error):
        wording.search("Never")
