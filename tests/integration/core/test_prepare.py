"""The stage before there is a site: repository, first commit, Pages."""

import json
from pathlib import Path

import pytest

from builder.request import Request
from local.faults import Fault
from tests.integration.faults.arena import Arena
from tests.integration.faults.running import Run

MARK = ".builder/README.md"
DENIED = Fault.answer(403, {"message": "Resource not accessible by personal access token"})
DOWN = Fault.answer(503, {"message": "Service Unavailable"})


def in_steps(arena: Arena, request: Request, folder: Path, *commands: str) -> list[Run]:
    """Run each command as a step of its own, as the workflow does."""
    return [arena.run(request, command=command, folder=folder) for command in commands]


def steps(run: Run) -> list[str]:
    return [step["name"] for step in json.loads(run.report)["steps"]]


def test_prepare__the_first_commit(arena: Arena) -> None:
    """It has the licence and our mark, no attachment, and Pages is on; the round comes on top."""
    request, folder = arena.request("prepared"), arena.new_folder()
    [prepared] = in_steps(arena, request, folder, "prepare")
    assert prepared.code == 0
    begun = arena.published(request)
    assert begun.files.keys() == {"LICENSE", ".nojekyll", MARK}
    assert begun.build_ids == []
    assert json.loads(prepared.report)["pages_url"].endswith("/tds-project1-prepared/")
    later = in_steps(arena, request, folder, "generate", "publish", "notify")
    assert [run.code for run in later] == [0, 0, 0]
    assert steps(later[-1])[0] == "prepare"
    arena.assert_delivered(request)
    published = arena.published(request)
    assert begun.head in published.history
    assert MARK not in published.files


def test_prepare__a_token_that_is_no_good(arena: Arena) -> None:
    """It is answered before a model is asked for anything."""
    request = arena.request("prepared-in-vain")
    run = arena.run(request, environ={"BUILDER_TOKEN": "ghp_expired"})
    assert run.code == 1
    (told,) = arena.answers(request)
    assert told.body["error"].startswith("prepare: ")
    assert "401" in told.body["error"]
    assert steps(run) == ["prepare", "notify"]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("POST /api/v3/user/repos", DOWN),
        ("POST .*/git-receive-pack", DOWN),
        ("POST .*/pages$", DENIED),
    ],
)
def test_prepare__what_can_wait(arena: Arena, call: str, fault: Fault) -> None:
    """An outage, or Pages that is refused, is noted at once, and does not keep the site back."""
    request, folder = arena.request(f"prepared-{len(call)}"), arena.new_folder()
    rule = arena.github.on(call, fault, times=None)
    [prepared] = in_steps(arena, request, folder, "prepare")
    assert prepared.code == 0
    assert rule.seen > 0
    assert json.loads(prepared.report)["notes"]
    assert prepared.seconds <= 65
    arena.all_goes_well()
    later = in_steps(arena, request, folder, "generate", "publish", "notify")
    assert [run.code for run in later] == [0, 0, 0]
    arena.assert_delivered(request)


def test_generate__begins_anew_in_the_folder_of_another_task(arena: Arena) -> None:
    """What prepare left for one request is not taken for another one's."""
    folder = arena.new_folder()
    first, second = arena.request("prepared-first"), arena.request("prepared-second")
    in_steps(arena, first, folder, "prepare")
    [generated] = in_steps(arena, second, folder, "generate")
    assert json.loads(generated.report)["task"] == "prepared-second"
    assert "prepare" not in steps(generated)


def test_generate__an_event_that_cannot_be_read(arena: Arena) -> None:
    """Nobody is answered in the name of a task that an earlier run left in the folder."""
    request, folder = arena.request("left-behind"), arena.new_folder()
    in_steps(arena, request, folder, "generate")
    broken = folder / "broken.json"
    broken.write_text("{")

    def unreadable(*_: object) -> list[str]:
        return ["--event", str(broken)]

    failed = arena.run(request, unreadable, command="generate", folder=folder)
    assert failed.code == 1
    told = arena.run(request, unreadable, command="notify", folder=folder)
    assert told.code == 1
    assert arena.answers(request) == []
