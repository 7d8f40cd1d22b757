"""The running receiver under bodies that no honest sender would make"""

import json
import os
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.errors import InvalidRequest
from receiver.submission import Submission
from tests.integration.receiver.conftest import Running, Start
from tests.integration.receiver.scripted import ScriptedGitHub
from tests.receiver_parts import SECRET, SubmissionOf

EXAMPLES = int(os.environ.get("EXAMPLES", "50"))
"""For each test; more of them by the environment."""
PRIVATE = ("ada@example.com", "n-4711", SECRET)
ANSWERS = {400: "malformed_json", 403: "wrong_secret", 422: "invalid_request"}
FIELDS = ("email", "secret", "task", "round", "nonce", "brief", "checks", "evaluation_url")

fuzzed = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
nasty_json = st.sampled_from(
    [
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-0",
        b"9" * 4000,
        b"9" * 5000,
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\x00"',
        b'"\\u0000"',
        b'"\xff\xfe"',
        b'"\xed\xa0\x80"',
        b"[" * 190 + b"]" * 190,
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'"' + b"\\" * 999,
        b'"\\u202e\\u2028"',
        b"01",
        b"0x10",
        b"'a'",
        b"/* */ 1",
        b"",
    ]
)


@st.composite
def spoiled(draw: st.DrawFn, valid: bytes) -> bytes:
    """Cut, repeat or replace a part of a valid body."""
    begin = draw(st.integers(0, len(valid)))
    end = draw(st.integers(begin, min(len(valid), begin + 60)))
    between = draw(
        st.binary(max_size=30)
        | nasty_json
        | st.just(valid[begin:end] * 2)
        | st.sampled_from([b"", b"\x00", b'"', b"{", b"}", b",", b":", b"\\u", b"\xef\xbb\xbf"])
    )
    tail = valid[end:] if draw(st.booleans()) else b""
    return valid[:begin] + between + tail


@st.composite
def with_odd_field(draw: st.DrawFn, valid: dict[str, Any]) -> bytes:
    """Give one field, or the same field twice, a value out of place."""
    field = draw(st.sampled_from(FIELDS)).encode()
    value = draw(nasty_json | json_values.map(lambda value: json.dumps(value).encode()))
    body = json.dumps(valid).encode()
    odd = b'"' + field + b'": ' + value
    return draw(
        st.sampled_from([b"{" + odd + b", " + body[1:], body[:-1] + b", " + odd + b"}", odd])
    )


def _holds(receiver: Running, client: httpx.Client, body: bytes) -> None:
    """Assert that the answer is one of ours, in our shape, and repeats nothing private."""
    answer = client.post(f"{receiver.url}/handle_task", content=body)
    told = answer.json()
    if answer.status_code == 200:
        assert told["status"] == "accepted"
        return
    assert told["error"] == ANSWERS[answer.status_code]
    assert set(told) == {"status", "error", "detail"}
    for private in PRIVATE:
        assert private not in answer.text


def _fuzz(start: Start, github: ScriptedGitHub, bodies: st.SearchStrategy[bytes]) -> None:
    receiver = start(GITHUB_API_URL=github.url, FAILED_SECRETS_PER_MINUTE="1000000")
    with httpx.Client() as client:

        @fuzzed
        @given(bodies)
        def holds(body: bytes) -> None:
            _holds(receiver, client, body)

        holds()
    log = receiver.stop()
    assert "unexpected" not in log
    assert "Traceback" not in log
    for private in PRIVATE:
        assert private not in log


def test_fuzz__spoiled(start: Start, github: ScriptedGitHub, submission_of: SubmissionOf) -> None:
    """A valid body with a part cut, doubled or replaced never is a failure of ours."""
    _fuzz(start, github, spoiled(json.dumps(submission_of()).encode()))


def test_fuzz__odd_field(start: Start, github: ScriptedGitHub, submission_of: SubmissionOf) -> None:
    """A field with any JSON, or none, or twice, never is a failure of ours."""
    _fuzz(start, github, with_odd_field(submission_of()))


def test_submission__any_json(submission_of: SubmissionOf) -> None:
    """Any JSON object is either a submission or refused by the names of its fields alone."""
    valid = submission_of()
    fields = {name: st.just(value) | json_values for name, value in valid.items()}

    @fuzzed
    @given(st.fixed_dictionaries(fields))
    def holds(value: dict[str, Any]) -> None:
        try:
            request = Submission.from_wire(value).request()
        except InvalidRequest as error:
            refused = {field.split(".")[0] for field, _ in error.problems}
        else:
            refused = set()
            assert (request.email, request.task) == (value["email"], value["task"])
        assert refused <= {name for name in valid if value[name] is not valid[name]}

    holds()
