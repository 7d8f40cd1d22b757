"""The receiver under bodies that no honest sender would make, and against its own description"""

import json
import os
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from builder.errors import InvalidRequest
from receiver.submission import Submission
from tests.receiver_parts import PRIVATE, SECRET, DispatcherInMemory, serving, submission

EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
"""For each test; more of them by the environment."""
ANSWERS = {400: "malformed_json", 403: "wrong_secret", 422: "invalid_request"}
MANY = 1_000_000
DISPUTED = tuple(rf"\u{code:04x}" for code in (0x1C, 0x1D, 0x1E, 0x1F, 0x85, 0xFEFF))
r"""What is white space (`\s`) in one dialect of regular expressions and not in another."""
TAKE = "POST /handle_task"
VALID = json.dumps(submission()).encode()

fuzzed = hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
nasty_json = st.sampled_from(
    [
        *(b"NaN", b"-Infinity", b"1e999", b"-0", b"9" * 4000, b"9" * 5000, b"01", b"0x10"),
        *(b'"\\ud800"', b'"\\udc00\\ud800"', b'"\x00"', b'"\\u0000"', b'"\\u202e\\u2028"'),
        *(b'"\xff\xfe"', b'"\xed\xa0\x80"', b'"' + b"\\" * 999, b"'a'", b"/* */ 1", b""),
        *(b"[" * 190 + b"]" * 190, b"[" * 50_000, b'{"a":' * 50_000),
    ]
)


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """Cut or replace a part of a valid body."""
    begin = draw(st.integers(0, len(VALID)))
    end = draw(st.integers(begin, min(len(VALID), begin + 60)))
    between = draw(st.binary(max_size=30) | nasty_json | st.just(VALID[begin:end] * 2))
    return VALID[:begin] + between + (VALID[end:] if draw(st.booleans()) else b"")


@st.composite
def with_odd_field(draw: st.DrawFn) -> bytes:
    """Give one field, or the same field twice, a value out of place."""
    field = draw(st.sampled_from(sorted(submission()))).encode()
    odd = b'"%b": %b' % (field, draw(nasty_json | json_values.map(json.dumps).map(str.encode)))
    return draw(st.sampled_from([b"{" + odd + b", " + VALID[1:], VALID[:-1] + b", " + odd + b"}"]))


@pytest.mark.parametrize("bodies", [spoiled(), with_odd_field()], ids=["spoiled", "odd field"])
def test_fuzz(bodies: st.SearchStrategy[bytes], caplog: pytest.LogCaptureFixture) -> None:
    """Any bytes get one of our answers, in our shape; neither it nor the log repeats them."""
    with serving(DispatcherInMemory(), failed_secrets_per_minute=MANY) as client:

        @fuzzed
        @given(bodies)
        def holds(body: bytes) -> None:
            answer = client.post("/handle_task", content=body)
            if answer.status_code != 200:
                assert answer.json()["error"] == ANSWERS[answer.status_code]
                assert set(answer.json()) == {"status", "error", "detail"}
                assert not [private for private in PRIVATE if private in answer.text]

        holds()
    fields = [str(record.__dict__.get("fields")) for record in caplog.records]
    for text in (caplog.text, *fields):
        assert not [private for private in (*PRIVATE, "unexpected") if private in text]


@fuzzed
@given(st.fixed_dictionaries({k: st.just(v) | json_values for k, v in submission().items()}))
def test_submission__any_json(value: dict[str, Any]) -> None:
    """Any JSON object is either a submission or refused by the names of its fields alone."""
    try:
        request = Submission.from_wire(value).request()
    except InvalidRequest as error:
        refused = {field.split(".")[0] for field, _ in error.problems}
    else:
        refused = set()
        assert (request.email, request.task) == (value["email"], value["task"])
    # As JSON, in which 1 is not true.
    valid = {name: json.dumps(field) for name, field in submission().items()}
    assert refused <= {name for name, field in valid.items() if json.dumps(value[name]) != field}


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        (TAKE, GenerationMode.POSITIVE),
        (TAKE, GenerationMode.NEGATIVE),
        # Nothing can be wrong about requests that have no parameters.
        ("GET /health", GenerationMode.POSITIVE),
        ("GET /ready", GenerationMode.POSITIVE),
    ],
)
def test_description__is_kept(label: str, mode: GenerationMode) -> None:
    """Whatever is sent, right or wrong by the description, the answer is one that it tells of."""
    with serving(DispatcherInMemory(), failed_secrets_per_minute=MANY) as client:
        schema = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        [operation] = [one for one in operations if one.label == label]

        @fuzzed
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            if isinstance(case.body, dict):
                text = json.dumps(case.body)
                hypothesis.assume(not any(character in text for character in DISPUTED))
                case.body = _with_our_secret(case.body)
            case.call_and_validate()

        holds()


def _with_our_secret(sent: dict[str, Any]) -> dict[str, Any]:
    """Get past the gate, and send 1 for 1.0, which JSON Schema does not tell apart and we do."""
    body = dict(sent)
    if isinstance(body.get("secret"), str):
        body["secret"] = body["secret"].strip() and SECRET
    if isinstance(body.get("round"), float) and body["round"].is_integer():
        body["round"] = int(body["round"])
    return body
