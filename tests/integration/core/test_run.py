"""The builder's command line against the local GitHub: what was pushed, served, and answered."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from builder.request import Request
from tests.integration.faults.arena import SECRET, TOKEN, Arena

ROOT = Path(__file__).resolve().parents[3]


def test_run__round_one_and_two(arena: Arena) -> None:
    """Each round is one commit whose bytes Pages serves, after a first one that prepares; round 2
    takes one push and no other write."""
    first = arena.request("rounds")
    assert arena.run(first).code == 0
    arena.assert_delivered(first)
    push = "git-receive-pack"
    assert writes(arena, "rounds") == ["repos", push, "pages", push]
    newer = {"name": "data.csv", "url": "data:text/csv,city,rain%0ABonn,2%0A"}
    second = arena.request("rounds", round=2, nonce="2", attachments=[newer])
    assert arena.run(second).code == 0
    arena.assert_delivered(second)
    assert writes(arena, "rounds")[4:] == [push]
    published = arena.published(second)
    assert published.build_ids == [second.build_id, first.build_id]
    assert published.files["data.csv"].endswith(b"Bonn,2\n")


def writes(arena: Arena, task: str) -> list[str]:
    """Return the last part of each call that writes, for a task's repository."""
    calls = [call for call in arena.hub.requests if call.method in {"POST", "PUT", "PATCH"}]
    ours = [call for call in calls if task in call.path or call.path.endswith("/user/repos")]
    return [call.path.rsplit("/", 1)[1] for call in ours if "upload-pack" not in call.path]


def test_run__another_nonce_replaces_the_site_on_top(arena: Arena) -> None:
    """A re-sent round 1 is a new commit whose parent is the old one."""
    first = arena.request("nonces")
    second = arena.request("nonces", nonce="other", brief="Page titled 'Other'.", attachments=[])
    assert [arena.run(request).code for request in (first, second)] == [0, 0]
    published = arena.published(second)
    assert published.build_ids == [second.build_id, first.build_id]
    assert "data.csv" not in published.files


def test_run__round_two_without_a_first(arena: Arena) -> None:
    """A round 2 whose round 1 was lost is built from its own brief."""
    request = arena.request("second-only", round=2)
    assert arena.run(request).code == 0
    arena.assert_delivered(request)


def test_run__somebody_elses_repository_is_left_alone(arena: Arena, tmp_path: Path) -> None:
    """A name clash is an error with the way out; nothing is pushed, the evaluator is told."""
    (tmp_path / "precious.txt").write_text("mine")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    arena.hub.add_repository("ada/tds-project1-theirs", source=tmp_path)
    request = arena.request("theirs")
    run = arena.run(request)
    assert run.code == 1
    assert "REPOSITORY_NAME" in run.printed
    (told,) = arena.answers(request)
    assert "not made by briefship" in told.body["error"]
    assert "repo_url" not in told.body
    published = arena.published(request)
    assert list(published.files) == ["precious.txt"]


@pytest.mark.parametrize(
    ("name", "url", "words"),
    [
        ("../x", "data:,x", "cannot be a file of the site"),
        (".git/config", "data:,x", "cannot be a file of the site"),
        (".builder/rounds/1.json", "data:,{}", "cannot be a file of the site"),
        ("a.png", "data:image/png;base64,%%%", "cannot be decoded"),
    ],
)
def test_run__an_unusable_attachment_is_answered(
    arena: Arena, name: str, url: str, words: str
) -> None:
    """What cannot be built is told to the evaluator, and nothing is published."""
    request = arena.request(f"unusable-{len(name)}", attachments=[{"name": name, "url": url}])
    assert arena.run(request).code == 1
    (told,) = arena.answers(request)
    assert words in told.body["error"]
    assert not arena.has_published(request)


def test_run__missing_settings(arena: Arena) -> None:
    """Without a token the exit code is 2, the variable is named, the evaluator is told."""
    request = arena.request("no-token")
    run = arena.run(request, environ={"BUILDER_TOKEN": ""})
    assert run.code == 2
    (told,) = arena.answers(request)
    assert "BUILDER_TOKEN" in told.body["error"]
    assert "BUILDER_TOKEN" in run.printed


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "cannot be read"), ("", "is not JSON"), ("[]", "request is not valid")],
)
def test_run__no_task_is_explained(arena: Arena, text: str | None, words: str) -> None:
    """A file without a request is a known failure, and nobody is answered."""

    def source(_: Request, folder: Path) -> list[str]:
        if text is not None:
            (folder / "request.json").write_text(text)
        return ["--request", str(folder / "request.json")]

    before = len(arena.ledger.entries)
    run = arena.run(arena.request("none"), source)
    assert run.code == 1
    assert words in run.printed
    assert "Traceback" not in run.printed
    assert len(arena.ledger.entries) == before


def test_run__the_steps_of_a_runner_with_unusable_settings(arena: Arena) -> None:
    """Defaults are used, each variable is warned of, and the answer's verdict names all of them.

    The verdict is the last thing in the log; email and nonce are masked before anything else.
    """
    wrong = {"DEADLINE_SECONDS": "10 min", "REPAIRS": "many", "CALL_SECONDS": "-1"}
    request, folder = arena.request("unusable-settings"), arena.new_folder()
    told = ""
    for command in ("generate", "publish", "notify"):
        environ = {"GITHUB_ACTIONS": "true", **wrong}
        run = arena.run(request, command=command, folder=folder, environ=environ)
        assert run.code == 0, run.printed
        told = "\n".join([told, run.summary, run.report, run.printed])
    (answer,) = arena.answers(request)
    assert answer.body["status"] == "success"
    reasons = answer.body["verdict_reasons"]
    unusable = [reason for reason in reasons if "cannot be used" in reason]
    assert [reason.split()[0] for reason in unusable] == list(wrong)
    for name in wrong:
        assert f"::warning title=briefship::{name} cannot be used" in told
    lines = told.splitlines()
    assert lines[-len(reasons) - 1 :] == [
        f"Verdict: {answer.body['verdict']}",
        *(f"- {reason}" for reason in reasons),
    ]
    visible = "\n".join(line for line in lines if not line.startswith("::add-mask::"))
    for private in (request.email, request.nonce, TOKEN, SECRET):
        assert private not in visible


def test_run__our_own_token_is_never_published(arena: Arena) -> None:
    """A token of ours in an attachment or the brief is cut out of the commit, and that is told."""
    encoded = base64.b64encode(f"x:{TOKEN}".encode()).decode()
    leaked = {"name": "notes.txt", "url": f"data:text/plain,plain%20{TOKEN}%20coded%20{encoded}"}
    request = arena.request("leak", brief=f"{TOKEN} Show notes.", attachments=[leaked])
    folder = arena.new_folder()
    # As in the workflow, where generating does not know the token.
    without = {"BUILDER_TOKEN": ""}
    assert arena.run(request, command="generate", folder=folder, environ=without).code == 0
    run = arena.run(request, command="publish", folder=folder)
    published = arena.published(request)
    assert b"[removed]" in published.files["notes.txt"]
    assert TOKEN not in published.history
    assert encoded[8:40] not in published.history
    notes = json.loads(run.report)["notes"]
    assert any("notes.txt: the value of BUILDER_TOKEN" in note for note in notes)


def test_help__of_a_command() -> None:
    """The program is started as a module, and explains itself."""
    command = [sys.executable, "-m", "builder", "generate", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "usage: python -m builder generate" in shown.stdout
