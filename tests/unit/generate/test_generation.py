"""The way to a site: who is asked, what is repaired, and which attempt is kept."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import pytest

from builder.contract.contract import Contract
from builder.contract.reading import Kind, Reading, Requirement
from builder.errors import NoModelAnswered
from builder.findings import Finding, Severity, Source
from builder.generate.attempts import Attempt, best
from builder.generate.behaviour import BehaviourTest, record
from builder.generate.generation import AS_IT_STANDS, FALLBACK, Generation, Read
from builder.generate.tester import Dispute
from builder.llm.messages import Ask, Message, Reply
from builder.report import PageSeen, Report
from builder.request import Dispatch, Request
from builder.rounds import NOTHING, Base, Round
from builder.site import Site
from builder.verify.page_report import CheckResult, PageCheck
from builder.verify.scenarios.outcomes import State
from builder.verify.scenarios.scenario import Outcome, Scenario
from tests.conftest import FakeTime, MemoryLog, RequestOf


def finding(severity: Severity = Severity.FAILURE, source: Source = Source.CHECK) -> Finding:
    return Finding(severity=severity, source=source, subject="#x", expected="1", seen="2")


FAILED = finding()
WARNED = finding(Severity.WARNING)
REGRESSED = finding(source=Source.REGRESSION)
UNMET = finding(source=Source.SCENARIO)


@dataclass
class Model:
    """A model that gives its replies in order and takes its time; None stands for no answer."""

    replies: list[str | None]
    time: FakeTime
    seconds: float = 40.0
    asked: list[Sequence[Message]] = field(default_factory=list)
    budgets: list[float] = field(default_factory=list)

    def ask(self, messages: Sequence[Message], budget: float) -> Reply:
        self.asked.append(messages)
        self.budgets.append(budget)
        self.time.sleep(self.seconds)
        text = self.replies.pop(0)
        if text is None:
            raise NoModelAnswered([("m", "out of order")])
        return Reply(text=text, model="m", seconds=self.seconds)


class PlainAuthor:
    """A reply is the page; a repair is asked for by naming the attempt."""

    def __init__(self) -> None:
        self.contracts: list[Contract] = []
        self.disputes: dict[str, dict[str, str]] = {}

    def first(self, contract: Contract) -> Sequence[Message]:
        self.contracts.append(contract)
        return [Message("user", "first")]

    def repair(self, attempt: Attempt, contract: Contract) -> Sequence[Message]:
        self.contracts.append(contract)
        return [Message("user", f"repair {page(attempt)}")]

    def attempt(self, reply: Reply, before: Attempt | None, contract: Contract) -> Attempt:
        self.contracts.append(contract)
        files = {**(before.site if before else {}), "index.html": reply.text.encode()}
        disputes = self.disputes.get(reply.text, {})
        return Attempt(Site(files), reply.model, is_usable=bool(reply.text), disputes=disputes)


@dataclass
class Scene:
    """A generation whose verification finds what the test says of each page."""

    request: Request
    time: FakeTime
    log: MemoryLog
    found: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    seconds: float = 400.0
    base: Base = NOTHING
    passed: dict[str, int] = field(default_factory=dict)
    """How many of three checks hold on each page; all where it is not named."""
    read: Read | None = None
    author: PlainAuthor = field(default_factory=PlainAuthor)
    tester: "ScriptedTester | None" = None
    broken: dict[str, set[str]] = field(default_factory=dict)
    """What scenarios look for in vain on each page."""

    def run(self, *replies: str | None, repairs: int = 2, ask: Ask | None = None) -> Attempt:
        self.model = Model(list(replies), self.time)
        ends = self.time.now.timestamp() + self.seconds
        self.generation = Generation(
            request=self.request,
            base=self.base,
            author=self.author,
            ask=ask or (self.model.ask if replies else None),
            read=self.read,
            fallback=lambda _: Site({"index.html": b"fallback", "LICENSE": b"MIT"}),
            verify=self.verify,
            budget=lambda: ends - self.time.now.timestamp(),
            log=self.log,
            repairs=repairs,
            behaviour=BehaviourTest(self.tester, self.use, self.log) if self.tester else None,
        )
        return self.generation.run()

    def verify(
        self, attempt: Attempt, contract: Contract, scenarios: Sequence[Scenario]
    ) -> Attempt:
        self.author.contracts.append(contract)
        page = attempt.site.get("index.html", b"").decode()
        held = self.passed.get(page, 3)
        results = tuple(
            CheckResult(PageCheck(f"{number}", Source.CHECK), number < held, "")
            for number in range(3)
        )
        seen = PageSeen(opened=True)
        found = self.found.get(page, ())
        attempt = replace(attempt, findings=found, results=results, page=seen)
        return self.use(attempt, contract.with_scenarios(scenarios))

    def use(self, attempt: Attempt, scenarios: Sequence[Scenario]) -> Attempt:
        page = attempt.site.get("index.html", b"").decode()
        failing = self.broken.get(page, set())
        outcomes = [
            Outcome(id=each.id, passed=each.steps[0].value not in failing, step=0)
            for each in scenarios
        ]
        return attempt.used(scenarios, outcomes)


@pytest.fixture
def scene(request_of: RequestOf, fake_time: FakeTime, memory_log: MemoryLog) -> Scene:
    return Scene(request_of(), fake_time, memory_log)


def page(attempt: Attempt) -> str:
    return attempt.site["index.html"].decode()


def test_generation__a_good_first_reply_is_all(scene: Scene) -> None:
    """Without a failure nothing more is asked; a warning is told and left."""
    scene.found = {"good": (WARNED,)}
    assert page(scene.run("good", "unused")) == "good"
    assert len(scene.model.asked) == 1


def test_generation__a_repair_that_mends_is_kept(scene: Scene) -> None:
    """The findings go back, and the mended page is the one."""
    scene.found = {"broken": (FAILED,)}
    assert page(scene.run("broken", "mended")) == "mended"
    assert scene.model.asked[1][0].text == "repair broken"


def test_generation__a_worse_repair_is_not(scene: Scene) -> None:
    """The best attempt is kept, never simply the last, and the next repair starts from it."""
    scene.found = {"one": (FAILED,), "two": (FAILED, FAILED), "three": (FAILED,)}
    assert page(scene.run("one", "two", "three")) == "one"
    assert scene.model.asked[2][0].text == "repair one"


def test_generation__repairs_are_counted(scene: Scene) -> None:
    """At most so many repairs are asked for."""
    scene.found = {"x": (FAILED,)}
    for repairs in (0, 1, 2):
        scene.run("x", "x", "x", "x", repairs=repairs)
        assert len(scene.model.asked) == 1 + repairs


def test_generation__no_repair_that_the_clock_does_not_allow(scene: Scene) -> None:
    """With too little left for a call as long as the longest, none is begun."""
    scene.found = {"broken": (FAILED,)}
    scene.seconds = 40.0 + 79.0
    assert page(scene.run("broken", "unused")) == "broken"
    assert len(scene.model.asked) == 1
    assert "too few for a model call" in scene.generation.notes[0]


def test_generation__the_model_is_told_what_it_may_take(scene: Scene) -> None:
    """What is reserved for verification and fallback is taken off the model's budget."""
    scene.found = {"broken": (FAILED,)}
    scene.run("broken", "mended")
    assert scene.model.budgets == [355.0, 315.0]


