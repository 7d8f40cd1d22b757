"""The same request once more: what is final stays, a fallback or a failing site is improved."""

import json
from pathlib import Path

import pytest

from tests.integration.faults.arena import Arena
from tests.integration.faults.running import Published

GOOD = '<file path="index.html">\n<!doctype html><title>Rain</title><h1>{}</h1>\n</file>\n'
FAILING = GOOD.format('<img src="missing.png" alt="">')
PARTLY = "partly verified"


class Task:
    """A task that is run again and again; `answers` and `commits` are in the order they came."""

    def __init__(self, arena: Arena, name: str) -> None:
        self.arena = arena
        self.fields = {"task": name}
        self.request = arena.request(name)

    def run(self, reply: str = "", *options: str, force: bool = False) -> None:
        """Run the builder with the reply of a model, or without a model."""
        if reply:
            file = self.arena.new_folder() / "reply.md"
            file.write_text(reply)
            options = ("--reply", str(file), *options)
        environ = {"REPAIRS": "0", "FORCE": str(force).lower()}
        run = self.arena.run(self.request, options=options, environ=environ)
        assert run.code == 0, run.printed

    def next_round(self, **fields: object) -> None:
        number = self.request.round + 1
        task = self.fields["task"]
        self.request = self.arena.request(task, round=number, nonce=f"n-{number}", **fields)

    @property
    def answers(self) -> list[dict[str, object]]:
        return [entry.body for entry in self.arena.answers(self.request)]

    @property
    def published(self) -> Published:
        published = self.arena.published(self.request)
        assert published is not None
        return published

    @property
    def commits(self) -> list[str]:
        return [sha for sha, _ in reversed(self.published.commits)]


def test_again__a_model_improves_on_a_fallback(arena: Arena) -> None:
    """Once a model answers, its site replaces the fallback, and then stays."""
    task = Task(arena, "improved")
    for reply in ("", GOOD.format("By a model"), GOOD.format("Another")):
        task.run(reply)
    fallback, improved, standing = task.answers
    assert fallback["verdict"] == "fallback"
    assert "No model is set" in str(fallback["verdict_reasons"])
    assert improved["verdict"] == PARTLY
    assert standing == improved
    assert task.commits == [fallback["commit_sha"], improved["commit_sha"]]
    assert b"By a model" in task.published.files["index.html"]


def test_again__another_fallback_is_no_better(arena: Arena) -> None:
    """Without a model nothing is pushed, and the answer is the same."""
    task = Task(arena, "no-better")
    task.run()
    task.run()
    first, second = task.answers
    assert first == second
    assert task.commits == [first["commit_sha"]]


def test_again__a_failing_site_is_improved(arena: Arena) -> None:
    """A site that fails is replaced by one that does not; another that fails is not taken."""
    task = Task(arena, "mended")
    for reply in (FAILING, FAILING, GOOD.format("Mended")):
        task.run(reply)
    failing, same, mended = task.answers
    assert failing["verdict"] == "failing"
    assert "missing.png" in str(failing["verdict_reasons"])
    assert same == failing
    assert mended["verdict"] == PARTLY
    assert task.commits == [failing["commit_sha"], mended["commit_sha"]]


def test_again__a_later_round_starts_from_the_round_before(arena: Arena) -> None:
    """What replaces the fallback of round 2 builds on round 1, not on that fallback."""
    task = Task(arena, "later-round")
    task.run(GOOD.format("One") + '<file path="kept.txt">\nkept\n</file>\n')
    task.next_round(brief="Say two.", attachments=[{"name": "extra.txt", "url": "data:,extra"}])
    task.run()
    task.run(GOOD.format("Two"))
    assert [answer["verdict"] for answer in task.answers] == ["fallback", PARTLY]
    assert len(task.commits) == 3
    files = task.published.files
    assert b"Two" in files["index.html"]
    assert {"kept.txt", "extra.txt"} <= set(files)
    note = json.loads(files[".builder/rounds/2.json"])
    assert note["judgement"]["verdict"] == PARTLY


def test_again__what_others_have_built_on_stays(arena: Arena) -> None:
    """A fallback of round 1 is final once round 2 stands on it."""
    task = Task(arena, "built-on")
    first = task.request
    task.run()
    task.next_round()
    task.run()
    before, task.request = task.commits, first
    task.run(GOOD.format("Late"))
    assert task.commits == before
    assert task.answers[-1]["commit_sha"] == before[0]


@pytest.mark.parametrize("by_variable", [False, True])
def test_again__force_builds_in_any_case(arena: Arena, by_variable: bool) -> None:
    """A commit that is final is replaced as well."""
    task = Task(arena, f"forced-{int(by_variable)}")
    task.run(GOOD.format("One"))
    if by_variable:
        task.run(GOOD.format("Two"), force=True)
    else:
        task.run(GOOD.format("Two"), "--force")
    assert len(task.commits) == 2
    assert b"Two" in task.published.files["index.html"]


def test_generate__a_reply_that_is_missing(arena: Arena, tmp_path: Path) -> None:
    """A file that does not exist is wrong usage, told before anything is done."""
    options = ("--reply", str(tmp_path / "none.md"))
    with pytest.raises(SystemExit) as raised:
        arena.run(arena.request("no-reply"), command="generate", folder=tmp_path, options=options)
    assert raised.value.code == 2
    assert not (tmp_path / "work").exists()
