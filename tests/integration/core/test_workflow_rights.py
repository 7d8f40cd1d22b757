"""Whether the token may write workflow files: known in the first minute, told from the start."""

import json
import subprocess
from typing import Any

import pytest

from builder.verdict import Verdict
from local.hub.records import Permissions
from local.model import ScriptedModel
from local.script import Answer
from local.server import serve
from tests.integration.faults.arena import ALL, TOKEN, Arena

FLOW = ".github/workflows/ci.yml"
BRIEF = "Show the rain, and add a GitHub Actions workflow that lints."
MAY: Permissions = {**ALL, "workflows": "write"}
REPLY = f"""<file path="index.html">
<!doctype html><html lang="en"><title>Rain</title><h1>Rain</h1></html>
</file>
<file path="{FLOW}">
on: push
jobs: {{lint: {{runs-on: ubuntu-latest, steps: [{{run: ls}}]}}}}
</file>
"""
READING = {
    "requirements": [{"kind": "file wanted", "path": ".github/workflows/", "quote": "a workflow"}]
}


def pushes(arena: Arena, task: str) -> int:
    """Count them: the first commit, the probe, its deletion if it was let in, the site."""
    paths = [call.path for call in arena.hub.requests if call.method == "POST"]
    return sum(path.endswith(f"{task}.git/git-receive-pack") for path in paths)


def branches(arena: Arena, task: str) -> list[str]:
    url = f"{arena.at.server_url}/ada/tds-project1-{task}.git"
    listed = subprocess.run(
        ["git", "ls-remote", "--refs", url], capture_output=True, text=True, check=True
    )
    return [line.split("\t")[1] for line in listed.stdout.splitlines()]


@pytest.mark.parametrize(
    ("rights", "scopes", "brief", "missing", "pushed"),
    [
        (ALL, (), BRIEF, "BUILDER_TOKEN lacks Workflows: write", 2),
        (MAY, (), BRIEF, None, 3),
        (ALL, (), "Show the rain.", None, 1),
        (ALL, ("repo",), "Show the rain.", "BUILDER_TOKEN lacks the scope workflow", 1),
        (MAY, ("repo", "workflow"), BRIEF, None, 1),
    ],
)
def test_prepare__the_right_to_write_workflows(
    arena: Arena,
    rights: Permissions,
    scopes: tuple[str, ...],
    brief: str,
    missing: str | None,
    pushed: int,
) -> None:
    """A classic token tells by its scopes, any other by a push to a branch that is gone at once,
    which is tried only if the request may ask for a workflow."""
    task = f"rights-{len(rights)}-{len(scopes)}-{len(brief)}"
    token = f"token-{task}"
    arena.hub.add_token(token, "ada", rights, scopes=scopes)
    request = arena.request(task, brief=brief)
    run = arena.run(request, command="prepare", environ={"BUILDER_TOKEN": token})
    assert run.code == 0
    report = json.loads(run.report)
    assert report["no_workflows"] == missing
    assert pushes(arena, task) == pushed
    assert branches(arena, task) == ["refs/heads/main"]
    assert FLOW not in arena.published(request).files
    assert report["left_out"] == report["notes"] == []


@pytest.mark.parametrize("later", [False, True])
def test_run__without_the_right(arena: Arena, *, later: bool) -> None:
    """The model is told, the workflow that it sends is left out, and no push is refused for it."""
    task = f"no-right-{later:d}"
    if later:
        assert arena.run(arena.request(task)).code == 0
    fields: dict[str, Any] = {"round": 2, "nonce": "2"} if later else {}
    request = arena.request(task, brief=f"{BRIEF} It is a workflow.", **fields)
    before = pushes(arena, task)
    model = ScriptedModel(REPLY, reading=Answer(json.dumps(READING)))
    with serve(model) as url:
        environ = {"MODELS": "m", "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": TOKEN[:9]}
        run = arena.run(request, environ=environ)
    assert run.code == 0, run.printed
    arena.assert_delivered(request)
    asked = str(model.requests[0]["messages"])
    assert "cannot be delivered here (BUILDER_TOKEN lacks Workflows: write)" in asked
    assert "How a workflow must work" not in asked
    assert pushes(arena, task) - before == 3 - later
    assert FLOW not in arena.published(request).files
    report = json.loads(run.report)
    assert report["left_out"] == [".github/workflows/", FLOW]
    assert "Workflows: write (classic" in run.summary
    assert report["verdict"] == Verdict.PARTLY_VERIFIED
    assert any(FLOW in reason for reason in report["verdict_reasons"])
