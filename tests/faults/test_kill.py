"""kill -9 of the builder at each of its calls, then the same request once more."""

import pytest

from local.faults import Fault
from tests.faults.arena import Arena
from tests.faults.matrix import ROWS, Row, lost_build
from tests.faults.promises import assert_delivered

POINTS = [(row, done) for row in ROWS for done in (False, True) if row.writes or not done]


@pytest.mark.parametrize(
    ("row", "done"), POINTS, ids=[f"{row.name}{', done' if done else ''}" for row, done in POINTS]
)
def test_kill__the_next_run_delivers(arena: Arena, row: Row, done: bool) -> None:
    """Whatever was half done is gone on with: one commit, and every answer tells of it."""
    request = row.set_up(arena, f"kill-{ROWS.index(row)}-{int(done)}")
    plan = arena.evaluator if row.of == "evaluator" else arena.github
    rule = plan.on(row.pattern, Fault.hang(carried_out=done), authorized=row.authorized)
    source = arena.stored if row.is_stored else arena.inline
    # A build is asked for once none came in 15 s, which need not pass for real.
    module = "tests.faults.hurried" if row.set_up is lost_build else "builder"
    started = arena.start(request, source=source, module=module, CALL_SECONDS="1")
    assert rule.struck.wait(60)
    started.kill()
    arena.all_goes_well()
    again = arena.run(request, source)
    assert again.code == 0, again.printed
    assert_delivered(arena, request)


@pytest.mark.parametrize("pattern", ["POST .*/git-receive-pack", "POST /api/.*/pages$"])
def test_kill__a_later_step_answers_for_it(arena: Arena, pattern: str) -> None:
    """Notify tells that the run was ended; a run afterwards delivers, and tells that."""
    request = arena.request(f"killed-step-{len(pattern)}")
    folder = arena.new_folder()
    arena.start(request, "generate", folder).ended()
    rule = arena.github.on(pattern, Fault.hang())
    publish = arena.start(request, "publish", folder, CALL_SECONDS="1")
    assert rule.struck.wait(60)
    publish.kill()
    arena.all_goes_well()
    arena.start(request, "notify", folder).ended()
    (told,) = arena.answers(request)
    assert told.body["error"] == "the run ended before the site was published"
    assert told.body["verdict"] == "failing"
    assert arena.run(request).code == 0
    assert_delivered(arena, request, after=1)


def test_kill__publish_goes_on_in_the_same_folder(arena: Arena) -> None:
    """A publish that is run again takes the site that generate left."""
    request = arena.request("published-twice")
    folder = arena.new_folder()
    arena.start(request, "generate", folder).ended()
    rule = arena.github.on("POST .*/git-receive-pack", Fault.hang(carried_out=True))
    publish = arena.start(request, "publish", folder, CALL_SECONDS="1")
    assert rule.struck.wait(60)
    publish.kill()
    arena.all_goes_well()
    assert "stands already" in arena.start(request, "publish", folder).ended()
    arena.start(request, "notify", folder).ended()
    assert_delivered(arena, request)