@pytest.mark.parametrize(
    ("replies", "seconds", "words"),
    [
        ((), 400.0, "No model is set"),
        ((None,), 400.0, "out of order"),
        (("unused",), 20.0, "too few for a model call"),
        (("", "", ""), 400.0, "No reply by m was usable"),
    ],
)
def test_generation__fallback_when_no_model_delivers(
    scene: Scene, replies: tuple[str | None, ...], seconds: float, words: str
) -> None:
    """Not set, no answer, no time, no usable file: the fallback's site goes out, and it is said."""
    scene.seconds = seconds
    scene.found = {"": (FAILED,)}
    attempt = scene.run(*replies)
    assert (attempt.author, page(attempt)) == (FALLBACK, "fallback")
    assert words in " ".join(scene.generation.notes)
    assert scene.generation.fallback_reason
    assert words in scene.generation.fallback_reason


def test_generation__no_answer_to_a_repair_keeps_the_attempt(scene: Scene) -> None:
    """A model that falls silent later does not cost the first attempt."""
    scene.found = {"broken": (FAILED,)}
    assert page(scene.run("broken", None)) == "broken"


@pytest.mark.parametrize("seconds", [30.0, 60.0, 410.0])
def test_generation__a_model_that_uses_up_its_time(scene: Scene, seconds: float) -> None:
    """A model that never answers ends with the generation's share of the deadline at the latest."""
    scene.seconds = seconds
    start = scene.time.now

    def ask(_: Sequence[Message], budget: float) -> Reply:
        scene.time.sleep(budget)
        raise NoModelAnswered([("m", "no answer")])

    assert scene.run(ask=ask).author == FALLBACK
    assert (scene.time.now - start).total_seconds() <= seconds


