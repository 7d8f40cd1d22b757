"""What an attempt is held against, with a browser that answers as the test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from builder.contract.contract import Contract, Rule
from builder.credentials import Credentials
from builder.findings import Finding, Severity, Source
from builder.generate.attempts import Attempt
from builder.report import PageSeen
from builder.rounds import NOTHING, Base, Round
from builder.site import Site
from builder.verify.page_report import CheckResult, PageCheck, PageReport
from builder.verify.scenarios.scenario import Outcome, Scenario
from builder.verify.verification import Verification
from tests.conftest import RequestOf

TOKEN = "ghp_0123456789"


@dataclass
class Eyes:
    """The port `Look`: a check fails where the page says `!check`, cannot run where `?check`."""

    looks: list[tuple[Site, Sequence[PageCheck]]] = field(default_factory=list)
    opens: int = 9
    """How many pages it opens before it breaks."""

    def __call__(
        self,
        site: Site,
        name: str,
        checks: Sequence[PageCheck],
        scenarios: Sequence[Scenario] = (),
        *,
        smoke: bool = True,
    ) -> PageReport:
        self.looks.append((site, checks))
        if len(self.looks) > self.opens:
            unrun = [CheckResult(check, False, "not run", ran=False) for check in checks]
            return PageReport([], PageSeen(opened=False, checks_total=len(checks)), unrun)
        page = site.get("index.html", b"").decode()
        results = [
            CheckResult(
                check,
                not {f"!{check.expression}", f"?{check.expression}"} & set(page.split()),
                "seen",
                ran=f"?{check.expression}" not in page.split(),
            )
            for check in checks
        ]
        findings = [_failed(result.check) for result in results if not result.passed]
        ran = sum(result.ran for result in results)
        seen = PageSeen(opened=True, checks_run=ran, checks_total=len(results))
        outcomes = [Outcome(id=each.id, passed=each.id not in page) for each in scenarios]
        shots = {f"{name}.png": b"PNG"} if smoke else {}
        return PageReport(findings, seen, results, shots, outcomes=outcomes)


def _failed(check: PageCheck) -> Finding:
    severity = Severity.WARNING if check.source is Source.MODEL_CHECK else Severity.FAILURE
    return Finding(severity, check.source, check.expression, "true", "false")


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


def base(request_of: RequestOf, page: str) -> Base:
    first = request_of(checks=[{"js": "old"}, {"js": "both"}])
    return Base(Site({"index.html": page.encode()}), (Round.of(first),))


def verified(
    request_of: RequestOf,
    eyes: Eyes,
    page: str,
    before: Base = NOTHING,
    contract: Contract = Contract(),  # noqa: B008 - frozen
) -> Attempt:
    checks = [{"js": "own"}, {"js": "both"}, "looks good", "never mind"]
    request = request_of(round=2, checks=checks)
    verification = Verification(
        request=request,
        name="app",
        base=before,
        contract=contract,
        scan=lambda *_: [],
        look=eyes,
        credentials=Credentials({"BUILDER_TOKEN": TOKEN}),
    )
    attempt = Attempt(
        Site({"index.html": page.encode()}),
        "m",
        model_checks={"looks good": "nice", "invented": "evil"},
    )
    return verification(attempt)


def of(attempt: Attempt, *sources: Source) -> list[Finding]:
    return [finding for finding in attempt.findings if finding.source in sources]


def test_verification__looks_at_each_check_once(request_of: RequestOf, eyes: Eyes) -> None:
    """Own checks, those of earlier rounds that are not own ones, and the model's for real ones."""
    attempt = verified(request_of, eyes, "fine", base(request_of, "fine"))
    ((_, checks),) = eyes.looks
    assert [(check.expression, check.source) for check in checks] == [
        ("own", Source.CHECK),
        ("both", Source.CHECK),
        ("old", Source.REGRESSION),
        ("nice", Source.MODEL_CHECK),
    ]
    assert attempt.score(Source.CHECK) == (2, 2)
    assert attempt.screenshots == {"app.png": b"PNG"}
    assert attempt.page == PageSeen(opened=True, checks_run=4, checks_total=4)


