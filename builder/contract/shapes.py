"""JSON against a JSON Schema that a model wrote.

Only keywords that read nothing from elsewhere and run no pattern are held against it: no `$ref`,
no `pattern`. Where another one matters the file counts as not compared, never as fitting.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

MAX_MISMATCHES = 5
MAX_SCHEMA = 5_000
"""Characters of a schema."""
MAX_WORK = 500_000_000
"""Characters of a schema times bytes of JSON."""
MAX_STEPS = 500_000
"""A second or two: an array of 25,000 records is compared, more is not."""
_KEYWORDS = {
    "type", "properties", "required", "items", "prefixItems", "enum", "const",
    "anyOf", "allOf", "oneOf", "not", "minItems", "maxItems", "minProperties", "maxProperties",
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "contains", "minContains", "maxContains",
}  # fmt: skip
_ANNOTATIONS = {"format"}
MAX_UNIQUE = 500
"""Items that `uniqueItems` is held against: it compares each with each."""
_PARTS = (list, dict)
_SHOWN = 120


class NotCompared(Exception):
    """Whether the content fits the schema is not known; the message says why."""


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

    Raises NotCompared, after what was found until then.
    """
    if len(content) * len(str(schema)) > MAX_WORK:
        raise NotCompared(f"{len(content):,} bytes are too much for this schema")
    try:
        errors = _validator()(schema).iter_errors(json.loads(content))
        for error in islice(errors, MAX_MISMATCHES):
            where = error.json_path.removeprefix("$").lstrip(".") or "the value"
            yield where, _short(error.message)
    except NotCompared:
        raise
    except Exception as error:  # jsonschema raises whatever a malformed keyword leads to
        raise NotCompared(_short(f"{type(error).__name__}: {error}")) from error


def _validator() -> Any:
    """Return a validator class that stops, with NotCompared, once it has taken MAX_STEPS."""
    # Imported late: it takes a tenth of a second, and few requests name a shape.
    from jsonschema import Draft202012Validator
    from jsonschema.validators import create

    known = Draft202012Validator.VALIDATORS
    held = {name: known[name] if name in _KEYWORDS else _refuse(name) for name in known}
    held["additionalProperties"] = _without_patterns(known["additionalProperties"])
    held["uniqueItems"] = _of_few(known["uniqueItems"])
    steps = _Steps()
    keywords: dict[str, Any] = {
        name: steps.counted(held[name]) for name in held if name not in _ANNOTATIONS
    }
    return create({}, validators=keywords, type_checker=Draft202012Validator.TYPE_CHECKER)


class _Steps:
    """How many steps are left: a keyword costs as many as there are parts on either side."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def counted(self, validate: Callable[..., Any]) -> Callable[..., Any]:
        def step(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
            self._left -= 1 + sum(len(one) for one in (value, instance) if isinstance(one, _PARTS))
            if self._left < 0:
                raise NotCompared(f"it would take more than {MAX_STEPS:,} steps")
            return validate(validator, value, instance, schema)

        return step


def _refuse(keyword: str) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise NotCompared(f"the schema uses {keyword}")

    return refuse


def _without_patterns(validate: Callable[..., Any]) -> Callable[..., Any]:
    """Return `additionalProperties` that refuses the patterns which it would run."""

    def refusing(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        use = _refuse("patternProperties") if "patternProperties" in schema else validate
        return use(validator, value, instance, schema)

    return refusing


def _of_few(validate: Callable[..., Any]) -> Callable[..., Any]:
    """Return `uniqueItems` that refuses a long list."""

    def refusing(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        is_long = isinstance(instance, list) and len(instance) > MAX_UNIQUE
        use = _refuse("uniqueItems for a long list") if is_long else validate
        return use(validator, value, instance, schema)

    return refusing


def _short(message: str) -> str:
    """Return both ends of a message, which begins with the value that is wrong."""
    half = _SHOWN // 2
    return message if len(message) <= _SHOWN else f"{message[:half]} … {message[-half:]}"
