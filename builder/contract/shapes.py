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
    """Yield (where, what is wrong) for some places of a JSON text that do not fit a schema.

    Nothing is said of what is no JSON, and of a schema that is none.
    """
    try:
        errors = _validator()(schema).iter_errors(json.loads(content))
        for error in islice(errors, MAX_MISMATCHES):
            where = error.json_path.removeprefix("$").lstrip(".") or "the value"
            yield where, _both_ends(error.message)
    except Exception:  # noqa: BLE001 - jsonschema raises whatever a malformed keyword leads to
        return


@cache
def _validator() -> Any:
    # Imported late: it takes a tenth of a second, and few requests name a shape.
    from jsonschema import Draft4Validator, Draft202012Validator
    from jsonschema.validators import create

    keywords = {name: Draft202012Validator.VALIDATORS[name] for name in _KEYWORDS}
    # In draft 4, a whole float is no integer.
    return create({}, validators=keywords, type_checker=Draft4Validator.TYPE_CHECKER)


def _both_ends(message: str) -> str:
    """Shorten a message, which begins with the value that is wrong."""
    half = _SHOWN // 2
    return message if len(message) <= _SHOWN else f"{message[:half]} … {message[-half:]}"
