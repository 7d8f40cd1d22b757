"""Requests as an evaluator sends them: from files, or made of a brief."""

import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

from builder.errors import InvalidEvent
from builder.request import Request


def read(file: Path, evaluation_url: str, *, fresh_nonce: bool = False) -> Request:
    """Read a request that is to be answered at `evaluation_url`.

    A fresh nonce makes it another build than the last time. Raises InvalidEvent, InvalidRequest.
    """
    changes = {"evaluation_url": evaluation_url}
    if fresh_nonce:
        changes["nonce"] = secrets.token_hex(8)
    return Request.from_wire(read_wire(file) | changes)


def read_wire(file: Path) -> dict[str, Any]:
    """Return the JSON object of a file. Raises InvalidEvent."""
    try:
        return dict(json.loads(file.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise InvalidEvent(f"{file} cannot be read as a JSON object: {error}") from error


def of_brief(brief: str, evaluation_url: str, **fields: Any) -> Request:
    """Make a request for round 1 of a task of its own. Raises InvalidRequest."""
    wire = {
        "email": "you@example.com",
        "task": f"own-brief-{hashlib.sha256(brief.encode()).hexdigest()[:6]}",
        "round": 1,
        "nonce": secrets.token_hex(8),
        "brief": brief,
        "evaluation_url": evaluation_url,
    }
    return Request.from_wire(wire | fields)
