"""The stages after the publication: a repair by the log of the app's own workflow."""

import json
from typing import Any

import pytest

from builder.repair import UNSEEN
from builder.request import Request
from local.faults import Fault
from local.model import ScriptedModel
from local.script import Answer
from local.server import serve
from tests.integration.faults.arena import Arena
from tests.integration.faults.running import Run

PAGE = '<file path="index.html">\n<!doctype html><title>Rain</title><h1>{}</h1>\n</file>\n'
LOG = "E501 line too long"
DOWN = Fault.answer(503, {"message": "Service Unavailable"})
REFUSED = Fault.answer(403, {"message": "Resource not accessible by personal access token"})


class World:
    """A published app, in a folder whose report says that the app's workflow has failed."""

    def __init__(self, arena: Arena, task: str, **report: Any) -> None:
        self.arena = arena
        self.folder = arena.new_folder()
        self.request = arena.request(task)
        self.model = ScriptedModel(PAGE.format("first"), PAGE.format("repaired"))
        self.step("prepare", "generate", "publish")
        path = self.folder / "work/report.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"workflow_log": LOG} | report))
        self.first = self.report["commit_sha"]

    @property
    def report(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "work/report.json").read_text())
        return told

    def step(self, *commands: str, **environ: str) -> Run:
        with serve(self.model) as url:
            model = {"MODELS": "m", "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "k-1234567"}
            for command in commands:
                run = self.arena.run(
                    self.request, command=command, folder=self.folder, environ=model | environ
                )
                assert run.code == 0, run.printed
        return run

    def answer(self) -> dict[str, Any]:
        """Answer the evaluator; return what was sent."""
        self.step("notify")
        (told,) = self.arena.answers(self.request)
        return dict(told.body)


def page(arena: Arena, request: Request) -> bytes:
    return arena.published(request).files["index.html"]


def test_repair__is_published_on_top(arena: Arena) -> None:
    """The model sees the log; its commit is the one that is reported and served, also when the
    step is run again after it was killed."""
    world = World(arena, "repaired")
    world.step("repair")
    assert LOG in str(world.model.requests[1]["messages"])
    assert world.report["commit_sha"] == world.first
    before = (world.folder / "work/report.json").read_bytes()
    world.step("republish")
    (world.folder / "work/report.json").write_bytes(before)
    world.step("republish")
    assert b"repaired" in page(arena, world.request)
    told = world.answer()
    published = arena.published(world.request)
    assert told["commit_sha"] == published.head != world.first
    assert published.build_ids == [world.request.build_id] * 2
    assert any("has repaired it by its log" in note for note in world.report["notes"])


def test_repair__that_cannot_be_pushed(arena: Arena) -> None:
    """The answer is a success with the first commit, whose report stays."""
    world = World(arena, "unpushed")
    world.step("repair")
    arena.github.on("POST .*/git-receive-pack", DOWN, times=None)
    world.step("republish")
    arena.all_goes_well()
    told = world.answer()
    assert (told["status"], told["commit_sha"]) == ("success", world.first)
    assert b"first" in page(arena, world.request)
    assert any("republish was given up" in note for note in world.report["notes"])
    assert world.report["workflow_log"] == LOG


def test_repair__that_nobody_sees_live(arena: Arena) -> None:
    """What fails after the push leaves the pushed commit in the answer, and it is not green."""
    world = World(arena, "unseen")
    world.step("repair")
    arena.github.on("GET /api/.*/pages$", REFUSED, times=None)
    world.step("republish")
    arena.all_goes_well()
    told = world.answer()
    assert (told["status"], told["commit_sha"]) == ("success", arena.published(world.request).head)
    assert told["commit_sha"] != world.first
    assert told["verdict"] == "partly verified"
    assert any(UNSEEN in reason for reason in told["verdict_reasons"])


def test_repair__whose_stage_was_killed_after_the_push(arena: Arena) -> None:
    """The answer tells of the commit that is pushed, though the stage could not hand it over."""
    world = World(arena, "killed")
    world.step("repair")
    before = (world.folder / "work/report.json").read_bytes()
    world.step("republish")
    (world.folder / "work/report.json").write_bytes(before)
    assert world.answer()["commit_sha"] == arena.published(world.request).head != world.first


def test_repair__with_a_silent_server_and_no_time(arena: Arena) -> None:
    """When the answer is due, no clone is waited for."""
    world = World(arena, "silent")
    arena.github.on("GET .*/info/refs.*", Fault("hang"), times=None)
    world.step("repair", "republish", DEADLINE_SECONDS="1")
    arena.all_goes_well()
    assert any("git clone took longer than" in note for note in world.report["notes"])


UNREPAIRED = "The app's own workflow failed, and"


@pytest.mark.parametrize(
    ("task", "report", "environ", "notes"),
    [
        ("nothing-failed", {"workflow_log": ""}, {}, []),
        ("fallback-failed", {"fallback_reason": "no model answered"}, {}, []),
        ("late", {}, {"DEADLINE_SECONDS": "200"}, [f"{UNREPAIRED} no time is left for a repair"]),
        ("no-model", {}, {"MODELS": ""}, [f"{UNREPAIRED} no model is set"]),
    ],
)
def test_repair__that_is_not_asked_for(
    arena: Arena, task: str, report: dict[str, Any], environ: dict[str, str], notes: list[str]
) -> None:
    """Without a failed workflow, a model or time no model is asked, and nothing is pushed."""
    world = World(arena, f"unasked-{task}", **report)
    world.step("repair", "republish", **environ)
    assert len(world.model.requests) == 1
    assert arena.published(world.request).head == world.first
    assert [note for note in world.report["notes"] if UNREPAIRED in note] == notes


def test_repair__that_breaks_the_page(arena: Arena) -> None:
    """A reply that makes something fail which held is not taken."""
    world = World(arena, "harmful")
    world.model = ScriptedModel(Answer('<file path="a.json">\n{\n</file>\n'))
    world.step("repair", "republish")
    assert len(world.model.requests) == 1
    assert arena.published(world.request).head == world.first
    assert any("no reply repaired it without harm" in note for note in world.report["notes"])
    assert not (world.folder / "work/repair").exists()
