"""What the evaluator sent and what came back, kept in a folder."""

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from builder.errors import InvalidRequest
from builder.request import Request
from local.evaluator import callback as callbacks
from local.evaluator.callback import Callback


class ReceivedCallback(BaseModel):
    """A callback that came; `reason` says why it was refused."""

    received_at: datetime
    body: Any
    reason: str | None = None


class _Kept(BaseModel):
    sent: list[Request] = []
    entries: list[ReceivedCallback] = []


class Ledger:
    """Requests and callbacks; may be used from several threads. The file is the user's alone."""

    def __init__(self, folder: Path) -> None:
        """Go on where an earlier ledger in `folder` was."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "ledger.json"
        self._lock = threading.Lock()
        self.accepts_unknown = False
        """Whether callbacks are taken for requests that somebody else sent."""
        self._kept = _Kept()
        if self._file.exists():
            self._kept = _Kept.model_validate_json(self._file.read_bytes())

    def note_sent(self, request: Request) -> int:
        """Expect a callback for `request`; return how many callbacks came before."""
        with self._lock:
            if request not in self._kept.sent:
                self._kept.sent.append(request)
                self._save()
            return len(self._kept.entries)

    def receive(self, body: object) -> str | None:
        """Note a callback; return why it is refused, None when it is taken."""
        with self._lock:
            reason = self._objection(body)
            entry = ReceivedCallback(received_at=datetime.now(UTC), body=body, reason=reason)
            self._kept.entries.append(entry)
            self._save()
        return reason

    def answer_to(self, request: Request, *, after: int = 0) -> Callback | None:
        """Return the newest callback taken for `request`, passing over the first `after`."""
        with self._lock:
            entries = self._kept.entries[after:]
        bodies = [entry.body for entry in entries if entry.reason is None]
        taken = map(callbacks.read, reversed(bodies))
        return next((answer for answer in taken if callbacks.answers(answer, request)), None)

    def earlier_rounds(self, request: Request) -> list[Request]:
        """Return the newest request of each earlier round of the same task, in their order."""
        with self._lock:
            sent = list(self._kept.sent)
        same = (request.email, request.task)
        rounds = {
            other.round: other
            for other in sent
            if (other.email, other.task) == same and other.round < request.round
        }
        return [rounds[number] for number in sorted(rounds)]

    @property
    def entries(self) -> list[ReceivedCallback]:
        """Every callback that came, oldest first."""
        with self._lock:
            return list(self._kept.entries)

    def _objection(self, body: object) -> str | None:
        try:
            found = callbacks.objection(callbacks.read(body), self._kept.sent)
            return None if self.accepts_unknown else found
        except InvalidRequest as error:
            return "; ".join(f"{field}: {why}" for field, why in error.problems)

    def _save(self) -> None:
        text = json.dumps(self._kept.model_dump(mode="json"), indent=1)
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        fresh.replace(self._file)
