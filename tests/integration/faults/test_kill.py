"""kill -9 of the builder at each of its calls, then the same request once more."""

from pathlib import Path

import pytest

from builder.request import Request
from local.faults import Fault, Rule
from tests.integration.faults.arena import Arena
from tests.integration.faults.matrix import ROWS, Row, lost_build
from tests.integration.faults.running import Started

POINTS = [(row, done) for row in ROWS for done in (False, True) if row.writes or not done]
PATIENT = {"CALL_SECONDS": "1"}


def kill(arena: Arena, started: Started, rule: Rule) -> None:
    """Kill the builder once it has made the call."""
    assert rule.struck.wait(60)
    started.kill()
    arena.all_goes_well()


def kill_publish(arena: Arena, request: Request, pattern: str, fault: Fault) -> Path:
    """Run generate, and kill publish once it has made a call; return their folder."""
    folder = arena.new_folder()
    assert arena.run(request, command="generate", folder=folder).code == 0
    rule = arena.github.on(pattern, fault)
    kill(arena, arena.start(request, command="publish", folder=folder, environ=PATIENT), rule)
    return folder


@pytest.mark.parametrize(
    ("row", "done"), POINTS, ids=[f"{row.name}{', done' if done else ''}" for row, done in POINTS]
)
def test_kill__the_next_run_delivers(arena: Arena, row: Row, done: bool) -> None:
    """Whatever was half done is gone on with: one commit, and every answer tells of it."""
    request = row.set_up(arena, f"kill-{ROWS.index(row)}-{int(done)}")
    plan = arena.evaluator if row.of == "evaluator" else arena.github
    rule = plan.on(row.pattern, Fault("hang", carried_out=done), authorized=row.authorized)
    source = arena.stored if row.is_stored else arena.inline
    # A build is asked for once none came in 15 s, which need not pass for real.
    hurries = row.set_up is lost_build
    kill(arena, arena.start(request, source, hurries=hurries, environ=PATIENT), rule)
    again = arena.run(request, source)
    assert again.code == 0, again.printed
    arena.assert_delivered(request)


@pytest.mark.parametrize("pattern", ["POST .*/git-receive-pack", "POST /api/.*/pages$"])
def test_kill__a_later_step_answers_for_it(arena: Arena, pattern: str) -> None:
    """Notify tells that the run was ended; a run afterwards delivers, and tells that."""
    request = arena.request(f"killed-step-{len(pattern)}")
    folder = kill_publish(arena, request, pattern, Fault("hang"))
    assert arena.run(request, command="notify", folder=folder).code == 0
    (told,) = arena.answers(request)
    assert told.body["error"] == "the run ended before the site was published"
    assert told.body["verdict"] == "failing"
    assert arena.run(request).code == 0
    arena.assert_delivered(request, after=1)


def test_kill__publish_goes_on_in_the_same_folder(arena: Arena) -> None:
    """A publish that is run again takes the site that generate left."""
    request = arena.request("published-twice")
    push = "POST .*/git-receive-pack"
    folder = kill_publish(arena, request, push, Fault("hang", carried_out=True))
    assert "has its commit already" in arena.run(request, command="publish", folder=folder).printed
    assert arena.run(request, command="notify", folder=folder).code == 0
    arena.assert_delivered(request)
