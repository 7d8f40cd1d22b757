"""An evaluation from the request to the score: real receiver process apart, all of it is real."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from builder.errors import GitHubRefused
from builder.request import Request
from local.evaluator.callbacks import Ledger, create_app
from local.evaluator.delivery import clone
from local.evaluator.score import RoundScore, RowOutcome
from local.evaluator.session import opened
from local.server import serve
from tests.integration.local.conftest import PAGES_DELAY, World

WIRE: dict[str, Any] = {
    "email": "eve@example.com",
    "task": "t-1",
    "round": 1,
    "nonce": "nonce-4711",
    "brief": "A page.",
    "checks": [
        "Repo has MIT license",
        "Looks nice",
        {"js": "document.querySelector('#sum').textContent === '3'"},
    ],
    "evaluation_url": "http://127.0.0.1:1/evaluation",
    "attachments": [{"name": "data.csv", "url": "data:text/csv,a%0A3%0A"}],
}
FILES = {
    "index.html": b"<p id=sum></p><script>fetch('data.csv').then(r => r.text())"
    b".then(t => { document.querySelector('#sum').textContent = t.split('\\n')[1] })</script>",
    "README.md": b"# T\n## Summary\n## Setup\n## Usage\n## Code\n## Licence\n",
    "LICENSE": b"MIT License\nPermission is hereby granted",
    ".nojekyll": b"",
    "data.csv": b"a\n3\n",
}


@dataclass
class Published:
    """A repository on the local GitHub that Pages serves."""

    repo_url: str
    commit_sha: str
    pages_url: str


Publish = Callable[[dict[str, bytes]], Published]


@dataclass
class ScriptedReceiver:
    """Answers requests by a script and then calls back; `seen` holds what it was sent."""

    statuses: list[int] = field(default_factory=lambda: [200])
    callback: dict[str, Any] | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, http: HttpRequest) -> Response:
        body = await http.json()
        self.seen.append(body)
        status = self.statuses.pop(0)
        told = BackgroundTask(self._call_back, body) if status == 200 else None
        headers = {"Retry-After": "0"}
        return JSONResponse({"error": "busy"}, status, headers=headers, background=told)

    def _call_back(self, body: dict[str, Any]) -> None:
        if self.callback is not None:
            echo = {name: body[name] for name in ("email", "task", "round", "nonce")}
            httpx.post(body["evaluation_url"], json=echo | self.callback)


@pytest.fixture
def publish(world: World) -> Publish:
    def run(files: dict[str, bytes]) -> Published:
        world.hub.add_repository("ada/t-1")
        sha = world.push("ada/t-1", files)
        with world.client() as api:
            source = {"build_type": "legacy", "source": {"branch": "main", "path": "/"}}
            api.post("/repos/ada/t-1/pages", json=source).raise_for_status()
        world.clock.now += PAGES_DELAY
        return Published(f"{world.at.server_url}/ada/t-1", sha, f"{world.at.pages_url}/ada/t-1/")

    return run


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., RoundScore]:
    """Play rounds against a scripted receiver, with one ledger."""
    ledger = Ledger()

    def run(script: ScriptedReceiver, *, timeout: float = 20.0, **fields: Any) -> RoundScore:
        app = Starlette(routes=[Route("/handle_task", script.answer, methods=["POST"])])
        with ExitStack() as stack:
            receiver = stack.enter_context(serve(app))
            evaluator = stack.enter_context(serve(create_app(ledger)))
            request = Request.from_wire(
                WIRE | {"evaluation_url": f"{evaluator}/evaluation"} | fields
            )

            async def session() -> RoundScore:
                async with opened(
                    f"{receiver}/handle_task", "s3cret", ledger, print, timeout=timeout, patience=3
                ) as opening:
                    return await opening.play(request, tmp_path / "shot.png")

            return asyncio.run(session())

    return run


def failed(score: RoundScore) -> list[str]:
    return [row.check for row in score.rows if row.outcome is RowOutcome.FAILED]


def test_session__scores_a_good_delivery(
    play: Callable[..., RoundScore], publish: Publish, tmp_path: Path
) -> None:
    """A delivery that holds passes every row; a check in plain words stays open."""
    app = publish(FILES)
    script = ScriptedReceiver(callback=vars(app) | {"status": "success"})
    score = play(script)
    assert failed(score) == []
    assert score.is_good
    assert {row.check: row.outcome.value for row in score.rows if row.check in WIRE["checks"]} == {
        "Repo has MIT license": "passed",
        "Looks nice": "not checkable",
    }
    assert script.seen[0]["secret"] == "s3cret"
    assert (score.repo_url, score.commit_sha) == (app.repo_url, app.commit_sha)
    assert (tmp_path / "shot.png").exists()


def test_session__finds_what_is_wrong(play: Callable[..., RoundScore], publish: Publish) -> None:
    """A changed attachment, a missing licence, a leaked nonce and a wrong page each fail a row."""
    app = publish(
        FILES | {"data.csv": b"a\n4\n", "LICENSE": b"all mine", "x.txt": b"for nonce-4711"}
    )
    score = play(ScriptedReceiver(callback=vars(app) | {"status": "success"}))
    found = "\n".join(failed(score))
    for check in ("LICENSE", "Repo has MIT license", "data.csv", "No secret", "#sum"):
        assert check in found
    assert "head of main" not in found


def test_session__checks_earlier_rounds_again(
    play: Callable[..., RoundScore], publish: Publish
) -> None:
    """Checks and attachments of round 1 are looked at in round 2; its own verdict is shown."""
    app = publish(FILES)
    told = vars(app) | {"status": "success", "verdict": "verified"}
    assert play(ScriptedReceiver(callback=told)).is_good
    body = "document.querySelector('#sum') === null"
    later = {"round": 2, "nonce": "nonce-4712", "checks": [{"js": body}], "attachments": []}
    told = vars(app) | {"status": "success", "verdict": "failing"}
    score = play(ScriptedReceiver(callback=told), **later)
    rows = {row.check: row for row in score.rows}
    assert rows["round 1: document.querySelector('#sum').textContent === '3'"].is_passed
    assert rows["round 1: data.csv arrives byte for byte"].is_passed
    assert rows["round 1: Repo has MIT license"].is_passed
    assert failed(score) == ["The run's own verdict", body]
    assert score.verdict == "failing"
    opened = rows["The page was opened in a browser, by the evaluator"]
    assert opened.is_passed
    assert app.pages_url in opened.seen


def test_session__tells_of_an_error_callback(play: Callable[..., RoundScore]) -> None:
    """An error form is an answer, and a failed round with its reason."""
    score = play(ScriptedReceiver(callback={"status": "error", "error": "publish: no permission"}))
    outcomes = [row.outcome.value for row in score.rows]
    assert outcomes == ["passed", "failed", "not checkable"]
    assert "no permission" in score.rows[1].seen


def test_session__sends_again_after_503(play: Callable[..., RoundScore]) -> None:
    """A receiver that is busy for a moment gets the request once more."""
    script = ScriptedReceiver([503, 200], callback={"status": "error", "error": "x"})
    assert play(script).rows[0].is_passed
    assert len(script.seen) == 2


def test_clone__knows_the_commit(publish: Publish, tmp_path: Path) -> None:
    """The bytes of the commit come out as they went in, whatever .gitattributes says."""
    files = FILES | {".gitattributes": b"* text eol=crlf\n"}
    app = publish(files)
    found = clone(app.repo_url, app.commit_sha, tmp_path / "app")
    assert dict(found.site) == files
    assert found.head == app.commit_sha
    (tmp_path / "other").mkdir()
    with pytest.raises(GitHubRefused):
        clone(app.repo_url, "0" * 40, tmp_path / "other/app")


def test_command__evaluator_exits_by_the_score(publish: Publish, tmp_path: Path) -> None:
    """The command sends, checks, prints the table and writes JSON; its exit code is the score."""
    app = publish(FILES)
    script = ScriptedReceiver([200, 403], callback=vars(app) | {"status": "success"})
    request, scores = tmp_path / "request.json", tmp_path / "scores.json"
    request.write_text(json.dumps(WIRE))
    routes = [Route("/handle_task", script.answer, methods=["POST"])]
    with serve(Starlette(routes=routes)) as url:
        arguments = ["--receiver", f"{url}/handle_task", "--request", str(request), "--port", "0"]
        arguments += ["--json", str(scores), "--timeout", "30"]
        good = _command("evaluator", *arguments, "--fresh-nonce", TASK_SECRET="s3cret")
        totals = json.loads(scores.read_text())[0]["totals"]
        refused = _command("evaluator", *arguments, TASK_SECRET="s3cret")
        unset = _command("evaluator", *arguments)
    assert good.returncode == 0, good.stdout + good.stderr
    assert totals["failed"] == 0
    assert script.seen[0]["nonce"] != script.seen[1]["nonce"] == WIRE["nonce"]
    assert "s3cret" not in good.stdout + good.stderr
    assert refused.returncode == 1
    assert (unset.returncode, "TASK_SECRET" in unset.stderr) == (2, True)


def _command(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3]), **environ},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
