"""GitHub's rules refuse a push: the cause is answered, what stands stays, and the way is free."""

import random
import string

import pytest

from builder.request import Request
from local.faults import Fault
from tests.integration.faults.arena import Arena
from tests.integration.faults.matrix import DEADLINE

DRAWN = random.Random(4711)  # noqa: S311 - no secret: what stands for one is put together here
SECRET = "npm_" + "".join(DRAWN.choices(string.ascii_letters + string.digits, k=36))
FLOW = ".github/workflows/check.yml"


def with_file(arena: Arena, task: str, name: str, text: str, **fields: object) -> Request:
    attachments = [{"name": name, "url": f"data:,{text}"}]
    return arena.request(task, attachments=attachments, **fields)


def refused(arena: Arena, request: Request, *causes: str) -> None:
    """Run `request` and see that each cause is answered and summed up."""
    run = arena.run(request)
    assert run.code == 1
    (told,) = arena.answers(request)
    for cause in causes:
        assert cause in told.body["error"]
        assert cause in run.summary.replace("\\", "")
    assert SECRET not in told.body["error"] + run.told


def test_refused__a_secret_in_the_first_round(arena: Arena) -> None:
    """Push protection (GH013) leaves nothing behind, and the corrected request is delivered."""
    task = "refused-secret"
    wrong = with_file(arena, task, "keys.txt", SECRET)
    refused(arena, wrong, "GH013", "npm Access Token in keys.txt")
    assert not arena.has_published(wrong)
    corrected = with_file(arena, task, "keys.txt", "none", nonce="corrected")
    assert arena.run(corrected).code == 0
    arena.assert_delivered(corrected)


def test_refused__a_secret_in_the_second_round(arena: Arena) -> None:
    """The first round stands and is served; neither its answer nor its commit changes."""
    task = "refused-secret-later"
    first = arena.request(task)
    assert arena.run(first).code == 0
    wrong = with_file(arena, task, "keys.txt", SECRET, round=2, nonce="wrong")
    refused(arena, wrong, "npm Access Token in keys.txt")
    arena.assert_delivered(first)
    corrected = arena.request(task, round=2, nonce="corrected")
    assert arena.run(corrected).code == 0
    arena.assert_delivered(corrected)


@pytest.mark.parametrize("brief", [f"Add {FLOW} as attached.", 'Title "Snow".'])
def test_refused__a_workflow(arena: Arena, brief: str) -> None:
    """The second round is delivered without it, asked for or not; answer and summary say so."""
    task = f"refused-workflow-{len(brief)}"
    assert arena.run(arena.request(task)).code == 0
    second = with_file(arena, task, FLOW, "on: push", round=2, nonce="2", brief=brief)
    run = arena.run(second)
    assert run.code == 0, run.printed
    arena.assert_delivered(second)
    (told,) = arena.answers(second)
    assert any(FLOW in reason for reason in told.body["verdict_reasons"])
    assert "Workflows: write" in run.summary
    published = arena.published(second)
    assert FLOW not in published.files


def test_refused__pages_that_stays_behind(arena: Arena) -> None:
    """A commit that is pushed and not live when the time is up is a success, told as not live."""
    request = arena.request("behind")
    arena.github.on("GET /pages/", Fault.answer(404, b"not yet"), times=None)
    run = arena.run(request)
    assert run.code == 0, run.printed
    assert run.seconds <= DEADLINE
    (told,) = arena.answers(request)
    published = arena.published(request)
    assert told.body["status"] == "success"
    assert told.body["commit_sha"] == published.head
    assert told.body["pages_url"].endswith("/tds-project1-behind/")
    assert told.body["pages_status"].startswith("not live yet: ")
    assert "status 404" in told.body["pages_status"]
    assert f"Pages: {told.body['pages_status']}" in told.body["verdict_reasons"]
    arena.all_goes_well()
    assert arena.run(request).code == 0
    arena.assert_delivered(request, after=1)
    assert arena.answers(request)[1].body["pages_status"] == "live"
