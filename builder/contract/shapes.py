"""JSON against a JSON Schema that a model wrote.

Only keywords that read nothing from elsewhere and run no pattern are held against it: no `$ref`,
no `pattern`. The others are passed over.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

MAX_MISMATCHES = 5
MAX_SCHEMA = 5_000
"""Characters of a schema."""
MAX_WORK = 500_000_000
"""Characters of a schema times bytes of JSON: a few seconds at most. More is not looked at."""
_KEYWORDS = (
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf",
    "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum", "minLength",
    "maxLength",
)  # fmt: skip
_SHOWN = 120


def fault(schema: Mapping[str, Any]) -> str | None:
    """Return what keeps an object from being a usable schema; None where nothing does."""
    from jsonschema import Draft202012Validator, SchemaError

    if len(str(schema)) > MAX_SCHEMA:
        return f"a schema of more than {MAX_SCHEMA:,} characters"
    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError) as error:
        return f"no JSON Schema: {_short(str(getattr(error, 'message', 'too deep')))}"
    return None


def mismatches(content: bytes, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (where, what is wrong) for some places of a JSON text that don't fit a schema.

    Nothing is said of what is no JSON.
    """
    if len(content) * len(str(schema)) > MAX_WORK:
        return
    try:
        errors = _validator()(schema).iter_errors(json.loads(content))
        for error in islice(errors, MAX_MISMATCHES):
            where = error.json_path.removeprefix("$").lstrip(".") or "the value"
            yield where, _short(error.message)
    except Exception:  # noqa: BLE001 - jsonschema raises whatever a malformed keyword leads to
        return


@cache
def _validator() -> Any:
    # Imported late: it takes a tenth of a second, and few requests name a shape.
    from jsonschema import Draft202012Validator
    from jsonschema.validators import create

    keywords = {name: Draft202012Validator.VALIDATORS[name] for name in _KEYWORDS}
    return create({}, validators=keywords, type_checker=Draft202012Validator.TYPE_CHECKER)


def _short(message: str) -> str:
    """Return both ends of a message, which begins with the value that is wrong."""
    half = _SHOWN // 2
    return message if len(message) <= _SHOWN else f"{message[:half]} … {message[-half:]}"
