"""Requests from files, as an evaluator sends them."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builder.errors import InvalidEvent
from builder.request import Request


@dataclass(frozen=True)
class Sendable:
    """A request and the secret that its file gives, if any."""

    request: Request
    secret: str | None = field(default=None, repr=False)


def read(file: Path, evaluation_url: str, *, fresh_nonce: bool = False) -> Sendable:
    """Read a request that is to be answered at `evaluation_url`.

    A fresh nonce makes it another build than the last time. Raises InvalidEvent, InvalidRequest.
    """
    wire = _decoded(file)
    changes = {"evaluation_url": evaluation_url}
    if fresh_nonce:
        changes["nonce"] = secrets.token_hex(8)
    secret = wire.get("secret")
    return Sendable(Request.from_wire(wire | changes), secret if isinstance(secret, str) else None)


def of_brief(brief: str, evaluation_url: str) -> Request:
    """Make a request for round 1 of a task of its own. Raises InvalidRequest."""
    wire = {
        "email": "you@example.com",
        "task": f"own-brief-{hashlib.sha256(brief.encode()).hexdigest()[:6]}",
        "round": 1,
        "nonce": secrets.token_hex(8),
        "brief": brief,
        "checks": [],
        "evaluation_url": evaluation_url,
        "attachments": [],
    }
    return Request.from_wire(wire)


def _decoded(file: Path) -> dict[str, Any]:
    try:
        wire = json.loads(file.read_bytes())
    except OSError as error:
        raise InvalidEvent(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvalidEvent(f"{file} is no JSON ({error})") from error
    if not isinstance(wire, dict):
        raise InvalidEvent(f"{file} holds no JSON object")
    return wire
