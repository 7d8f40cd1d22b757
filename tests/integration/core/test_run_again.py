"""The same request once more: what is final stays, a fallback or a failing site is improved."""

import json
from pathlib import Path

import pytest

from tests.integration.core.machine import Machine

GOOD = '<file path="index.html">\n<!doctype html><title>Rain</title><h1>{}</h1>\n</file>\n'
FAILING = GOOD.format('<img src="missing.png" alt="">')


def reply(machine: Machine, text: str) -> tuple[str, str]:
    """Return the options by which a reply is taken from a file."""
    path = machine.folder / f"{len(list(machine.folder.glob('*.md')))}.md"
    path.write_text(text)
    return "--reply", str(path)


def commits(machine: Machine) -> list[str]:
    return machine.git("log", "--reverse", "--format=%H").split()


def page(machine: Machine, commit: str = "HEAD") -> str:
    return machine.git("show", f"{commit}:index.html")


def test_again__a_model_improves_on_a_fallback(machine: Machine) -> None:
    """Once a model answers, its site replaces the fallback, and then stays."""
    machine.environ["REPAIRS"] = "0"
    request = machine.request()
    for options in ((), reply(machine, GOOD.format("By a model")), reply(machine, GOOD.format(2))):
        assert machine.run(request, "run", *options).returncode == 0
    fallback, improved, standing = machine.answers
    assert fallback["verdict"] == "fallback"
    assert "No model is set" in fallback["verdict_reasons"][0]
    assert improved["verdict"] == "partly verified"
    assert standing == improved
    assert commits(machine) == [fallback["commit_sha"], improved["commit_sha"]]
    assert "By a model" in page(machine)


def test_again__another_fallback_is_no_better(machine: Machine) -> None:
    """Without a model nothing is pushed, and the answer is the same."""
    request = machine.request()
    for _ in range(2):
        assert machine.run(request).returncode == 0
    first, second = machine.answers
    assert first == second
    assert commits(machine) == [first["commit_sha"]]


def test_again__a_failing_site_is_improved(machine: Machine) -> None:
    """A site that fails is replaced by one that does not; a worse one is not taken."""
    machine.environ["REPAIRS"] = "0"
    request = machine.request()
    texts = (FAILING, FAILING, GOOD.format("Mended"))
    for text in texts:
        assert machine.run(request, "run", *reply(machine, text)).returncode == 0
    failing, same, mended = machine.answers
    assert failing["verdict"] == "failing"
    assert "missing.png" in failing["verdict_reasons"][0]
    assert same == failing
    assert mended["verdict"] == "partly verified"
    assert commits(machine) == [failing["commit_sha"], mended["commit_sha"]]


def test_again__a_later_round_starts_from_the_round_before(machine: Machine) -> None:
    """What replaces the fallback of round 2 builds on round 1, not on that fallback."""
    first = machine.request(checks=[])
    model = reply(machine, GOOD.format("One") + '<file path="kept.txt">\nkept\n</file>\n')
    assert machine.run(first, "run", *model).returncode == 0
    extra = {"name": "extra.txt", "url": "data:,extra"}
    second = machine.request(round=2, nonce="2", brief="Say two.", checks=[], attachments=[extra])
    assert machine.run(second).returncode == 0
    assert machine.answers[-1]["verdict"] == "fallback"
    assert machine.run(second, "run", *reply(machine, GOOD.format("Two"))).returncode == 0
    assert len(commits(machine)) == 3
    assert "Two" in page(machine)
    assert {"kept.txt", "extra.txt"} <= set(machine.git("ls-files").split())
    note = json.loads(machine.git("show", "HEAD:.builder/rounds/2.json"))
    assert note["judgement"]["verdict"] == "partly verified"


def test_again__what_others_have_built_on_stays(machine: Machine) -> None:
    """A fallback of round 1 is final once round 2 stands on it."""
    first = machine.request()
    assert machine.run(first).returncode == 0
    assert machine.run(machine.request(round=2, nonce="2")).returncode == 0
    before = commits(machine)
    assert machine.run(first, "run", *reply(machine, GOOD.format("Late"))).returncode == 0
    assert commits(machine) == before
    assert machine.answers[-1]["commit_sha"] == before[0]


@pytest.mark.parametrize("by_variable", [False, True])
def test_again__force_builds_in_any_case(machine: Machine, by_variable: bool) -> None:
    """A commit that is final is replaced as well; a push that is not forced stays idempotent."""
    request = machine.request()
    assert machine.run(request, "run", *reply(machine, GOOD.format("One"))).returncode == 0
    options = () if by_variable else ("--force",)
    environ = {"FORCE": "true"} if by_variable else {}
    text = reply(machine, GOOD.format("Two"))
    assert machine.run(request, "run", *text, *options, **environ).returncode == 0
    assert len(commits(machine)) == 2
    assert "Two" in page(machine)
    assert machine.run(request, "publish").returncode == 0
    assert len(commits(machine)) == 2


def test_again__a_killed_run_is_gone_on_with(machine: Machine) -> None:
    """A fallback that was pushed and not yet answered is reported by the next run."""
    request = machine.request()
    for command in ("generate", "publish"):
        assert machine.run(request, command).returncode == 0
    assert machine.answers == []
    assert machine.run(request, work="elsewhere").returncode == 0
    assert [machine.answers[0]["commit_sha"]] == commits(machine)


def test_generate__a_reply_that_is_missing(machine: Machine, tmp_path: Path) -> None:
    """A file that does not exist is wrong usage, told before anything is done."""
    with pytest.raises(SystemExit) as raised:
        machine.run(machine.request(), "generate", "--reply", str(tmp_path / "none.md"))
    assert raised.value.code == 2
    assert not (machine.folder / "work").exists()
