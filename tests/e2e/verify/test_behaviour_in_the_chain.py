"""build.yml under act: a scenario finds a bug, its repair is published, round 2 runs it again.

Every answer of the model is recorded in the corpus, from models that saw only the prompts.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.rounds import Round
from builder.verdict import Verdict
from builder.verify.scenarios.outcomes import State
from local.model import READER, ScriptedModel
from local.script import Answer
from tests.corpus import FOLDER, App
from tests.e2e.conftest import StartChain

POLL = App(FOLDER / "poll")
ROUND_2 = App(FOLDER / "poll" / "round2")
RETIRED = ["s1.1", "s1.2", "s1.3", "s1.4", "s1.6"]
"""Scenarios of round 1 that depend on the order of the bars, as the recorded reading lists them."""
BUG = "'Change my vote' is not stored: the old vote comes back on reload and when voting anew"


def recorded(path: str, match: str) -> Answer:
    """Return a reply of the corpus, given to the prompts that `match` fits."""
    return Answer((POLL.folder / path).read_text(), match=match)


def script() -> Iterator[Answer]:
    """Yield what the model answers: in round 1 its app has the bug."""
    later = re.escape(ROUND_2.request.brief)
    yield recorded("round2/reading.md", rf"\A{READER}.*{later}")
    yield recorded("round2/scenarios.md", rf"\AYou test.*{later}")
    yield recorded("round2/app.md", rf"\AYou build.*{later}")
    yield recorded("reading.md", rf"\A{READER}")
    yield recorded("scenarios.md", r"\AYou test")
    yield recorded("repair.md", r"\AYou build.*# What is wrong")
    [bug] = [bug for bug in POLL.bugs if bug.name == BUG]
    app = (POLL.folder / "app.md").read_text()
    assert app.count(bug.search) == 1
    yield Answer(app.replace(bug.search, bug.replace), match=r"\AYou build")


def stored(told: dict[str, Any], folder: Path) -> Round:
    """Return the round that the reported commit remembers, cloned into `folder`."""
    subprocess.run(["git", "clone", "-q", told["repo_url"], folder], check=True)
    file = folder / ".builder" / "rounds" / f"{told['round']}.json"
    return Round.model_validate_json(file.read_text())


def test_behaviour_in_the_chain__bug_found_repaired_and_tried_again(
    start_chain: StartChain, tmp_path: Path
) -> None:
    """What a scenario finds is repaired before it is published, and round 2 tries it again."""
    model = ScriptedModel(*script(), reading=None, scenarios=None)
    chain = start_chain(model, BROWSER_SECONDS="120")
    first = chain.run(POLL.request)
    report, told, (_, repair) = first.report, first.callback, first.prompts
    assert "takes the vote back, so that one can vote again." in repair
    assert "failure, scenario" in repair
    assert [each.state for each in report.requirements] == [State.HELD] * len(POLL.requirements)
    assert told["verdict"] == report.verdict == Verdict.VERIFIED
    assert stored(told, tmp_path / "clone").scenarios == tuple(report.scenarios)
    assert len(report.scenarios) == len(POLL.scenarios)

    second = chain.run(ROUND_2.request)
    later, told = second.report, second.callback
    assert later.reading
    assert [change.earlier for change in later.reading.changes] == RETIRED
    # Requirements whose scenarios depended on the order of the bars are tried by new ones.
    again = [each for each in later.requirements if each.earlier]
    assert {each.requirement for each in again} == set(POLL.requirements)
    own = [each for each in later.requirements if not each.earlier]
    assert len(own) == len(ROUND_2.requirements)
    assert {each.state for each in later.requirements} == {State.HELD}
    assert told["verdict"] == later.verdict == Verdict.VERIFIED
