"""The builder's command line against the local GitHub: what was pushed, served, and answered."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.core.machine import CSV, TOKEN, Machine

ROOT = Path(__file__).resolve().parents[3]


def test_run__round_one_and_two(machine: Machine) -> None:
    """Each round is one commit, Pages serves its bytes, and the echo is exact."""
    assert machine.run(machine.request()).returncode == 0
    newer = {"name": "data.csv", "url": CSV + "Bonn,2%0A"}
    second = machine.request(
        round=2, nonce="nonce-2", brief="Use new data.csv.", attachments=[newer]
    )
    assert machine.run(second).returncode == 0
    first, last = machine.answers
    assert first["status"] == last["status"] == "success"
    assert {key: last[key] for key in ("email", "task", "round", "nonce")} == {
        "email": "ada@example.com",
        "task": "rain",
        "round": 2,
        "nonce": "nonce-2",
    }
    assert machine.git("log", "--format=%H").split() == [last["commit_sha"], first["commit_sha"]]
    for path in machine.git("ls-files").split():
        if not path.startswith("."):
            served = httpx.get(last["pages_url"] + path, follow_redirects=True)
            assert served.content == (machine.folder / "asked" / path).read_bytes()
    assert (machine.folder / "asked" / "data.csv").read_bytes().endswith(b"Bonn,2\n")


def test_run__writes_few_times(machine: Machine) -> None:
    """Round 1 takes two REST writes and one push, round 2 one push and no write."""
    machine.run(machine.request())
    assert [call.rsplit("/", 1)[1] for call in machine.calls("POST", "PUT", "PATCH")] == [
        "repos",
        "git-upload-pack",
        "git-receive-pack",
        "pages",
    ]
    before = len(machine.hub.requests)
    machine.run(machine.request(round=2, nonce="2"))
    writes = [call for call in machine.hub.requests[before:] if call.method in {"POST", "PUT"}]
    assert [call.path.rsplit("/", 1)[1] for call in writes if "upload-pack" not in call.path] == [
        "git-receive-pack"
    ]


def test_run__the_same_request_twice(machine: Machine) -> None:
    """The second run makes no commit and answers with the first one's."""
    machine.run(machine.request())
    again = machine.run(machine.request(), work="elsewhere")
    assert again.returncode == 0
    first, second = machine.answers
    assert first == second
    assert machine.git("rev-list", "--count", "HEAD").strip() == "1"


def test_run__another_nonce_replaces_the_site_on_top(machine: Machine) -> None:
    """A re-sent round 1 is a new commit whose parent is the old one."""
    machine.run(machine.request())
    machine.run(machine.request(nonce="other", brief="Page titled 'Other'.", attachments=[]))
    shas = [answer["commit_sha"] for answer in machine.answers]
    assert machine.git("log", "--format=%H").split() == shas[::-1]
    assert "data.csv" not in machine.git("ls-files").split()


def test_run__round_two_without_a_first(machine: Machine) -> None:
    """A round 2 whose round 1 was lost is built from its own brief."""
    assert machine.run(machine.request(round=2)).returncode == 0
    assert machine.answers[0]["status"] == "success"


def test_run__somebody_elses_repository_is_left_alone(machine: Machine) -> None:
    """A name clash is an error with the way out; nothing is pushed, the evaluator is told."""
    source = machine.folder / "theirs"
    source.mkdir()
    (source / "precious.txt").write_text("mine")
    subprocess.run(["git", "init", "-q", str(source)], check=True)
    subprocess.run(["git", "-C", str(source), "add", "."], check=True)
    machine.hub.add_repository("ada/tds-project1-rain", source=source)
    done = machine.run(machine.request())
    assert done.returncode == 1
    assert "REPOSITORY_NAME" in done.stdout
    assert machine.answers[0]["status"] == "error"
    assert "not made by briefship" in machine.answers[0]["error"]
    assert machine.git("ls-files").split() == ["precious.txt"]


@pytest.mark.parametrize(
    ("attachment", "words"),
    [
        ({"name": "../x", "url": "data:,x"}, "cannot be a file of the site"),
        ({"name": ".git/config", "url": "data:,x"}, "cannot be a file of the site"),
        ({"name": "a.png", "url": "data:image/png;base64,%%%"}, "cannot be decoded"),
    ],
)
def test_run__an_unusable_attachment_is_answered(
    machine: Machine, attachment: dict[str, str], words: str
) -> None:
    """What cannot be built is told to the evaluator, and nothing is published."""
    done = machine.run(machine.request(attachments=[attachment]))
    assert done.returncode == 1
    assert words in machine.answers[0]["error"]
    assert machine.answers[0]["nonce"] == "nonce-4711"
    assert not machine.calls("POST")


