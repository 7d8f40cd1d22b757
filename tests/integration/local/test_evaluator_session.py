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
from local.cdn import NODE_MODULES, CdnFiles
from local.checks import PageChecks
from local.evaluator.callbacks import Ledger, create_app
from local.evaluator.delivery import clone
from local.evaluator.score import RoundScore, RowOutcome
from local.evaluator.session import Session
from local.hub.options import FIRST_PUBLICATION
from local.server import serve
from tests.integration.local.conftest import Publish, World

CHECK = "document.querySelector('#sum').textContent === '3'"
WIRE: dict[str, Any] = {
    "email": "eve@example.com",
    "task": "t-1",
    "round": 1,
    "nonce": "nonce-4711",
    "brief": "A page.",
    "checks": ["Looks nice", {"js": CHECK}],
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
Deliver = Callable[[dict[str, bytes]], dict[str, Any]]


@dataclass
class ScriptedReceiver:
    """Answers requests by a script and then calls back; `seen` holds what it was sent."""

    callback: dict[str, Any]
    statuses: list[int] = field(default_factory=lambda: [200])
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/handle_task", self._answer, methods=["POST"])])

    async def _answer(self, http: HttpRequest) -> Response:
        body = await http.json()
        self.seen.append(body)
        status = self.statuses.pop(0)
        told = BackgroundTask(self._call_back, body) if status == 200 else None
        headers = {"Retry-After": "0"}
        return JSONResponse({"error": "busy"}, status, headers=headers, background=told)

    def _call_back(self, body: dict[str, Any]) -> None:
        echo = {name: body[name] for name in ("email", "task", "round", "nonce")}
        httpx.post(body["evaluation_url"], json=echo | self.callback)


@pytest.fixture
def deliver(world: World, publish: Publish) -> Deliver:
    """Put files on Pages; return the callback that tells of them."""

    def run(files: dict[str, bytes]) -> dict[str, Any]:
        sha, at = publish(files), world.at
        world.clock.now += FIRST_PUBLICATION
        urls = {"repo_url": f"{at.server_url}/ada/app", "pages_url": f"{at.pages_url}/ada/app/"}
        return {"status": "success", "commit_sha": sha, **urls}

    return run


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., RoundScore]:
    """Play rounds against a scripted receiver, with one ledger."""
    ledger = Ledger()

    def run(script: ScriptedReceiver, **fields: Any) -> RoundScore:
        with ExitStack() as stack:
            receiver = stack.enter_context(serve(script.app))
            evaluator = stack.enter_context(serve(create_app(ledger)))
            request = Request.from_wire(
                WIRE | {"evaluation_url": f"{evaluator}/evaluation"} | fields
            )

            address, pages = f"{receiver}/handle_task", PageChecks(CdnFiles(NODE_MODULES), 3)
            session = Session(address, "s3cret", ledger, print, timeout=20, pages=pages)
            return asyncio.run(session.play(request, tmp_path / "shot.png"))

    return run


def failed(score: RoundScore) -> list[str]:
    return [row.check for row in score.rows if row.outcome is RowOutcome.FAILED]


def test_session__scores_two_rounds(
    play: Callable[..., RoundScore], deliver: Deliver, tmp_path: Path
) -> None:
    """A delivery that holds passes; checks and attachments of round 1 are looked at again."""
    told = deliver(FILES)
    script = ScriptedReceiver(told)
    score = play(script)
    assert failed(score) == []
    assert score.is_good
    assert script.seen[0]["secret"] == "s3cret"
    assert (score.repo_url, score.commit_sha) == (told["repo_url"], told["commit_sha"])
    assert (tmp_path / "shot.png").exists()
    body = "document.querySelector('#sum') === null"
    later = {"round": 2, "nonce": "nonce-4712", "checks": [{"js": body}], "attachments": []}
    score = play(ScriptedReceiver(told | {"verdict": "failing"}), **later)
    rows = {row.check: row for row in score.rows}
    assert rows[f"round 1: {CHECK}"].is_passed
    assert rows["round 1: data.csv arrives byte for byte"].is_passed
    assert rows["round 1: Looks nice"].outcome is RowOutcome.NOT_CHECKABLE
    assert failed(score) == ["The run's own verdict", body]
    opened_page = rows["The page was opened in a browser, by the evaluator"]
    assert opened_page.is_passed
    assert told["pages_url"] in opened_page.seen


def test_session__finds_what_is_wrong(play: Callable[..., RoundScore], deliver: Deliver) -> None:
    """A changed attachment, a missing licence, a leaked nonce and a wrong page each fail a row."""
    wrong = {"data.csv": b"a\n4\n", "LICENSE": b"all mine", "x.txt": b"for nonce-4711"}
    found = "\n".join(failed(play(ScriptedReceiver(deliver(FILES | wrong)))))
    for check in ("LICENSE", "data.csv", "No secret", "#sum"):
        assert check in found
    assert "head of main" not in found


def test_session__sends_again_and_tells_of_an_error(play: Callable[..., RoundScore]) -> None:
    """A busy receiver gets the request once more; an error form is a failed round with its reason,
    and so is an answer that is no 200."""
    error = {"status": "error", "error": "publish: no permission"}
    script = ScriptedReceiver(error, [503, 200])
    score = play(script)
    assert [row.outcome.value for row in score.rows] == ["passed", "failed", "not checkable"]
    assert "no permission" in score.rows[1].seen
    assert len(script.seen) == 2
    assert failed(play(ScriptedReceiver(error, [403]))) == ["The receiver accepts the request"]


def test_clone__knows_the_commit(deliver: Deliver, tmp_path: Path) -> None:
    """The bytes of the commit come out as they went in, whatever .gitattributes says."""
    files = FILES | {".gitattributes": b"* text eol=crlf\n"}
    app = deliver(files)
    found = clone(app["repo_url"], app["commit_sha"], tmp_path / "app")
    assert (dict(found.site), found.head) == (files, app["commit_sha"])
    (tmp_path / "other").mkdir()
    with pytest.raises(GitHubRefused):
        clone(app["repo_url"], "0" * 40, tmp_path / "other/app")


def test_command__evaluator_exits_by_the_score(deliver: Deliver, tmp_path: Path) -> None:
    """The command sends, checks, prints the table and writes JSON; its exit code is the score."""
    script = ScriptedReceiver(deliver(FILES))
    request, scores = tmp_path / "request.json", tmp_path / "scores.json"
    request.write_text(json.dumps(WIRE))
    with serve(script.app) as url:
        arguments = ["--receiver", f"{url}/handle_task", "--request", str(request), "--port", "0"]
        arguments += ["--json", str(scores), "--timeout", "30", "--fresh-nonce"]
        good = _command("evaluator", *arguments, TASK_SECRET="s3cret")
        unset = _command("evaluator", *arguments)
    assert good.returncode == 0, good.stdout + good.stderr
    assert json.loads(scores.read_text())[0]["totals"]["failed"] == 0
    assert script.seen[0]["nonce"] != WIRE["nonce"]
    assert "s3cret" not in good.stdout + good.stderr
    assert (unset.returncode, "TASK_SECRET" in unset.stderr) == (2, True)


def _command(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), **environ},
        cwd=root,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
