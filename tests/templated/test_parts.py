"""builder.templated.parts"""

import inspect

from builder.templated.parts import Part


def test_parts__each_says_what_it_shows() -> None:
    """A part has a kind of its own and its own words; without words none can be made."""
    parts = Part.__subclasses__()
    assert len({part.kind for part in parts}) == len(parts) > 1
    assert not [part for part in parts if inspect.isabstract(part)]
    assert inspect.isabstract(Part)
