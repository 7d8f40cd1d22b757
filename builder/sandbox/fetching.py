"""Fetches public addresses from within the sandbox, whose proxy and limits hold for that too."""

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from builder.generate.fetched import Fetched
from builder.ports import Outcome, RunScript

SECONDS = 15.0
"""For all addresses together; each has 10 s."""
_PROGRAM = Path(__file__).with_name("fetch_inside.py")


class _Answer(BaseModel):
    status: int = 0
    media_type: str = ""
    charset: str | None = None
    error: str = ""


def fetch(urls: Sequence[str], run: RunScript) -> list[Fetched]:
    """Return what each of `urls` answers, in their order."""
    if not urls:
        return []
    inputs = {"addresses.json": json.dumps(urls).encode()}
    outcome = run(_PROGRAM.read_text(encoding="utf-8"), {}, inputs, SECONDS)
    return [_fetched(url, number, outcome) for number, url in enumerate(urls)]


def _fetched(url: str, number: int, outcome: Outcome) -> Fetched:
    content = outcome.files.get(f"{number}.body", b"")
    try:
        answer = _Answer.model_validate_json(outcome.files[f"{number}.json"])
    except (KeyError, ValidationError):
        return Fetched(url, error=outcome.error or "it did not answer in time")
    return Fetched(url, answer.status, answer.media_type, answer.charset, content, answer.error)
