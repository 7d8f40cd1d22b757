"""`send`: hand a request to the receiver, as an evaluator does."""

import json
import secrets
from argparse import Namespace
from pathlib import Path
from typing import Any

import httpx

from briefship.context import Context
from builder.errors import BriefshipError, MalformedRequest, SettingsError

SECONDS = 30
"""The receiver answers within its budget of 8 s for GitHub; a cold host takes longer."""


class ReceiverRefused(BriefshipError):
    """The receiver did not take the request."""

    fix = "See the receiver's log, and run briefship doctor."


def send(options: Namespace, context: Context) -> int:
    """Send the request of a file; print what the receiver answers."""
    wire = _read(options.request)
    wire["secret"] = _secret(context, wire)
    if options.fresh_nonce:
        wire["nonce"] = secrets.token_hex(8)
    if options.evaluation_url:
        wire["evaluation_url"] = options.evaluation_url
    answer = _post(options.to or f"{context.settings.receiver_url}/handle_task", wire)
    if options.json:
        context.print_json(answer)
    else:
        context.say(f"accepted  {answer['task']} round {answer['round']}, build {answer['id']}")
        context.say(f"runs      {answer['runs_url']}")
        context.say(f"follow    briefship status {answer['id']} --watch")
    return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise MalformedRequest(f"{path} cannot be read as a JSON object: {error}") from error


def _secret(context: Context, wire: dict[str, Any]) -> str:
    known = context.settings.task_secret.partition(",")[0].strip() or str(wire.get("secret") or "")
    if not known:
        fix = "Set TASK_SECRET to the secret that the receiver knows."
        raise SettingsError("no secret is set", names=["TASK_SECRET"], fix=fix)
    return known


def _post(url: str, wire: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to an accepted request. Raises ReceiverRefused."""
    try:
        answer = httpx.post(url, json=wire, timeout=SECONDS)
        body = answer.json()
        if answer.status_code == 200:
            return {name: body[name] for name in ("task", "round", "nonce", "id", "runs_url")}
        said = f"{body['error']}: {body['detail']}"
    except httpx.HTTPError as error:
        fix = "Start it with briefship serve, or give its address by --to or RECEIVER_URL."
        raise ReceiverRefused(f"{url} gave no answer ({type(error).__name__})", fix=fix) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReceiverRefused(
            f"{url} answered {answer.status_code}, as no receiver does"
        ) from error
    raise ReceiverRefused(f"{url} answered {answer.status_code}, {said}")
