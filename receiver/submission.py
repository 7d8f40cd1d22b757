"""What a sender may send: a request with its secret, within bounds."""

from typing import Annotated, Any

from pydantic import FailFast, Field, StringConstraints, WithJsonSchema
from pydantic_core import from_json

from builder.errors import InvalidRequest, MalformedRequest
from builder.request import FROM_JSON, Attachment, Check, Request, Text

MAX_CHECKS = 200
MAX_ATTACHMENTS = 100
MAX_ROUND = 10_000

FIRST_ERROR = FailFast()
"""Of a long list only the first wrong item is named: naming them all would take seconds."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"\S")]
"""Short enough to fit into an event beside a stored request."""

CHECK_SCHEMA: dict[str, Any] = {
    "title": "Check",
    "description": "Plain words, `js: <expression>`, or an object with the expression.",
    "anyOf": [
        {"type": "string", "pattern": r"\S", "not": {"pattern": r"^\s*js:\s*$"}},
        {
            "type": "object",
            "properties": {"js": {"type": "string", "pattern": r"\S"}},
            "required": ["js"],
        },
    ],
}
CheckOnWire = Annotated[Check, WithJsonSchema(CHECK_SCHEMA)]


class Submission(Request):
    """A request as it comes in."""

    secret: Text
    email: Name
    task: Name
    round: Annotated[int, Field(ge=1, le=MAX_ROUND)]
    nonce: Name
    checks: Annotated[
        tuple[CheckOnWire, ...], FROM_JSON, FIRST_ERROR, Field(max_length=MAX_CHECKS)
    ] = ()
    attachments: Annotated[
        tuple[Attachment, ...], FROM_JSON, FIRST_ERROR, Field(max_length=MAX_ATTACHMENTS)
    ] = ()

    def request(self) -> Request:
        """Return the request alone, which has no field that could hold the secret."""
        return Request.model_construct(
            **{name: getattr(self, name) for name in Request.model_fields}
        )

    @classmethod
    def schema_inline(cls) -> dict[str, Any]:
        """Return the JSON schema without references, to stand anywhere in a document."""
        schema = cls.model_json_schema()
        schema["properties"]["attachments"]["items"] = schema.pop("$defs")["Attachment"]
        return schema


def parse(body: bytearray) -> dict[str, Any]:
    """Decode a JSON object.

    The parser refuses NaN, lone surrogates, invalid UTF-8, nesting over 200 levels and numbers of
    more than 4,300 digits. Raises MalformedRequest, and InvalidRequest for another JSON value.
    """
    try:
        value = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise MalformedRequest(f"the body is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise InvalidRequest([("request", "expected a JSON object")])
    return value
