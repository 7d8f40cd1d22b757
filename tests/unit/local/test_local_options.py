"""The options of `python -m local`, and what they make of the local GitHub."""

from pathlib import Path

import pytest

from local.__main__ import REQUESTS
from local.evaluator import requests
from local.faults import BuildFault
from local.hub import ActionsState, HubOptions, RunnerBrowsers
from local.hub.run_folder import write_private
from local.options import TIME_SCALE, hub_options, parse


def options(*more: str) -> HubOptions:
    return hub_options(parse(["demo", *more]))


def test_hub_options__are_the_real_github_but_quicker() -> None:
    """Without options the waits are GitHub's by one factor; each difficulty can be asked for."""
    usual = options()
    assert (usual.time_scale, usual.secondary_limit) == (TIME_SCALE, None)
    assert (usual.actions, usual.browsers) == (ActionsState.ON, RunnerBrowsers.HOST)
    assert usual.faults.take_build() is None
    hard = options(
        *("--time-scale", "1", "--secondary-limit", "80", "--actions", "no minutes"),
        *("--browsers", "ubuntu-24.04", "--builds", "errored", "stuck"),
    )
    assert (hard.time_scale, hard.secondary_limit) == (1, 80)
    assert (hard.actions, hard.browsers) == (ActionsState.NO_MINUTES, RunnerBrowsers.UBUNTU_24_04)
    builds = [hard.faults.take_build() for _ in range(3)]
    assert builds == [BuildFault.ERRORED, BuildFault.STUCK, None]


@pytest.mark.parametrize("wrong", [["--actions", "maybe"], ["--brief", "x", "--request", "y"]])
def test_options__usage_errors(wrong: list[str]) -> None:
    """An unknown word, or two things to build, end the command with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        options(*wrong)
    assert ended.value.code == 2


def test_requests__are_new_each_time() -> None:
    """The demo's are two rounds of one task; a brief is always the same task; nonces are new."""
    url = "http://127.0.0.1:1/evaluation"
    sent = [requests.read(file, url, fresh_nonce=True) for file in REQUESTS]
    assert [(asked.task, asked.round) for asked in sent] == [(sent[0].task, 1), (sent[0].task, 2)]
    once, again = (requests.of_brief("A stopwatch.", url) for _ in range(2))
    assert (once.brief, once.round, once.task) == ("A stopwatch.", 1, again.task)
    assert len({asked.nonce for asked in (*sent, once, again)}) == 4


def test_write_private__a_file_that_others_could_read(tmp_path: Path) -> None:
    """Tokens go into a file of its owner alone, also where there was one that others could read."""
    path = tmp_path / "demo.env"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (path.stat().st_mode & 0o777, path.read_text()) == (0o600, "new")
