"""`send`, `status`, `logs`, `rerun` against the local GitHub, its receiver and real runs."""

import json
from pathlib import Path

import httpx
import pytest

from builder.request import Request
from builder.rounds import Round
from builder.verdict import Judgement, Verdict
from tests.integration.command.conftest import REPORT, Desk, DeskOn
from tests.receiver_parts import REPOSITORY, submission

FAILING = "on: repository_dispatch\njobs: {j: {runs-on: ubuntu-24.04, steps: [{run: exit 1}]}}"
APP = "tds-project1-sum-of-rain"


@pytest.fixture
def request_file(desk: Desk) -> Path:
    file = desk.folder / "request.json"
    file.write_text(json.dumps(submission(secret=None)))
    return file


def keep_round(desk: Desk, **fields: object) -> None:
    """Put what a run notes of its round into the app repository."""
    request = Request.from_wire(submission(**fields))
    noted = Round.of(request, judgement=Judgement(verdict=Verdict.VERIFIED, reasons=()))
    desk.hub.add_repository(f"ada/{APP}")
    desk.world.push(f"ada/{APP}", {noted.path: noted.to_json().encode()})


def test_command__one_build_from_send_to_rerun(desk: Desk, request_file: Path) -> None:
    """A build is sent, found by build id, task and run id, told with its report, and run again
    with the same event; `--force` reaches the run as debug logging."""
    sent = desk("send", str(request_file), "--json")
    assert sent.code == 0, sent.err
    build = sent.json["id"]
    desk.wait()
    (run,) = desk.hub.runs(REPOSITORY)
    for name in (build, "sum-of-rain", str(run.id)):
        found = desk("status", name, "--json")
        assert (found.code, found.json["run"], found.json["build"]) == (0, run.id, build)
        assert found.json["stages"] == {"install": 6.1, "generate": 61.0}
        for key in ("verdict", "verdict_reasons", "pages_url", "commit_sha"):
            assert found.json[key] == REPORT[key]
    shown = desk("status", build).out
    assert "install 6 s, generate 61 s" in shown
    assert "\033" not in shown
    again = desk("rerun", build, "--force", "--json")
    assert (again.code, again.json["attempt"]) == (0, 2)
    desk.wait()
    assert "attempt 2, debug 1" in desk("logs", build).out
    assert desk("rerun", build).code == 0
    desk.wait()
    assert "attempt 3, debug off" in desk("logs", build).out
    # What `status` counts from.
    assert run.started_at > run.created_at


def test_status__the_newest_runs_with_what_the_apps_say(desk: Desk, request_file: Path) -> None:
    """The table has each run with task and round; the verdict is that of the same build alone."""
    assert desk("status").out.startswith("no runs yet")
    assert desk("status", "--json").json == []
    keep_round(desk)
    for arguments in ((), ("--fresh-nonce",)):
        assert desk("send", str(request_file), *arguments).code == 0
        desk.wait()
    other, known = desk("status", "--json").json
    assert (known["task"], known["round"], known["state"]) == ("sum-of-rain", 1, "success")
    assert (known["verdict"], other["verdict"]) == ("verified", "")
    header, *rows = desk("status").out.splitlines()
    assert header.split()[:4] == ["run", "task", "round", "state"]
    assert [row.split()[4] for row in rows] == ["-", "verified"]
    assert all(httpx.get(row.split()[-1]).status_code == 200 for row in rows)


def test_status__a_run_that_failed(desk_on: DeskOn) -> None:
    """Watching a run that fails ends with 1; without a report its state is told all the same."""
    desk = desk_on(FAILING)
    file = desk.folder / "request.json"
    file.write_text(json.dumps(submission()))
    sent = desk("send", str(file), "--json").json
    desk.wait()
    watched = desk("status", sent["id"], "--watch", "--json")
    assert (watched.code, watched.json["state"], watched.json["verdict"]) == (1, "failure", "")


@pytest.mark.parametrize(
    ("arguments", "environ", "code", "said"),
    [
        (["status"], {"GH_TOKEN": ""}, 2, "Set GH_TOKEN"),
        (["status"], {"DISPATCH_REPOSITORY": ""}, 2, "Set DISPATCH_REPOSITORY=owner/name"),
        (["status"], {"GH_TOKEN": "wrong"}, 1, "GH_TOKEN is wrong or has expired"),
        (["status"], {"DISPATCH_REPOSITORY": "ada/no"}, 1, "GitHub hides the rest"),
        (["status"], {"GITHUB_API_URL": "http://127.0.0.1:9"}, 1, "did not answer GET"),
        (["logs", "nothing"], {}, 1, "is of 'nothing'"),
        (["send", "request.json"], {}, 1, "request.json cannot be read"),
        (["send", "{file}"], {"TASK_SECRET": ""}, 2, "Set TASK_SECRET"),
        (["send", "{file}"], {"TASK_SECRET": "guessed"}, 1, "answered 403, wrong_secret"),
        (["send", "{file}"], {"RECEIVER_URL": "http://127.0.0.1:9"}, 1, "briefship serve"),
        (["send", "{file}", "--to", "{hub}/"], {}, 1, "as no receiver does"),
    ],
)
def test_command__says_what_failed_and_what_to_do(
    desk: Desk,
    request_file: Path,
    arguments: list[str],
    environ: dict[str, str],
    code: int,
    said: str,
) -> None:
    """Each failure has its exit code, and one line with what to do."""
    words = [word.format(file=request_file, hub=desk.at.server_url) for word in arguments]
    called = desk(*words, **environ)
    assert (called.code, called.out) == (code, "")
    assert said in called.err
    assert called.err.count("\n") == 1


def test_rerun__a_token_that_may_not(desk: Desk, request_file: Path) -> None:
    """A refusal names the permission that the token lacks."""
    desk("send", str(request_file))
    desk.wait()
    called = desk("rerun", "sum-of-rain", GH_TOKEN="token-of-ada")
    assert called.code == 1
    assert "Give GH_TOKEN Actions: write" in called.err


def test_command__reads_dot_env(desk: Desk) -> None:
    """What stands in .env counts where the environment says nothing."""
    (desk.folder / ".env").write_text("DISPATCH_REPOSITORY=ada/briefship\nGH_TOKEN=another\n")
    assert desk("status", DISPATCH_REPOSITORY="").code == 0
    assert desk("status", GH_TOKEN="").code == 1
