"""The way to a site: who is asked, what is repaired, and which attempt is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from builder.errors import NoModelAnswered
from builder.findings import Finding, Severity, Source
from builder.generate.attempts import Attempt, best
from builder.generate.generation import AS_IT_STANDS, FALLBACK, Ask, Generation
from builder.llm.messages import Message, Reply
from builder.request import Request
from builder.rounds import NOTHING, Base
from builder.site import Site
from tests.conftest import FakeTime, MemoryLog, RequestOf


def finding(severity: Severity = Severity.FAILURE, source: Source = Source.CHECK) -> Finding:
    return Finding(severity=severity, source=source, subject="#x", expected="1", seen="2")


FAILED = finding()
WARNED = finding(Severity.WARNING)
REGRESSED = finding(source=Source.REGRESSION)


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

    def first(self) -> Sequence[Message]:
        return [Message("user", "first")]

    def repair(self, attempt: Attempt) -> Sequence[Message]:
        return [Message("user", f"repair {page(attempt)}")]

    def attempt(self, reply: Reply, before: Attempt | None) -> Attempt:
        files = {**(before.site if before else {}), "index.html": reply.text.encode()}
        return Attempt(Site(files), reply.model, is_usable=bool(reply.text))


@dataclass
class Scene:
    """A generation whose verification finds what the test says of each page."""

    request: Request
    time: FakeTime
    log: MemoryLog
    found: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    seconds: float = 400.0
    base: Base = NOTHING

    def run(self, *replies: str | None, repairs: int = 2, ask: Ask | None = None) -> Attempt:
        self.model = Model(list(replies), self.time)
        ends = self.time.now.timestamp() + self.seconds
        self.generation = Generation(
            request=self.request,
            base=self.base,
            author=PlainAuthor(),
            ask=ask or (self.model.ask if replies else None),
            fallback=lambda *_: Site({"index.html": b"fallback", "LICENSE": b"MIT"}),
            verify=self.verify,
            budget=lambda: ends - self.time.now.timestamp(),
            log=self.log,
            repairs=repairs,
        )
        return self.generation.run()

    def verify(self, attempt: Attempt) -> Attempt:
        page = attempt.site.get("index.html", b"").decode()
        return replace(attempt, findings=self.found.get(page, ()))


@pytest.fixture
def scene(request_of: RequestOf, fake_time: FakeTime, memory_log: MemoryLog) -> Scene:
    return Scene(request_of(), fake_time, memory_log)


def page(attempt: Attempt) -> str:
    return attempt.site["index.html"].decode()


def test_generation__a_good_first_reply_is_all(scene: Scene) -> None:
    """Without a failure nothing more is asked."""
    assert page(scene.run("good", "unused")) == "good"
    assert len(scene.model.asked) == 1


def test_generation__warnings_are_not_repaired(scene: Scene) -> None:
    """A warning is told and left."""
    scene.found = {"fine": (WARNED,)}
    assert page(scene.run("fine", "unused")) == "fine"
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


@pytest.mark.parametrize(("repairs", "calls"), [(0, 1), (1, 2), (2, 3)])
def test_generation__repairs_are_counted(scene: Scene, repairs: int, calls: int) -> None:
    """At most so many repairs are asked for."""
    scene.found = {"x": (FAILED,)}
    scene.run("x", "x", "x", "x", repairs=repairs)
    assert len(scene.model.asked) == calls


def test_generation__no_repair_that_the_clock_does_not_allow(scene: Scene) -> None:
    """With too little left for a call as long as the longest, none is begun."""
    scene.found = {"broken": (FAILED,)}
    scene.seconds = 40.0 + 59.0
    assert page(scene.run("broken", "unused")) == "broken"
    assert len(scene.model.asked) == 1
    assert "too few for a model call" in scene.generation.notes[0]


def test_generation__the_model_is_told_what_it_may_take(scene: Scene) -> None:
    """What is kept for the verification is taken off the model's budget."""
    scene.found = {"broken": (FAILED,)}
    scene.run("broken", "mended")
    assert scene.model.budgets == [380.0, 340.0]


@pytest.mark.parametrize(
    ("replies", "seconds", "words"),
    [
        ((), 400.0, "No model is set"),
        ((None,), 400.0, "out of order"),
        (("unused",), 20.0, "too few for a model call"),
        (("", "", ""), 400.0, ""),
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


def test_generation__no_answer_to_a_repair_keeps_the_attempt(scene: Scene) -> None:
    """A model that falls silent later does not cost the first attempt."""
    scene.found = {"broken": (FAILED,)}
    assert page(scene.run("broken", None)) == "broken"


@pytest.mark.parametrize("seconds", [30.0, 60.0, 200.0, 410.0])
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
    ("better", "worse"),
    [
        ((), (WARNED,)),
        ((WARNED, WARNED), (FAILED,)),
        ((REGRESSED,), (FAILED,)),
        ((REGRESSED, REGRESSED), (FAILED,)),
        ((WARNED, REGRESSED), (REGRESSED, REGRESSED)),
    ],
)
def test_best__order(better: tuple[Finding, ...], worse: tuple[Finding, ...]) -> None:
    """Failures of this round weigh most, then regressions, then warnings."""
    good = Attempt(Site({}), "good", findings=better)
    bad = Attempt(Site({}), "bad", findings=worse)
    assert best([bad, good]) is good
    assert best([good, bad]) is good
