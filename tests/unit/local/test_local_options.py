"""The options of `python -m local`, and what they make of the local GitHub."""

from pathlib import Path

import pytest

from local.evaluator import requests
from local.faults import BuildFault
from local.hub import ActionsState, HubOptions, RunnerBrowsers
from local.options import TIME_SCALE, hub_options, parse


def options(*more: str) -> HubOptions:
    return hub_options(parse(["hub", "--folder", "x", *more]))


def test_hub_options__are_the_real_github_but_quicker() -> None:
    """Without options the waits are GitHub's by one factor, and nothing goes wrong."""
    usual = options()
    assert usual.time_scale == TIME_SCALE
    assert (usual.actions, usual.browsers) == (ActionsState.ON, RunnerBrowsers.HOST)
    assert usual.secondary_limit is None
    assert usual.faults.take_build() is None


def test_hub_options__make_it_harder() -> None:
    """Each difficulty can be asked for, in the words that --help lists."""
    hard = options(
        *("--time-scale", "1", "--secondary-limit", "80", "--actions", "no minutes"),
        *("--browsers", "ubuntu-24.04", "--builds", "errored", "stuck"),
    )
    assert (hard.time_scale, hard.secondary_limit) == (1, 80)
    assert (hard.actions, hard.browsers) == (ActionsState.NO_MINUTES, RunnerBrowsers.UBUNTU_24_04)
    builds = [hard.faults.take_build() for _ in range(3)]
    assert builds == [BuildFault.ERRORED, BuildFault.STUCK, None]


@pytest.mark.parametrize("wrong", [["--actions", "maybe"], ["--builds", "broken"]])
def test_hub_options__unknown_words_are_usage_errors(wrong: list[str]) -> None:
    """A word that is none of the choices ends the command with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        options(*wrong)
    assert ended.value.code == 2


def test_demo_options__one_brief_or_files() -> None:
    """A brief of one's own goes instead of request files, and makes a valid request."""
    with pytest.raises(SystemExit):
        parse(["demo", "--brief", "x", "--request", "y.json"])
    asked = parse(["demo", "--brief", "A stopwatch."])
    request = requests.of_brief(asked.brief, "http://127.0.0.1:1/evaluation")
    assert (request.brief, request.round, list(request.checks)) == ("A stopwatch.", 1, [])
    again = requests.of_brief(asked.brief, "http://127.0.0.1:1/evaluation")
    assert again.task == request.task
    assert again.nonce != request.nonce


def test_requests__of_the_demo_are_two_rounds_of_one_task() -> None:
    """What ships with the demo is valid, and its nonces are new each time."""
    folder = Path(__file__).resolve().parents[3] / "tests/requests"
    files = sorted(folder.glob("sum-of-sales-001.*.json"))
    sent = [requests.read(file, "http://h/evaluation", fresh_nonce=True) for file in files]
    assert [request.round for request in sent] == [1, 2]
    assert len({request.task for request in sent}) == 1
    assert len({request.nonce for request in sent}) == 2
