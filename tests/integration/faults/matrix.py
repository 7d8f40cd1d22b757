"""The matrix of faults: each call of the builder, each way to go wrong, what came of it.

`python -m tests.integration.faults.table` plays all of it and prints a table.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from builder.request import Request
from local.faults import BuildFault, Fault
from tests.integration.faults.arena import SECRETS, Arena
from tests.integration.faults.running import Run

DEADLINE = 600.0
PATIENCE = "0.5"
"""Seconds after which a call that hangs is given up, which count as thirty."""


class Came(StrEnum):
    """How a cell ended."""

    DELIVERED = "delivered"
    BEHIND = "pushed, told as not live yet"
    """The next run delivers."""
    ANSWERED = "error answered"
    TOLD = "exit code and summary"
    """Nobody could be answered: the callback itself failed."""


Set = Callable[[Arena, str], Request]
"""Brings GitHub into the state in which the call is made, and returns the request to build."""


def first_round(arena: Arena, task: str) -> Request:
    return arena.request(task)


def second_round(arena: Arena, task: str, app: str = "built-upon") -> Request:
    """Return a round on the one app of all cells, which takes the place of another cell's."""
    first = arena.request(app)
    if not arena.has_published(first):
        assert arena.run(first).code == 0
    return arena.request(app, round=2, nonce=task, brief=f'Now titled "Snow {task}".')


def other_source(arena: Arena, task: str) -> Request:
    request = second_round(arena, task, "moved")
    source = {"source": {"branch": "main", "path": "/docs"}}
    arena.api("PUT", "/repos/ada/tds-project1-moved/pages", source)
    return request


def lost_build(arena: Arena, task: str) -> Request:
    # The builds of the first commit and of the round's.
    arena.github.on_builds(BuildFault.MISSING, BuildFault.MISSING)
    return arena.request(task)


@dataclass(frozen=True, eq=False)
class Row:
    """A call of the builder; `pattern` as FaultPlan takes it."""

    name: str
    pattern: str
    set_up: Set = first_round
    authorized: bool | None = None
    of: str = "github"
    is_stored: bool = False
    """Whether the request travels as a blob."""

    @property
    def writes(self) -> bool:
        """Whether it makes a difference that it was carried out before its answer was lost."""
        return not self.pattern.startswith("GET") and "upload-pack" not in self.pattern


ROWS = (
    Row("fetch of a stored request", "GET .*/git/blobs/", is_stored=True),
    Row("look at what stands: refs", "GET .*service=git-upload-pack", authorized=False),
    Row("look at what stands: pack", "POST .*/git-upload-pack", second_round, authorized=False),
    Row("GET repository", r"GET /api/v3/repos/ada/[^/]+$"),
    Row("GET user", "GET /api/v3/user$"),
    Row("POST repository", "POST /api/v3/user/repos"),
    Row("clone: refs", "GET .*service=git-upload-pack", authorized=True),
    Row("clone: pack", "POST .*/git-upload-pack", second_round, authorized=True),
    Row("first push: refs", "GET .*service=git-receive-pack"),
    Row("first push: pack", "POST .*/git-receive-pack"),
    Row("push of a later round: refs", "GET .*service=git-receive-pack", second_round),
    Row("push of a later round: pack", "POST .*/git-receive-pack", second_round),
    Row("GET pages", "GET /api/.*/pages$"),
    Row("POST pages", "POST /api/.*/pages$"),
    Row("PUT pages", "PUT /api/.*/pages$", other_source),
    Row("GET builds", "GET /api/.*/pages/builds", lost_build),
    Row("POST builds", "POST /api/.*/pages/builds", lost_build),
    Row("GET the site", "GET /pages/"),
    Row("callback", "POST /evaluation", of="evaluator"),
)
HANG_FOR_GOOD = {"GET user", "first push: refs", "GET the site", "callback"}
"""Calls that stand for all: one that hangs for good is given up after many seconds."""


@dataclass(frozen=True, eq=False)
class Column:
    """A way to go wrong; `cause` finds it in what is told."""

    name: str
    fault: Fault
    cause: str
    hangs: bool = False


def _says(status: int, message: str, **headers: str) -> Fault:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault.answer(status, body | {"status": str(status)}, named)


NETWORK = (
    r"connection failed|did not answer|no answer|did not send|Connection reset|Recv failure|"
    r"hung up|Empty reply|early EOF|RPC failed|unexpected disconnect|transfer closed|"
    r"invalid index-pack|invalid protocol|remote end|expected flush|pack|bytes"
)
SILENCE = r"no answer within|took longer than|too slow|Timeout|timed out"
LIMIT = _says(403, "You have exceeded a secondary rate limit.")
PERMISSION = _says(
    403,
    "Resource not accessible by personal access token",
    X_Accepted_GitHub_Permissions="pages=write,administration=write",
)
COLUMNS = (
    Column("timeout", Fault("hang"), SILENCE, hangs=True),
    Column("timeout, done", Fault("hang", carried_out=True), SILENCE, hangs=True),
    Column("reset", Fault("cut"), NETWORK),
    Column("reset, done", Fault("cut", carried_out=True), NETWORK),
    Column("half an answer", Fault("half", carried_out=True), NETWORK),
    Column("500", _says(500, "Server Error"), "500"),
    Column("502", Fault.answer(502, b"<html>Bad Gateway</html>"), "502"),
    Column("503", _says(503, "Service Unavailable"), "503"),
    Column("429", _says(429, "Too many requests"), "429"),
    Column("429 in 5 s", _says(429, "Too many requests", retry_after="5"), "429"),
    Column("429 in 2 h", _says(429, "Too many requests", retry_after="7200"), r"429|7200 s"),
    Column("403 limit", LIMIT, r"403|60 s|rate limit"),
    Column("401", _says(401, "Bad credentials"), "401|credential|Username|finds no"),
    Column("403 permission", PERMISSION, "403"),
    Column("404", _says(404, "Not Found"), "404|not found|finds no|no organization"),
    Column("409", _says(409, "Conflict"), "409"),
    Column("422", _says(422, "Validation Failed"), "422"),
)


