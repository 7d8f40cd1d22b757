"""Two runs at once on one app repository: nobody's commit is lost."""

import pytest

from builder.request import Request
from local.faults import Fault
from tests.integration.faults.arena import Arena

PUSH = "POST .*/git-receive-pack"


def overtake(arena: Arena, late: Request, early: Request, at: str = PUSH) -> None:
    """Run `late` until the call `at`, then `early` to its end, then the rest of `late`."""
    rule = arena.github.on(at, Fault("hold"))
    started = arena.start(late)
    assert rule.struck.wait(60)
    assert arena.run(early).code == 0
    rule.released.set()
    started.ended()


def history(arena: Arena, request: Request) -> list[str]:
    """Return the build ids of the commits, newest first."""
    published = arena.published(request)
    return published.build_ids


@pytest.mark.parametrize("at", ["POST /api/v3/user/repos", PUSH, "POST /api/.*/pages$"])
def test_races__two_first_rounds(arena: Arena, at: str) -> None:
    """Both make a commit, and each is told of its own."""
    task = f"race-{at.count('/')}-{len(at)}"
    late, early = arena.request(task, nonce="late"), arena.request(task, nonce="early")
    overtake(arena, late, early, at)
    assert sorted(history(arena, late)) == sorted([late.build_id, early.build_id])
    for request in (late, early):
        newest = history(arena, late)[0] == request.build_id
        arena.assert_delivered(request, is_newest=newest)


def test_races__the_same_request_twice(arena: Arena) -> None:
    """Whoever comes second finds the commit of the first."""
    request = arena.request("race-same")
    overtake(arena, request, request)
    assert history(arena, request) == [request.build_id]
    assert len(arena.answers(request)) == 2
    arena.assert_delivered(request)


@pytest.mark.parametrize("second_is_late", [True, False])
def test_races__second_round_and_first_sent_again(arena: Arena, second_is_late: bool) -> None:
    """A round 2 and a re-sent round 1 both stand, on top of what was there."""
    task = f"race-rounds-{int(second_is_late)}"
    first = arena.request(task)
    assert arena.run(first).code == 0
    brief = 'Now titled "Snow", with notes.txt beside it.'
    notes = [{"name": "notes.txt", "url": "data:,cold"}]
    second = arena.request(task, round=2, nonce="2", brief=brief, attachments=notes)
    again = arena.request(task, nonce="again")
    late, early = (second, again) if second_is_late else (again, second)
    overtake(arena, late, early)
    assert history(arena, first) == [late.build_id, early.build_id, first.build_id]
    arena.assert_delivered(late)
    arena.assert_delivered(early, is_newest=False)
    published = arena.published(first)
    assert ("notes.txt" in published.files) == second_is_late