def test_generation__later_round_without_a_model(scene: Scene, request_of: RequestOf) -> None:
    """The better of the fallback's site and the one that stands is kept, with what came new."""
    scene.request = request_of(round=2, attachments=[{"name": "new.txt", "url": "data:,n"}])
    scene.base = Base(Site({"index.html": b"app", "old.txt": b"o"}))
    scene.found = {"fallback": (FAILED,)}
    attempt = scene.run()
    assert attempt.author == AS_IT_STANDS
    assert page(attempt) == "app"
    scene.found = {"fallback": (), "app": (REGRESSED,)}
    assert page(scene.run()) == "fallback"


@pytest.mark.parametrize(
    ("app", "other", "author"),
    [(2, 3, FALLBACK), (2, 2, "m"), (3, 3, "m")],
)
def test_generation__publishes_what_passes_more_checks(
    scene: Scene, app: int, other: int, author: str
) -> None:
    """The model's app wins a tie; a fallback that passes more of the request's checks replaces it,
    and the reason is told."""
    scene.found = {"app": (FAILED,)}
    scene.passed = {"app": app, "fallback": other}
    assert scene.run("app", repairs=0).author == author
    reason = scene.generation.fallback_reason
    assert (reason is None) == (author == "m")
    if reason:
        assert f"passes {other} of 3 checks, the app by m {app}" in reason


def test_generation__a_fallback_that_breaks_earlier_rounds_is_not_published(
    scene: Scene, request_of: RequestOf
) -> None:
    """More checks of this round do not outweigh what held before."""
    scene.request = request_of(round=2)
    scene.base = Base(Site({"index.html": b"before"}))
    scene.found = {"app": (FAILED,), "fallback": (REGRESSED,)}
    scene.passed = {"app": 1, "fallback": 2, "before": 0}
    assert scene.run("app", repairs=0).author == "m"


def test_generation__no_fallback_is_verified_without_time(scene: Scene) -> None:
    """With the budget spent, the app goes out as it is."""
    scene.passed = {"app": 1}
    scene.found = {"app": (FAILED,)}
    scene.seconds = 71.0

    def ask(_: Sequence[Message], __: float) -> Reply:
        scene.time.sleep(60.0)
        return Reply("app", "m", 60.0)

    assert scene.run(ask=ask).author == "m"


QUOTED = Requirement(quote="Rain", kind=Kind.FILE_WANTED, path="rain.txt")


def answered(value: Reading | Exception | None) -> "Future[Reading | None]":
    future: Future[Reading | None] = Future()
    if isinstance(value, Exception):
        future.set_exception(value)
    else:
        future.set_result(value)
    return future


def test_generation__the_reading_joins_after_the_first_draft(scene: Scene) -> None:
    """The draft is asked for without it; reply, verification and repair know it."""
    begun: list[float] = []

    def read(seconds: float) -> "Future[Reading | None]":
        begun.append(seconds)
        return answered(Reading(requirements=(QUOTED,)))

    scene.read = read
    scene.found = {"broken": (FAILED,)}
    scene.run("broken", "mended")
    wanted = ["rain.txt" in {rule.path for rule in one.required} for one in scene.author.contracts]
    assert wanted == [False, *[True] * 5]
    assert begun == [355.0]
    assert scene.generation.reading == Reading(requirements=(QUOTED,))