@pytest.mark.parametrize(
    ("now", "before", "opens", "held_against"),
    [
        ("!old", "fine", 9, ["old"]),
        ("!old", "!old", 9, []),
        ("?old", "fine", 9, []),
        ("!old", "!old", 1, ["old"]),
    ],
    ids=["it held before", "it failed before", "it cannot run", "nobody could look"],
)
def test_verification__earlier_check_that_does_not_hold(
    request_of: RequestOf, now: str, before: str, opens: int, held_against: list[str]
) -> None:
    """It is a failure of this round unless it failed on the site as it stood, or cannot run."""
    eyes = Eyes(opens=opens)
    attempt = verified(request_of, eyes, now, base(request_of, before))
    assert [finding.subject for finding in of(attempt, Source.REGRESSION)] == held_against
    assert attempt.score(Source.REGRESSION) == (0, len(held_against))
    assert attempt.rank[:2] == (0, len(held_against))
    ran = 3 if now == "?old" else 4
    assert attempt.page == PageSeen(opened=True, checks_run=ran, checks_total=4)
    # The site as it stood is looked at only if that may tell something.
    assert len(eyes.looks) == ran - 2


def test_verification__cuts_credentials_of_the_run(request_of: RequestOf, eyes: Eyes) -> None:
    """A token in a file is cut out before anything else sees it, and is a failure to repair."""
    attempt = verified(request_of, eyes, f"token = {TOKEN}")
    assert TOKEN.encode() not in attempt.site["index.html"]
    assert TOKEN.encode() not in eyes.looks[0][0]["index.html"]
    (finding,) = of(attempt, Source.SECRET)
    assert (finding.severity, finding.subject) == (Severity.FAILURE, "index.html")
    assert TOKEN not in str(finding)


def test_verification__shows_stubs_of_what_a_workflow_makes(
    request_of: RequestOf, eyes: Eyes
) -> None:
    """The page finds a stub that parses, which is not delivered, and the run is told of it."""
    shape = Rule("rows.json", "a list", {"type": "array"})
    made = {"rates.json": "q", "rows.json": "q", "index.html/x": "q"}
    contract = Contract(made_by_workflow=made, json_shapes=(shape,))
    attempt = verified(request_of, eyes, "fine", contract=contract)
    [(seen, _)] = eyes.looks
    assert dict(seen) == {"index.html": b"fine", "rates.json": b"{}", "rows.json": b"[]"}
    assert set(attempt.site) == {"index.html"}
    assert [finding.subject for finding in of(attempt, Source.WORKFLOW)] == [*made]


def test_verification__leaves_retired_checks_out(request_of: RequestOf, eyes: Eyes) -> None:
    """An earlier check that this round changes is not run."""
    contract = Contract(retired_checks=frozenset({"old"}))
    verified(request_of, eyes, "fine", base(request_of, "fine"), contract)
    [(_, checks)] = eyes.looks
    assert "old" not in [check.expression for check in checks]


def scenario(name: str, *steps: dict[str, object]) -> Scenario:
    wire = {"id": name, "requirement": f"{name} works", "steps": steps}
    return Scenario.model_validate(wire)


def test_verification__scenarios_of_this_round_and_earlier_ones(
    request_of: RequestOf, eyes: Eyes
) -> None:
    """All are run, one of this round in place of an earlier one with its id; a failed one is a
    failure; steps on files are looked at on the bytes."""
    expect: dict[str, object] = {"do": "expect_text", "value": "x"}
    words: dict[str, object] = {"do": "expect_file_words", "file": "haiku.txt", "count": 3}
    verification = Verification(
        request=request_of(),
        name="app",
        base=NOTHING,
        contract=Contract(scenarios=(scenario("old", expect), scenario("words", expect))),
        scan=lambda *_: [],
        look=eyes,
    )
    files = {"index.html": b"broken", "haiku.txt": b"one two"}
    attempt = verification(
        Attempt(Site(files), "m"),
        [scenario("broken", expect), scenario("words", words), scenario("fine", expect)],
    )
    assert {name: outcome.passed for name, outcome in attempt.outcomes.items()} == {
        "old": True,
        "broken": False,
        "words": False,
        "fine": True,
    }
    failed = of(attempt, Source.SCENARIO)
    assert [finding.subject for finding in failed] == [
        "words: words works",
        "broken: broken works",
    ]
    assert "exactly 3 words in haiku.txt" in failed[0].expected
    assert attempt.rank[2] == 2