def test_run__a_token_without_permission(machine: Machine) -> None:
    """The missing permission is named in the log, the summary and the answer."""
    machine.hub.add_token("weak-token-123", "ada", {"contents": "write"})
    done = machine.run(machine.request(), BUILDER_TOKEN="weak-token-123")
    assert done.returncode == 1
    summary = (machine.folder / "summary.md").read_text()
    assert "administration" in done.stdout.lower()
    assert "administration" in summary.lower()
    assert "Resource not accessible" in machine.answers[0]["error"]
    assert "weak-token-123" not in done.stdout + summary


def test_run__missing_settings(machine: Machine) -> None:
    """Without a token the exit code is 2, the variable is named, the evaluator is told."""
    done = machine.run(machine.request(), BUILDER_TOKEN="")
    assert done.returncode == 2
    assert "BUILDER_TOKEN" in done.stdout
    assert machine.answers[0]["status"] == "error"


@pytest.mark.parametrize("request_text", ["", "[]", '{"email": "x"}'])
def test_run__no_task_is_explained(machine: Machine, request_text: str) -> None:
    """A file without a request is a known failure, and nobody else is answered."""
    machine.run(machine.request())
    machine.evaluator.received.clear()
    done = machine.run(request_text)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    assert machine.answers == []


def test_run__stages_one_by_one_on_a_runner(machine: Machine) -> None:
    """The stages hand over by the work directory; email and nonce are masked first."""
    runner = {"GITHUB_ACTIONS": "true"}
    out = ""
    for stage in ("generate", "publish", "notify"):
        done = machine.run(machine.request(), stage, **runner)
        assert done.returncode == 0, done.stdout
        out += done.stdout
    assert machine.answers[0]["status"] == "success"
    lines = [line for line in out.splitlines() if "::add-mask::" not in line]
    assert "::group::Generate" in lines
    for private in ("ada@example.com", "nonce-4711", TOKEN, "the-shared-secret"):
        assert private not in "\n".join(lines)
        assert private not in (machine.folder / "work" / "report.json").read_text()
        assert private not in (machine.folder / "summary.md").read_text()


def test_run__our_own_token_is_never_published(machine: Machine) -> None:
    """A token of ours in an attachment or the brief is cut out of the commit, and that is told."""
    encoded = base64.b64encode(f"x:{TOKEN}".encode()).decode()
    leaked = {"name": "notes.txt", "url": f"data:text/plain,plain%20{TOKEN}%20coded%20{encoded}"}
    request = machine.request(brief=f"{TOKEN} Show notes.", attachments=[leaked])
    # As in the workflow, where generating does not know the token.
    assert machine.run(request, "generate", BUILDER_TOKEN="").returncode == 0
    assert machine.run(request, "publish").returncode == 0
    history = machine.git("log", "-p", "--format=fuller")
    assert "[removed]" in history
    assert TOKEN not in history
    assert encoded[8:40] not in history
    notes = json.loads((machine.folder / "work" / "report.json").read_text())["notes"]
    assert any("notes.txt: the value of BUILDER_TOKEN" in note for note in notes)


def test_run__as_a_process(machine: Machine) -> None:
    """`python -m builder run` needs nothing but its environment."""
    path = machine.folder / "request.json"
    path.write_text(json.dumps(machine.request()))
    done = subprocess.run(
        [sys.executable, "-m", "builder", "run", "--request", str(path)],
        cwd=machine.folder,
        env=machine.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (machine.folder / "work" / "report.json").exists()
    assert machine.answers[0]["status"] == "success"


def test_run__settings_that_cannot_be_used_lose_no_answer(machine: Machine) -> None:
    """Defaults are used, each variable is warned of, and the answer's verdict names all of them."""
    wrong = {"DEADLINE_SECONDS": "10 min", "REPAIRS": "many", "CALL_SECONDS": "-1"}
    printed = ""
    for stage in ("generate", "publish", "notify"):
        done = machine.run(machine.request(), stage, GITHUB_ACTIONS="true", **wrong)
        assert done.returncode == 0, done.stdout
        printed += done.stdout
    (answer,) = machine.answers
    assert answer["status"] == "success"
    told = [reason for reason in answer["verdict_reasons"] if "cannot be used" in reason]
    assert [reason.split()[0] for reason in told] == list(wrong)
    for name in wrong:
        assert f"::warning title=briefship::{name} cannot be used" in printed
    lines = printed.splitlines()
    assert lines[-len(answer["verdict_reasons"]) - 1] == f"Verdict: {answer['verdict']}"


@pytest.mark.parametrize("command", [[], ["generate"], ["publish"], ["notify"], ["run"]])
def test_help__everywhere(command: list[str]) -> None:
    """Every command explains itself."""
    done = subprocess.run(
        [sys.executable, "-m", "builder", *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "usage: python -m builder" in done.stdout