def test_generation__a_reading_that_fails_costs_nothing(scene: Scene) -> None:
    """Without a reading the certain core is the contract, the app goes out, and it is told."""
    for value, words in ((None, "No model read the request:"), (ValueError("x"), "(ValueError)")):
        scene.read = lambda _, value=value: answered(value)
        assert page(scene.run("good")) == "good"
        assert words in scene.generation.notes[0]


def test_generation__a_late_reading_is_not_waited_for(scene: Scene) -> None:
    """Where no time is left for it, the verification goes on, and it is told."""
    scene.read = lambda _: Future()
    scene.seconds = 80.0
    assert page(scene.run("good")) == "good"
    assert "not read in time" in scene.generation.notes[0]


def test_generation__nothing_is_read_without_a_model(scene: Scene) -> None:
    """No model, no question."""
    scene.read = lambda _: pytest.fail("it was asked")
    assert scene.run().author == FALLBACK


def test_best__order() -> None:
    """Failures of this round weigh most, then regressions, then scenarios, then warnings."""
    ranked = [(), (WARNED,), (WARNED, WARNED), (UNMET,), (UNMET, UNMET), (REGRESSED,), (FAILED,)]
    attempts = [Attempt(Site({}), f"{found}", findings=found) for found in ranked]
    for at, good in enumerate(attempts):
        for bad in attempts[at + 1 :]:
            assert best([bad, good]) is good
            assert best([good, bad]) is good


@dataclass
class ScriptedTester:
    """The port `Tester`: one scenario for each value that it looks for."""

    values: list[str]
    again: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    budgets: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def write(
        self,
        attempt: Attempt,
        requirements: Sequence[str],
        budget: float,
        disputes: Sequence[Dispute] = (),
    ) -> list[Scenario]:
        self.budgets.append(budget)
        self.asked = list(requirements)
        if not disputes:
            self.calls.append(f"write for {page(attempt)}")
            named = enumerate(self.values, start=1)
            return [scenario(f"s{number}", requirements[0], value) for number, value in named]
        assert attempt.outcomes
        self.calls += [f"rewrite {each.scenario.id}: {each.reason}" for each in disputes]
        return [scenario(each.scenario.id, requirements[0], self.again.pop(0)) for each in disputes]


def scenario(name: str, requirement: str, value: str) -> Scenario:
    steps = [{"do": "expect_text", "value": value}]
    return Scenario.model_validate({"id": name, "requirement": requirement, "steps": steps})


@pytest.fixture
def used(scene: Scene, request_of: RequestOf) -> Scene:
    """A scene whose request has a check in plain words."""
    scene.request = request_of(checks=["Adding works"])
    return scene


def test_generation__a_failed_scenario_is_repaired(used: Scene) -> None:
    """Scenarios are written once, for the first draft; a repair is asked for until they hold."""
    used.tester = ScriptedTester(["adds", "counts"])
    used.broken = {"one": {"adds"}}
    chosen = used.run("one", "two")
    assert page(chosen) == "two"
    assert [outcome.passed for outcome in chosen.outcomes.values()] == [True, True]
    assert used.tester.calls == ["write for one"]
    assert used.tester.budgets == [400.0 - 40.0 - 45.0]
    assert used.model.asked[1] == [Message("user", "repair one")]


def test_generation__a_repair_that_breaks_a_scenario_is_not_kept(used: Scene) -> None:
    """What held has to hold after a repair, unless more of the request's checks hold then."""
    used.tester = ScriptedTester(["adds", "counts", "sorts"])
    used.broken = {"one": {"adds", "counts"}, "two": {"sorts"}}
    assert page(used.run("one", "two", repairs=1)) == "one"
    used.passed = {"one": 2}
    used.found = {"one": (FAILED,)}
    assert page(used.run("one", "two", repairs=1)) == "two"


def test_generation__a_repair_that_breaks_a_check_is_not_kept(used: Scene) -> None:
    """A scenario that holds now does not outweigh a check that held before, found or not; an
    unknown id that is disputed is nobody's."""
    used.tester = ScriptedTester(["adds", "counts"])
    used.author.disputes = {"two": {"s9": "no such scenario", "s1.1": "x"}}
    used.broken = {"one": {"adds", "counts"}}
    used.passed = {"two": 2}
    assert page(used.run("one", "two", repairs=1)) == "one"
    assert used.tester.calls == ["write for one"]


