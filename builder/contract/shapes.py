"""Whether JSON fits a JSON Schema that a model wrote.

Only keywords that cost linear time and read nothing from elsewhere are held against it: no `$ref`,
no `pattern`. The others are passed over.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

MAX_MISMATCHES = 5
_KEYWORDS = (
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf",
    "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum", "minLength",
    "maxLength",
)  # fmt: skip
_SHOWN = 120


def mismatches(content: bytes, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (where, what is wrong) for some places of a JSON text that don't fit a schema.

    A whole float is no integer. Nothing is said of what is no JSON, and of a schema that is none.
    """
    try:
        errors = _validator()(schema).iter_errors(json.loads(content))
        for error in islice(errors, MAX_MISMATCHES):
            yield (
                error.json_path.removeprefix("$").lstrip(".") or "the value",
                _short(error.message),
            )
    except Exception:  # noqa: BLE001 - jsonschema raises whatever a malformed keyword leads to
        return


@cache
def _validator() -> Any:
    # Imported late: it takes a tenth of a second, and few requests name a shape.
    from jsonschema import Draft202012Validator
    from jsonschema.validators import create

    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    keywords = {name: Draft202012Validator.VALIDATORS[name] for name in _KEYWORDS}
    return create({}, validators=keywords, type_checker=types)


def _is_integer(_: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _short(message: str) -> str:
    """Return both ends of a message, which begins with the value that is wrong."""
    half = _SHOWN // 2
    return message if len(message) <= _SHOWN else f"{message[:half]} … {message[-half:]}"
