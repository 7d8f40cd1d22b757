"""The answer to the evaluator, by httpx."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from builder.backoff import retry
from builder.errors import CallbackFailed
from builder.ports import Clock

DELAYS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between tries."""
REQUEST_SECONDS = 30.0
SHOWN = 300
"""Characters of a rejection that are told."""


def deliver(
    http: httpx.Client,
    url: str,
    body: Mapping[str, Any],
    *,
    build_id: str,
    clock: Clock,
    progress: Callable[[str], None],
) -> int:
    """POST `body` as JSON until a 2xx answers; return its status.

    Raises CallbackFailed after the last of `DELAYS`.
    """

    def post() -> int:
        try:
            return _post(http, url, body, build_id)
        except CallbackFailed as error:
            progress(str(error))
            raise

    return retry(post, on=CallbackFailed, delays=DELAYS, sleep=clock.sleep)


def _post(http: httpx.Client, url: str, body: Mapping[str, Any], build_id: str) -> int:
    try:
        answer = http.post(
            url, json=body, headers={"Idempotency-Key": build_id}, timeout=REQUEST_SECONDS
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CallbackFailed(
            f"the evaluation URL did not answer ({type(error).__name__})"
        ) from None
    if not answer.is_success:
        said = " ".join(_without(answer.text, body).split())[:SHOWN]
        raise CallbackFailed(f"the evaluation URL answered {answer.status_code}: {said}")
    return answer.status_code


def _without(text: str, body: Mapping[str, Any]) -> str:
    """Blot out what the evaluator may repeat of the learner."""
    for name in ("email", "nonce"):
        text = text.replace(str(body[name]), "***")
    return text
