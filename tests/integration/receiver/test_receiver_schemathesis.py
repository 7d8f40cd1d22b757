"""The receiver against its own OpenAPI description, by schemathesis over real HTTP"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from local.server import serve
from receiver.app import create_app
from tests.receiver_parts import SECRET, DispatcherInMemory, settings_for

EXAMPLES = int(os.environ.get("EXAMPLES", "30"))
"""For each operation; more of them by the environment."""
DISPUTED = tuple(rf"\u{code:04x}" for code in (0x1C, 0x1D, 0x1E, 0x1F, 0x85, 0xFEFF))
r"""What is white space (`\s`) in one dialect of regular expressions and not in another."""
TAKING = ("POST /handle_task", "POST /")
TELLING = ("GET /health", "GET /ready")


@contextmanager
def described() -> Iterator[dict[str, Any]]:
    app = create_app(settings_for(failed_secrets_per_minute=1_000_000), DispatcherInMemory())
    with serve(app) as url:
        schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        yield {operation.label: operation for operation in operations}


def test_description__operations() -> None:
    """The description lists every path that takes or tells something."""
    with described() as operations:
        assert set(operations) == {*TAKING, *TELLING}


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        *((label, GenerationMode.POSITIVE) for label in (*TAKING, *TELLING)),
        # Nothing can be wrong about a request that has no parameters.
        *((label, GenerationMode.NEGATIVE) for label in TAKING),
    ],
)
def test_description__is_kept(label: str, mode: GenerationMode) -> None:
    """Whatever is sent, right or wrong by the description, the answer is one that it tells of."""
    with described() as operations:

        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @hypothesis.given(case=operations[label].as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            if isinstance(case.body, dict):
                text = json.dumps(case.body)
                hypothesis.assume(not any(character in text for character in DISPUTED))
                case.body = _with_our_secret(case.body)
            case.call_and_validate()

        holds()


def _with_our_secret(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Get past the gate, and send 1 for 1.0, which JSON Schema does not tell apart and we do."""
    body = dict(sent)
    if isinstance(body.get("secret"), str):
        body["secret"] = body["secret"].strip() and SECRET
    if isinstance(body.get("round"), float) and body["round"].is_integer():
        body["round"] = int(body["round"])
    return body
