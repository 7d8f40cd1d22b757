"""The shape of JSON that a brief names, such as `{open: str, guests: int, closed: [str]}`.

A shape is a JSON-like value: an object's fields, a list of one shape, or the name of a type.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Shape: TypeAlias = dict[str, "Shape"] | list["Shape"] | str

_TYPES = {
    "str": "string", "string": "string", "text": "string", "date": "string", "url": "string",
    "int": "integer", "integer": "integer",
    "float": "number", "number": "number", "num": "number", "decimal": "number",
    "bool": "boolean", "boolean": "boolean", "true": "boolean", "false": "boolean",
    "null": "null", "none": "null", "array": "array", "list": "array", "object": "object",
    "dict": "object",
}  # fmt: skip
_TOKEN = re.compile(r"\s*(?:([{}\[\],:|?])|\"([^\"\n]*)\"|'([^'\n]*)'|([\w$.-]+|…))")
_AS_TYPE = re.compile(
    r"\b(?:has|with|contains?)\s+(?:an?\s+|the\s+)?[`\"']?(?P<field>[A-Za-z_]\w*)[`\"']?\s+"
    r"(?:field\s+)?(?:as|is|being)\s+(?:an?\s+)?(?P<type>\w+)",
    re.IGNORECASE,
)
_MAX_DEPTH = 20
ANY = "any"


_OPENING = re.compile(r"\[\s*(?=\{)|\{")


class _NoShape(ValueError):
    """The text is no shape after all."""


@dataclass(frozen=True)
class Found:
    """A shape, and where in the text it stands."""

    shape: Shape
    start: int
    end: int


def shapes(text: str) -> list[Found]:
    """Return the outermost objects, and lists of them, that name fields with types."""
    found: list[Found] = []
    opening = _OPENING.search(text)
    while opening:
        start, end = opening.start(), opening.end()
        try:
            shape, end = _shape(text, start, 0)
            found.append(Found(shape, start, end))
        except _NoShape:
            pass
        opening = _OPENING.search(text, end)
    return found


def field_as_type(words: str) -> Found | None:
    """Return the shape that `… has guests as a number` asks for."""
    match = _AS_TYPE.search(words)
    kind = _TYPES.get(match["type"].lower()) if match else None
    return Found({match["field"]: kind}, match.start(), match.end()) if match and kind else None


def mismatches(value: object, shape: Shape, at: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (where, expected, seen) for each place of a JSON value that is not of that shape."""
    if isinstance(shape, str):
        if not _is_of_type(value, shape):
            yield at or "the value", f"type {shape}", _seen(value)
    elif isinstance(shape, list):
        yield from _list_mismatches(value, shape, at)
    elif not isinstance(value, dict):
        yield at or "the value", "an object", _seen(value)
    else:
        for name, inner in shape.items():
            where = f"{at}.{name}" if at else name
            if name in value:
                yield from mismatches(value[name], inner, where)
            else:
                yield where, "the field", "no such field"


def _list_mismatches(value: object, shape: list[Shape], at: str) -> Iterator[tuple[str, str, str]]:
    if not isinstance(value, list):
        yield at or "the value", "a list", _seen(value)
        return
    for index, item in enumerate(value):
        if shape:
            yield from mismatches(item, shape[0], f"{at}[{index}]")


def _is_of_type(value: object, kind: str) -> bool:
    """Strictly: true is no number, 3.0 no integer, "3" neither."""
    types: dict[str, tuple[type, ...]] = {
        "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,),
        "null": (type(None),), "array": (list,), "object": (dict,),
    }  # fmt: skip
    if kind not in types:
        return True
    return isinstance(value, types[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _seen(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]


def _token(text: str, at: int) -> tuple[str, bool, int]:
    """Return the next token, whether it is punctuation, and where it ends."""
    match = _TOKEN.match(text, at)
    if match is None:
        raise _NoShape
    word = next(group for group in match.groups() if group is not None)
    return word, match[1] is not None, match.end()


def _shape(text: str, at: int, depth: int) -> tuple[Shape, int]:
    word, is_mark, end = _token(text, at)
    if depth > _MAX_DEPTH:
        raise _NoShape
    if is_mark and word == "{":
        return _object(text, end - 1, depth)
    if is_mark and word == "[":
        return _list(text, end, depth)
    if is_mark:
        raise _NoShape
    return _union(text, _TYPES.get(word.lower(), ANY), end)


def _union(text: str, kind: str, end: int) -> tuple[Shape, int]:
    """Read `int | null`: a choice is not checked."""
    while text[end : end + 20].lstrip().startswith("|"):
        _, _, end = _token(text, end)
        _, _, end = _token(text, end)
        kind = ANY
    return kind, end


def _list(text: str, at: int, depth: int) -> tuple[Shape, int]:
    word, is_mark, end = _token(text, at)
    if is_mark and word == "]":
        return [], end
    inner, end = _shape(text, at, depth + 1)
    while True:
        word, is_mark, end = _token(text, end)
        if is_mark and word == "]":
            return [inner], end
        if word == ",":
            end = _next_entry(text, end, depth)
        elif word not in {"…", "..."}:
            raise _NoShape


def _next_entry(text: str, at: int, depth: int) -> int:
    """Return where the entry after a comma ends: the first one is an example of all."""
    word, is_mark, end = _token(text, at)
    if is_mark and word == "]":
        return at
    return end if word in {"…", "..."} else _shape(text, at, depth + 1)[1]


def _object(text: str, at: int, depth: int) -> tuple[Shape, int]:
    """Read from the brace at `at`. Raises _NoShape where it opens no fields with types."""
    fields: dict[str, Shape] = {}
    _, _, end = _token(text, at)
    while True:
        name, is_mark, end = _token(text, end)
        if is_mark and name == "}":
            break
        if (is_mark and name == ",") or name in {"…", "..."}:
            continue
        if is_mark:
            raise _NoShape
        mark, _, after = _token(text, end)
        is_optional = mark == "?"
        mark, _, after = _token(text, after) if is_optional else (mark, True, after)
        if mark != ":":
            raise _NoShape
        shape, end = _shape(text, after, depth + 1)
        if not is_optional:
            fields[name] = shape
    if not fields:
        raise _NoShape
    return fields, end