def test_generation__a_disputed_scenario_is_written_anew_once(used: Scene) -> None:
    """A dispute has the scenario written anew; if that fails too, it counts, and stays."""
    used.author.disputes = {"two": {"s1": "not asked for"}, "three": {"s1": "still not"}}
    used.tester = ScriptedTester(["adds"], again=["adds rightly"])
    used.broken = {name: {"adds", "adds rightly"} for name in ("one", "two", "three")}
    chosen = used.run("one", "two", "three")
    assert chosen.outcomes["s1"].passed is False
    assert used.tester.calls == ["write for one", "rewrite s1: not asked for"]
    used.tester = ScriptedTester(["adds"], again=["adds rightly"])
    used.broken = {"one": {"adds"}, "two": {"adds"}}
    chosen = used.run("one", "two")
    assert (page(chosen), chosen.failures) == ("two", [])


def test_generation__a_disputed_scenario_of_an_earlier_round(
    used: Scene, request_of: RequestOf
) -> None:
    """A later round's author may dispute it; what is written anew replaces it and is kept."""
    past = Round.of(request_of(), scenarios=[scenario("s1", "It counts", "counts")])
    used.base = Base(Site({}), (past,))
    used.request = request_of(round=2, checks=["Adding works"])
    used.tester = ScriptedTester(["adds"], again=["counts from one"])
    used.author.disputes = {"two": {"s1.1": "it counts from one now"}}
    used.broken = {"one": {"counts"}, "two": {"counts"}}
    chosen = used.run("one", "two")
    assert (page(chosen), chosen.failures) == ("two", [])
    assert used.tester.calls == ["write for one", "rewrite s1.1: it counts from one now"]
    assert used.generation.behaviour
    assert [each.id for each in used.generation.behaviour.scenarios] == ["s1", "s1.1"]


def test_generation__what_an_earlier_round_left_untried(used: Scene, request_of: RequestOf) -> None:
    """A later round has it tried, after its own requirements."""
    used.base = Base(Site({}), (Round.of(request_of(checks=["Was never tried", "js: 1"])),))
    used.request = request_of(round=2, checks=["Adding works"])
    used.tester = ScriptedTester(["adds"])
    used.run("one")
    assert used.tester.asked == ["Adding works", "Was never tried"]


def test_tell__how_each_requirement_came_out(
    request_of: RequestOf, fake_time: FakeTime, memory_log: MemoryLog
) -> None:
    """A scenario counts, then an expression of the author; the rest was not tried."""
    report = Report.of(Dispatch.of(request_of(), fake_time.now))
    held, fell = PageCheck("a > 1", Source.MODEL_CHECK), PageCheck("b > 1", Source.MODEL_CHECK)
    chosen = Attempt(
        Site({}),
        "m",
        results=(CheckResult(held, passed=True, seen=""), CheckResult(fell, passed=False, seen="")),
        model_checks={"It sums": "a > 1", "It sings": "b > 1"},
        outcomes={"s1": Outcome(id="s1", passed=True), "s1.1": Outcome(id="s1.1", passed=True)},
    )
    test = BehaviourTest(ScriptedTester([]), lambda attempt, _: attempt, memory_log)
    test.scenarios, test.untested = [scenario("s1", "It adds", "x")], None
    contract = Contract(scenarios=(scenario("s1.1", "It was", "x"),), untried=("It sings",))
    record(report, test, ["It adds", "It sums", "It sings"], contract, chosen)
    assert [(each.requirement, each.state, each.earlier) for each in report.requirements] == [
        ("It adds", State.HELD, False),
        ("It sums", State.HELD, False),
        ("It sings", State.NOT_TRIED, True),
        ("It was", State.HELD, True),
    ]
    assert [each.id for each in report.scenarios] == ["s1"]
    assert "1 of 4 requirements not tried: It sings" in report.judge().reasons


def test_generation__no_time_for_a_tester(used: Scene) -> None:
    """Without time, or requirements, nobody is asked; the reason is kept."""
    used.tester = ScriptedTester(["adds"])
    used.seconds = 100.0
    used.run("one")
    assert used.tester.calls == []
    assert used.generation.behaviour
    assert used.generation.behaviour.untested == "no time was left for scenarios"