@dataclass(frozen=True)
class Cell:
    """One row, one column, once or for good."""

    row: Row
    column: Column
    for_good: bool

    def __str__(self) -> str:
        return f"{self.row.name}-{self.column.name}-{'for good' if self.for_good else 'once'}"

    def play(self, arena: Arena) -> Came:
        """Run the builder with the fault, and return how it ended. Raises AssertionError."""
        request = self.row.set_up(arena, re.sub(r"[^a-z0-9]+", "-", str(self).lower()))
        plan = arena.evaluator if self.row.of == "evaluator" else arena.github
        times = None if self.for_good else 1
        row, column = self.row, self.column
        rule = plan.on(row.pattern, column.fault, times=times, authorized=row.authorized)
        run = arena.run(
            request,
            arena.stored if row.is_stored else arena.inline,
            hangs=rule if column.hangs else None,
            environ={"CALL_SECONDS": PATIENCE if column.hangs else "30"},
        )
        arena.all_goes_well()
        return outcome(arena, request, run, self)


def cells() -> list[Cell]:
    """Return the whole matrix."""
    return [
        Cell(row, column, for_good)
        for row in ROWS
        for column in COLUMNS
        for for_good in (False, True)
        if row.writes or not column.name.endswith(", done")
    ]


def chosen() -> list[Cell]:
    """Return a sample of the matrix: every other field of a chessboard, by turns once and for good.

    Each call meets half of the faults, and each fault half of the calls.
    """
    return [cell for cell in cells() if _is_chosen(cell)]


def _is_chosen(cell: Cell) -> bool:
    place = ROWS.index(cell.row) + COLUMNS.index(cell.column)
    if cell.column.hangs:
        is_for_all = cell.column.name == "timeout" and cell.row.name in HANG_FOR_GOOD
        return cell.for_good == is_for_all
    return place % 2 == 0 and cell.for_good == (place // 2 % 2 == 1)


def outcome(arena: Arena, request: Request, run: Run, cell: Cell) -> Came:
    """Hold a run against the promises; return how it ended. Raises AssertionError."""
    assert run.code in {0, 1}, run.printed
    assert "Traceback" not in run.printed, run.printed
    history = ""
    if arena.has_published(request):
        published = arena.published(request)
        history = published.history
        assert published.build_ids.count(request.build_id) <= 1
    assert not [secret for secret in SECRETS if secret in run.told + history]
    bodies = [entry.body for entry in arena.answers(request) if entry.reason is None]
    assert all(body == bodies[0] for body in bodies), bodies
    if not bodies:
        assert cell.row.of == "evaluator", run.printed
        return _told(run, cell, run.printed, Came.TOLD)
    # A try that begins in time may take its thirty seconds.
    assert run.seconds <= DEADLINE + 30, f"{run.seconds} s"
    if bodies[0]["status"] == "error":
        return _answered(arena, request, run, cell, bodies[0])
    assert run.code == 0 or cell.row.of == "evaluator", run.printed
    assert bodies[0]["verdict"] == "fallback"
    if bodies[0]["pages_status"] == "live":
        arena.assert_delivered(request)
        return Came.DELIVERED
    return _behind(arena, request, cell, bodies[0])


def _behind(arena: Arena, request: Request, cell: Cell, body: dict[str, Any]) -> Came:
    """What is not live is told as such, with the cause, and the commit stands."""
    assert re.search(cell.column.cause, body["pages_status"]), body
    assert any(body["pages_status"] in reason for reason in body["verdict_reasons"])
    assert arena.published(request).head == body["commit_sha"]
    assert arena.run(request).code == 0
    arena.assert_delivered(request, after=1)
    return Came.BEHIND


def _answered(arena: Arena, request: Request, run: Run, cell: Cell, body: dict[str, Any]) -> Came:
    assert body["verdict"] == "failing"
    assert body["verdict_reasons"][0] == body["error"]
    if cell.row.name.endswith(" pages"):
        # Pushed is pushed: an error too tells what is known.
        assert arena.published(request).head == body["commit_sha"]
        assert body["repo_url"].endswith(request.task)
    return _told(run, cell, body["error"], Came.ANSWERED)


def _told(run: Run, cell: Cell, told: str, came: Came) -> Came:
    """The cause is told, and summed up."""
    assert run.code == 1, run.printed
    assert re.search(cell.column.cause, told), told
    assert re.search(cell.column.cause, run.summary), run.summary
    return came
