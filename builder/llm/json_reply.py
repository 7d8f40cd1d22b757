"""JSON in a model's reply, whatever words and fences stand around it."""

import json
from typing import Any

MAX_OPENINGS = 200
"""Opening braces of a reply at which JSON is looked for."""


def json_objects(text: str) -> list[dict[str, Any]]:
    """Return the outermost JSON objects in a text, in their order."""
    decoder, found = json.JSONDecoder(), []
    at = text.find("{")
    for _ in range(MAX_OPENINGS):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(text, at)
            found.append(value)
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return found
