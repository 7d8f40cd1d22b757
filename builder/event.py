"""Reads what a run has to build: an event or request file, and the blob of a long request."""

import base64
import binascii
import hashlib
import json
import re
from datetime import datetime
from pathlib import Path

from builder.errors import BlobUnusable, GitHubRefused, InvalidEvent
from builder.ports import Rest
from builder.request import Dispatch, Request

ALLOW_READING = "Give the step GITHUB_TOKEN, and the job the permission contents: read."

STORED = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.json")
"""A path with characters that need no escaping anywhere, and no hidden folder or `..` in it."""
BUILD_ID = re.compile(r"[0-9a-f]{16}")


def read_event(path: Path, now: datetime) -> Dispatch:
    """Read an event file. Raises InvalidEvent, InvalidRequest."""
    return task_of(_read(path), now)


def read_request(path: Path, now: datetime) -> Dispatch:
    """Read a bare request, received `now`. Raises InvalidEvent, InvalidRequest."""
    return Dispatch.of(Request.from_wire(_read(path)), now)


def task_of(event: object, now: datetime) -> Dispatch:
    """Return the task of a `repository_dispatch`, or of a `workflow_dispatch` received `now`.

    Raises InvalidEvent, InvalidRequest.
    """
    match event:
        case {"client_payload": payload}:
            return Dispatch.from_wire(payload)
        case {"inputs": {"request": str(text)}}:
            return Dispatch.of(Request.from_wire(_by_hand(text.strip())), now)
    raise InvalidEvent(
        "the event has neither a client_payload nor an input named request",
        fix="Start the workflow by a repository_dispatch, or give the request as its input.",
    )


def secret_of(path: Path) -> str:
    """Return the secret that came with a request given by hand; empty where none did.

    Raises InvalidEvent.
    """
    match _read(path):
        case {"inputs": {"request": str(text)}}:
            request = _by_hand(text.strip())
            return str(request.get("secret") or "") if isinstance(request, dict) else ""
    return ""


def _by_hand(text: str) -> object:
    """Return the request that was typed: as JSON, or as the path of a file in the checkout."""
    if STORED.fullmatch(text):
        return _read(Path(text))
    if BUILD_ID.fullmatch(text):
        fix = f"Start the workflow rerun with it, or briefship rerun {text}."
        raise InvalidEvent(f"{text} is a build id, whose request only its own run has", fix=fix)
    return _json(text, "the input named request")


def fetch(task: Dispatch, repository: str, rest: Rest) -> Request:
    """Return the request of `task`, which is in the event or stored in `repository`.

    Raises BlobUnusable, GitHubRefused, GitHubUnreachable, InvalidRequest.
    """
    if task.blob is None:
        return task.inline()
    stored = f"the request was stored as the git blob {task.blob.sha} and cannot be used"
    try:
        answer = rest("GET", f"/repos/{repository}/git/blobs/{task.blob.sha}", accept={404})
    except GitHubRefused as refused:
        refused.fix = ALLOW_READING
        raise
    if answer.status == 404:
        raise BlobUnusable(f"{stored}: GitHub finds no such object, or hides it from this token")
    try:
        content = base64.b64decode(answer.body["content"])
    except (KeyError, TypeError, binascii.Error) as error:
        raise BlobUnusable(
            f"{stored}: the answer is not a blob ({type(error).__name__})"
        ) from error
    if hashlib.sha256(content).hexdigest() != task.blob.sha256:
        raise BlobUnusable(f"{stored}: its SHA-256 differs from that of what was stored")
    request = Request.from_wire(json.loads(content))
    if request.build_id != task.id:
        raise BlobUnusable(f"{stored}: it is not that of build {task.id}")
    return request


def _read(path: Path) -> object:
    try:
        return _json(path.read_bytes(), path)
    except OSError as error:
        raise InvalidEvent(f"{path} cannot be read: {error.strerror}") from error


def _json(content: str | bytes, source: object) -> object:
    try:
        return json.loads(content)
    except ValueError as error:
        raise InvalidEvent(f"{source} is not JSON: {error}") from error
