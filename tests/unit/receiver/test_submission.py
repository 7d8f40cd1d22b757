"""receiver.submission"""

import json
from typing import Any

import pytest

from builder.errors import InvalidRequest, MalformedRequest
from builder.request import Request
from receiver.submission import MAX_ATTACHMENTS, MAX_CHECKS, Submission, parse
from tests.receiver_parts import SECRET, submission

ATTACHMENT = {"name": "a.txt", "url": "data:,a"}


def test_submission__request_without_secret() -> None:
    """What travels on is a plain request: the secret has no place in it."""
    request = Submission.from_wire(submission()).request()
    assert type(request) is Request
    assert SECRET not in repr(request)
    assert SECRET not in json.dumps(request.to_wire())
    without = {name: value for name, value in submission().items() if name != "secret"}
    assert request == Request.from_wire(without)
    assert request.to_wire() == without


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"secret": None}, "secret"),
        ({"email": ""}, "email"),
        ({"email": "x" * 257}, "email"),
        ({"task": " "}, "task"),
        ({"nonce": 5}, "nonce"),
        ({"round": "1"}, "round"),
        ({"round": 10_001}, "round"),
        ({"round": True}, "round"),
        ({"round": 1.0}, "round"),
        ({"brief": ["x"]}, "brief"),
        ({"evaluation_url": "file:///etc/passwd"}, "evaluation_url"),
        ({"checks": "x"}, "checks"),
        ({"checks": [3]}, "checks.0"),
        ({"checks": ["x"] * (MAX_CHECKS + 1)}, "checks"),
        ({"attachments": [{"name": "a"}]}, "attachments.0.url"),
        ({"attachments": [ATTACHMENT] * (MAX_ATTACHMENTS + 1)}, "attachments"),
    ],
)
def test_submission__invalid(fields: dict[str, Any], problem: str) -> None:
    """Each wrong field is named."""
    with pytest.raises(InvalidRequest) as caught:
        Submission.from_wire(submission(**fields))
    assert problem in [field for field, _ in caught.value.problems]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\xff"}',
        b'{"a": "\x00"}',
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_parse__malformed(body: bytes) -> None:
    """What is no JSON, too deep or no Unicode is refused."""
    with pytest.raises(MalformedRequest):
        parse(bytearray(body))


@pytest.mark.parametrize("body", [b"[]", b"null", b"1e999"])
def test_parse__no_object(body: bytes) -> None:
    """JSON that is no object is an invalid request."""
    with pytest.raises(InvalidRequest, match="expected a JSON object"):
        parse(bytearray(body))
