"""builder.verify.scenarios.outcomes: what outcomes mean for requirements, and how they look."""

from builder.rendering import render
from builder.report import PageSeen, Report
from builder.verdict import Verdict
from builder.verify.scenarios.outcomes import (
    RequirementOutcome,
    State,
    by_requirement,
    finding,
    of_earlier_rounds,
    with_probes,
)
from builder.verify.scenarios.scenario import Outcome, Scenario


def scenario(name: str, requirement: str) -> Scenario:
    wire = {
        "id": name,
        "requirement": requirement,
        "steps": [{"do": "click", "target": {"text": "Add"}}, {"do": "expect_text", "value": "x"}],
    }
    return Scenario.model_validate(wire)


FAILED = Outcome(
    id="s2", passed=False, step=1, expected="the text 'x'", seen="[]", errors=("no",), html="<p>"
)
UNTRIED = Outcome(id="s3", passed=False, ran=False, seen="the time was over")


def test_finding__tells_all_that_a_repair_needs() -> None:
    """A failure has the step, all steps, what was seen, the page's errors and the HTML."""
    found = finding(scenario("s2", "It adds"), FAILED)
    assert found
    assert found.subject == "s2: It adds"
    assert found.expected == (
        "at step 2: the text 'x'\nThe steps:\n1. click text 'Add'\n2. expect_text value='x'"
    )
    assert found.seen == "[]\nerror on the page: no\nHTML around: <p>"


def test_by_requirement__one_failure_fails_it() -> None:
    """A requirement holds when all its scenarios do; without one it was not tried."""
    scenarios = [scenario("s1", "It adds"), scenario("s2", "It adds"), scenario("s3", "It sorts")]
    outcomes = {"s1": Outcome(id="s1", passed=True), "s2": FAILED, "s3": UNTRIED}
    told = by_requirement(["It adds", "It sorts", "It sings"], scenarios, outcomes, "no time")
    assert [(one.requirement, one.state) for one in told] == [
        ("It adds", State.FAILED),
        ("It sorts", State.NOT_TRIED),
        ("It sings", State.NOT_TRIED),
    ]
    assert [one.why for one in told[1:]] == ["the time was over", "no time"]


def test_of_earlier_rounds__one_that_did_not_run() -> None:
    """What an earlier round asked for is told again; one that did not run was not tried."""
    scenarios = [
        scenario("s1.1", "It adds"),
        scenario("s1.2", "It sorts"),
    ]
    [adds, sorts] = of_earlier_rounds(scenarios, {"s1.1": Outcome(id="x", passed=True)})
    assert (adds.state, sorts.state) == (State.HELD, State.NOT_TRIED)
    assert adds.earlier
    assert sorts.earlier


def test_with_probes__a_page_that_was_not_used() -> None:
    """A scenario on the page that no browser ran is not tried, never passed."""
    [outcome] = with_probes([scenario("s1", "It adds")], [], {}, {})
    assert (outcome.passed, outcome.ran) == (False, False)


def test_summary__lists_requirements_with_their_outcome() -> None:
    """How much of the page was used is told; each requirement is held, failed or not tried."""
    report = Report(
        build_id="b",
        task="t",
        round=1,
        verdict=Verdict.FAILING,
        author="m",
        page=PageSeen(
            opened=True, checks_run=1, checks_total=2, used_elements=7, usable_elements=9
        ),
        requirements=[
            RequirementOutcome(requirement="It adds", state=State.HELD, screenshot="s1.png"),
            RequirementOutcome(
                requirement="It sorts", state=State.FAILED, why="seen 3", earlier=True
            ),
            RequirementOutcome(requirement="It *sings*", state=State.NOT_TRIED, why="no time"),
        ],
    )
    shown = render("summary.md.j2", report=report)
    assert "1 of 2 checks ran; the smoke test used 7 of 9 elements." in shown
    assert "| ✓ | It adds | used and seen (s1.png in the artifact) |" in shown
    assert "| ✗ | It sorts (earlier round) | failed: seen 3 |" in shown
    assert "| \N{EN DASH} | It \\*sings\\* | not tried: no time |" in shown
