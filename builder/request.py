"""The wire format: a request as the evaluator sends it, and the task that goes to the builder."""

import base64
import binascii
import hashlib
import json
import string
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from urllib.parse import unquote_to_bytes

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_serializer,
    model_validator,
)

from builder.errors import InvalidAttachment, InvalidEvent, InvalidRequest

EVENT_TYPE = "build-task"
"""`event_type` of the dispatch."""

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]", max_length=2048)]
"""Kept unchanged: pydantic's own URL type normalizes."""

FROM_JSON = Field(strict=False)
"""JSON has no tuples and dates: lists and strings are accepted for them."""


class Wire(BaseModel):
    """Unknown fields are ignored; values are never coerced to another JSON type."""

    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)

    @classmethod
    def from_wire(cls, value: object) -> Self:
        """Validate a decoded JSON value. Raises InvalidRequest, which repeats no input."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise InvalidRequest(problems(error)) from None

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON object that `from_wire` accepts."""
        return self.model_dump(mode="json", exclude_none=True)


class Check(Wire):
    """Something that the evaluator checks: a JavaScript expression, or plain words."""

    source: Text
    is_javascript: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_wire(cls, value: Any) -> Any:
        """Accept plain words, `js: <expression>` and `{"js": "<expression>"}`."""
        if isinstance(value, str):
            is_javascript = value.lstrip().startswith("js:")
            source = value.lstrip().removeprefix("js:").lstrip() if is_javascript else value
            return {"source": source, "is_javascript": is_javascript}
        if isinstance(value, Mapping) and isinstance(value.get("js"), str):
            return {"source": value["js"], "is_javascript": True}
        raise ValueError('expected a string or an object {"js": "<expression>"}')

    @model_serializer
    def _to_wire(self) -> str | dict[str, str]:
        return {"js": self.source} if self.is_javascript else self.source


class Attachment(Wire):
    """A named data URI."""

    name: Text
    url: Annotated[str, StringConstraints(pattern=r"^[Dd][Aa][Tt][Aa]:")]

    @property
    def media_type(self) -> str:
        """`type/subtype` in lower case; `text/plain` where the URI names none (RFC 2397)."""
        return self._parameters()[0].lower() or "text/plain"

    @property
    def charset(self) -> str | None:
        """The encoding that the URI names, in lower case."""
        pairs = (parameter.partition("=") for parameter in self._parameters()[1:])
        named = (value for name, _, value in pairs if name.strip().lower() == "charset")
        return next(named, "").strip(" \"'").lower() or None

    def decode(self) -> bytes:
        """Return the bytes of a base64 or percent-encoded data URI. Raises InvalidAttachment."""
        _, comma, body = self.url.partition(",")
        if not comma:
            raise InvalidAttachment(self.name, "a data URI has a comma before its content")
        is_base64 = "".join(self._parameters()[1:][-1:]).lower() == "base64"
        try:
            raw = unquote_to_bytes(body)
            return _from_base64(raw) if is_base64 else raw
        except (UnicodeEncodeError, binascii.Error) as error:
            raise InvalidAttachment(self.name, f"its content is broken ({error})") from error

    def _parameters(self) -> list[str]:
        """Return the part before the comma, split at semicolons: the media type comes first."""
        head = self.url[len("data:") :].partition(",")[0]
        return [part.strip() for part in head.split(";")]


class Addressee(Wire):
    """Whom to answer, where, and about which request."""

    email: Text
    task: Text
    round: Annotated[int, Field(ge=1)]
    nonce: Text
    evaluation_url: HttpUrl

    @property
    def build_id(self) -> str:
        """The public name of this request: 16 hex digits over email, task, round and nonce."""
        identity = [self.email, self.task, self.round, self.nonce]
        text = json.dumps(identity, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


class Request(Addressee):
    """What is to be built, and for whom; without the shared secret."""

    brief: Text
    checks: Annotated[tuple[Check, ...], FROM_JSON] = ()
    attachments: Annotated[tuple[Attachment, ...], FROM_JSON] = ()


class Blob(Wire):
    """A request that is stored as a git blob in the workflow repository; `size` in bytes."""

    sha: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40,64}$")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1)]


class Dispatch(Wire):
    """The `client_payload` of the event: at most ten keys and 64 KB.

    Beside a blob there is `answer_to`, so that the sender gets an answer even if the blob is lost.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    task: Text
    round: Annotated[int, Field(ge=1)]
    received_at: Annotated[AwareDatetime, FROM_JSON]
    request: Request | None = None
    blob: Blob | None = None
    answer_to: Addressee | None = None

    @model_validator(mode="after")
    def _carries_one_request(self) -> Self:
        if (self.request is None) == (self.blob is None):
            raise ValueError("expected either a request or a blob")
        return self

    @classmethod
    def of(cls, request: Request, received_at: datetime) -> Self:
        """Carry `request` inline."""
        about: dict[str, Any] = {"task": request.task, "round": request.round, "request": request}
        return cls(id=request.build_id, received_at=received_at, **about)

    def inline(self) -> Request:
        """Return the request that travels in the event. Raises InvalidEvent when it is stored."""
        if self.request is None:
            raise InvalidEvent(
                "the request is stored as a blob and was not fetched",
                fix="Run generate, which fetches it, before this with the same --work.",
            )
        return self.request

    def addressee(self) -> Addressee:
        """Return whom to answer. Raises InvalidEvent when a stored request's event lacks it."""
        if self.request is not None:
            return self.request
        if self.answer_to is None or self.answer_to.build_id != self.id:
            raise InvalidEvent(
                f"nobody can be answered: the event does not say who sent build {self.id}"
            )
        return self.answer_to

    def stored(self, blob: Blob) -> Self:
        """Return this task with its request stored as `blob`, and with whom to answer."""
        known = self.inline().model_dump(include=set(Addressee.model_fields))
        kept = {"request": None, "blob": blob, "answer_to": Addressee.model_validate(known)}
        return self.model_copy(update=kept)

    def with_request(self, request: Request) -> Self:
        """Return this task with the stored request in place of its blob."""
        return self.model_copy(update={"request": request, "blob": None, "answer_to": None})


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """List each wrong field with the reason; no input is repeated."""
    found = error.errors(include_input=False, include_url=False)
    messages = [one["msg"].removeprefix("Value error, ") for one in found]
    fields = [".".join(str(part) for part in one["loc"]) or "request" for one in found]
    return list(zip(fields, messages, strict=True))


def _from_base64(raw: bytes) -> bytes:
    """Decode either alphabet, with or without padding and line breaks."""
    compact = raw.translate(bytes.maketrans(b"-_", b"+/"), string.whitespace.encode()).rstrip(b"=")
    return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
