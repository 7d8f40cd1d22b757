"""What is enforced: the certain core, and a reading's entries with their quotes."""

import time

import pytest

from builder.contract.contract import Contract, Rule, sha256
from builder.contract.reading import Change, Kind, Reading, Requirement
from builder.rounds import Round
from builder.verify.scenarios.scenario import Scenario
from tests.conftest import RequestOf

EVERY_APP = ["index.html", "README.md", "LICENSE"]
CSV = {"name": "d.csv", "url": "data:,a"}


def _reading(*entries: tuple[str, str], changes: tuple[str, ...] = ()) -> Reading:
    """Return a reading of (kind, path) entries; each quotes its path."""
    return Reading.model_validate(
        {
            "requirements": [
                {"kind": kind, "path": path, "quote": f"q {path}", "json_schema": {"type": "array"}}
                for kind, path in entries
            ],
            "changes": [{"quote": "q", "earlier": one} for one in changes],
        }
    )


def _required(contract: Contract) -> list[str]:
    return [rule.path for rule in contract.required]


def test_contract__core_without_a_reading(request_of: RequestOf) -> None:
    """Attachments, every app's files and what scripts fetch are enforced; prose is not."""
    contract = Contract.of(
        request_of(
            brief="Write about.html and no main.js.",
            checks=["js: (await fetch('b.json')).ok", "c.txt"],
            attachments=[CSV],
        )
    )
    assert _required(contract) == [*EVERY_APP, "d.csv", "b.json"]
    assert contract.verbatim == {"d.csv": sha256(b"a")}
    assert not contract.unwanted
    assert not contract.is_read


def test_contract__files_that_were_read(request_of: RequestOf) -> None:
    """A file that is wanted is required, one that is not is forbidden, with the quote."""
    reading = _reading(("file wanted", "a.html"), ("file not wanted", "b.html"))
    contract = Contract.of(request_of(), reading=reading)
    assert contract.required[-1] == Rule("a.html", "q a.html", {"type": "array"})
    assert [rule.evidence for rule in contract.unwanted] == ["q b.html"]
    assert [contract.forbids(f"{name}.html") for name in "ab"] == [False, True]
    assert contract.is_read


def test_contract__attachments_that_were_read(request_of: RequestOf) -> None:
    """An attachment is changed, withheld or left out where a quote says so."""
    request = request_of(attachments=[{"name": f"{one}.csv", "url": "data:,a"} for one in "abcd"])
    reading = _reading(
        ("attachment to change", "a.csv"),
        ("attachment to withhold", "b.csv"),
        ("file not wanted", "c.csv"),
        ("attachment to change", "unknown.csv"),
        ("attachment to withhold", "unknown.txt"),
    )
    contract = Contract.of(request, reading=reading)
    assert list(contract.verbatim) == ["d.csv"]
    assert contract.replaceable == {"a.csv": "q a.csv"}
    assert contract.withheld == {"b.csv": "q b.csv"}
    assert [name for name in "abcd" if contract.forbids(f"{name}.csv")] == ["b", "c"]
    assert _required(contract) == [*EVERY_APP, "a.csv", "d.csv"]


def test_contract__made_by_a_workflow(request_of: RequestOf) -> None:
    """A file that a workflow makes is not required, not even by a check that fetches it."""
    request = request_of(checks=["js: (await fetch('rates.json')).ok"])
    contract = Contract.of(request, reading=_reading(("made by a workflow", "rates.json")))
    assert contract.made_by_workflow == {"rates.json": "q rates.json"}
    assert _required(contract) == EVERY_APP
    assert contract.permits_workflow(".github/workflows/any.yml")


def test_contract__figures_from_data(request_of: RequestOf) -> None:
    """Each source of a file's figures is a rule; that file need not be asked for otherwise."""
    entry = {"kind": "from data", "path": "a.json", "quote": "the mean"}
    read = [{**entry, "source": source} for source in ("https://a.example/", "d.csv", "d.csv")]
    contract = Contract.of(request_of(), reading=Reading.model_validate({"requirements": read}))
    assert [(rule.path, rule.source) for rule in contract.from_data] == [
        ("a.json", "https://a.example/"),
        ("a.json", "d.csv"),
    ]
    assert _required(contract) == EVERY_APP


@pytest.mark.parametrize(
    ("brief", "entries", "permitted"),
    [
        ("Add a page.", [], False),
        ("Add .github/workflows/ci.yml.", [], True),
        ("Add a workflow.", [("file wanted", ".github/workflows/")], True),
        ("Add a workflow.", [("file wanted", ".github/workflows/other.yml")], False),
        ("No .github/workflows/ci.yml.", [("file not wanted", ".github/workflows/ci.yml")], False),
    ],
)
def test_contract__workflows(
    request_of: RequestOf, brief: str, entries: list[tuple[str, str]], permitted: bool
) -> None:
    """A workflow is permitted where the request names it, or asks for any."""
    contract = Contract.of(request_of(brief=brief), reading=_reading(*entries))
    assert contract.permits_workflow(".github/workflows/ci.yml") is permitted
    assert ".github/workflows/" not in _required(contract)


def test_contract__workflows_that_cannot_be_delivered(request_of: RequestOf) -> None:
    """They are not required then, but named; whether the request asks for them does not change."""
    flow = {"name": ".github/workflows/b.yml", "url": "data:,on:push"}
    reading = _reading(("file wanted", ".github/workflows/a.yml"), ("file wanted", "c.html"))
    request = request_of(attachments=[flow])
    contract = Contract.of(request, (), reading, "no right")
    assert contract.undeliverable == (".github/workflows/a.yml", ".github/workflows/b.yml")
    assert _required(contract) == [*EVERY_APP, "c.html"]
    assert contract.asks_for_workflow
    assert Contract.of(request, (), reading).undeliverable == ()


def test_contract__what_is_not_enforced(request_of: RequestOf) -> None:
    """Neither a ban on what every app has, nor entries of one round that are at odds; to withhold
    a file outweighs both."""
    at_odds = [("file wanted", "a.html"), ("file not wanted", "a.html")]
    at_odds += [(kind, "d.csv") for kind in ("file wanted", "file not wanted")]
    at_odds += [("attachment to withhold", "d.csv")]
    reading = _reading(*(("file not wanted", path) for path in EVERY_APP), *at_odds)
    contract = Contract.of(request_of(attachments=[CSV]), reading=reading)
    assert _required(contract) == EVERY_APP
    assert not any(map(contract.forbids, [*EVERY_APP, "a.html"]))
    assert contract.forbids("d.csv")


def test_contract__words_of_secrecy(request_of: RequestOf) -> None:
    """Unread, an attachment near words of secrecy is left out; a reading decides otherwise."""
    request = request_of(brief="d.csv is confidential.", attachments=[CSV])
    assert Contract.of(request).withheld == {"d.csv": "d.csv is confidential."}
    assert not Contract.of(request, reading=Reading()).forbids("d.csv")


def test_contract__later_round_wins(request_of: RequestOf) -> None:
    """What a later round says of a file stands; what it does not mention stays."""
    entries = [("file wanted", "a.html"), ("file wanted", "b.html"), ("JSON shape", "c.json")]
    first = Round.of(request_of(), _reading(*entries))
    second = request_of(round=2)
    contract = Contract.of(second, [first], _reading(("file not wanted", "a.html")))
    assert contract.forbids("a.html")
    assert "b.html" in _required(contract)
    assert [shape.path for shape in contract.json_shapes] == ["c.json"]


def test_contract__changes_retire_what_was_asked_earlier(request_of: RequestOf) -> None:
    """A retired requirement or check has no effect any more; only earlier ones can be retired."""
    request = request_of(checks=["js: (await fetch('a.json')).ok", "js: !!window.b"])
    first = Round.of(request, _reading(("file wanted", "c.json"), ("file wanted", "d.json")))
    reading = _reading(("file wanted", "e.json"), changes=("c1.1", "r1.1", "r2.1", "r9.9"))
    contract = Contract.of(request_of(round=2), [first], reading)
    assert _required(contract) == [*EVERY_APP, "d.json", "e.json"]
    assert contract.retired_checks == {"(await fetch('a.json')).ok"}


def test_contract__requirements_that_earlier_rounds_left_untried(request_of: RequestOf) -> None:
    """What no kept scenario tries is listed for this round, unless a later round withdrew it."""
    kinds = (Kind.BEHAVIOUR, Kind.CONTENT, Kind.BEHAVIOUR, Kind.BEHAVIOUR)
    read = [
        Requirement(quote="a page", kind=kind, statement=f"read {number}")
        for number, kind in enumerate(kinds, start=1)
    ]
    steps = [{"do": "expect_text", "value": "x"}]
    scenarios = [
        Scenario.model_validate({"id": f"s{number}", "requirement": words, "steps": steps})
        for number, words in enumerate(("plain", "read 3", "read 4"), start=1)
    ]
    asked = request_of(checks=["plain", "js: 1", "dull"])
    first = Round.of(asked, Reading(requirements=tuple(read)), None, scenarios)
    # The scenarios for "read 3" and "read 4" are withdrawn, and with the first its requirement.
    changes = [Change(quote="a page", earlier=name) for name in ("r1.2", "r1.3", "s1.2", "s1.3")]
    contract = Contract.of(request_of(round=2), [first], Reading(changes=tuple(changes)))
    assert contract.untried == ("dull", "read 1", "read 4")
    assert Contract.of(asked).untried == ()


def test_contract__a_withdrawn_requirement_takes_its_scenarios_along(
    request_of: RequestOf,
) -> None:
    """Of what no longer holds nothing is tried, unless another round asks for the same."""
    steps = [{"do": "expect_text", "value": "x"}]
    scenarios = [
        Scenario.model_validate({"id": name, "requirement": name, "steps": steps}) for name in "ab"
    ]
    first = Round.of(request_of(checks=["a", "b"]), scenarios=scenarios)
    withdrawn = _reading(changes=("c1.1",))
    contract = Contract.of(request_of(round=2), [first], withdrawn)
    assert [one.requirement for one in contract.scenarios] == ["b"]
    assert contract.untried == ()
    again = Contract.of(request_of(round=2, checks=["a"]), [first], withdrawn)
    assert [one.requirement for one in again.scenarios] == ["a", "b"]


def test_contract__scenarios_of_earlier_rounds(request_of: RequestOf) -> None:
    """Scenarios that held have to hold again, but those that a later round changes or replaces."""
    steps = [{"do": "expect_text", "value": "x"}]
    scenarios = [
        Scenario.model_validate({"id": "s", "requirement": name, "steps": steps}) for name in "abc"
    ]
    first = Round.of(request_of(), scenarios=scenarios)
    assert Round.model_validate_json(first.to_json()) == first
    contract = Contract.of(request_of(round=2), [first], _reading(changes=("s1.2",)))
    assert [(one.id, one.requirement) for one in contract.scenarios] == [
        ("s1.1", "a"),
        ("s1.3", "c"),
    ]
    assert Contract.of(request_of(), [first]).scenarios == ()
    anew = scenarios[2].model_copy(update={"id": "s1.3", "requirement": "anew"})
    second = Round.of(request_of(round=2), scenarios=[scenarios[0], anew])
    contract = Contract.of(request_of(round=3), [first, second])
    assert [(one.id, one.requirement) for one in contract.scenarios] == [
        ("s1.1", "a"),
        ("s1.2", "b"),
        ("s2.1", "a"),
        ("s2.2", "anew"),
    ]


def test_contract__attachment_that_comes_again(request_of: RequestOf) -> None:
    """What is sent again replaces the bytes and any change; a withheld one stays withheld."""
    request = request_of(attachments=[CSV, {"name": "s.csv", "url": "data:,s"}])
    assert Contract.of(request_of(round=2), [Round.of(request)]).attached.keys() == {
        "d.csv",
        "s.csv",
    }
    entries = [("attachment to change", "d.csv"), ("attachment to withhold", "s.csv")]
    first = Round.of(request, _reading(*entries))
    again = request_of(
        round=2,
        attachments=[{"name": name, "url": "data:,b"} for name in ("d.csv", "s.csv")],
    )
    contract = Contract.of(again, [first], Reading())
    assert contract.verbatim == {"d.csv": sha256(b"b")}
    assert contract.forbids("s.csv")
    assert Contract.of(request_of(round=2), [first], Reading()).replaceable == {"d.csv": "q d.csv"}


def test_contract__many_checks(request_of: RequestOf) -> None:
    """Thousands of checks and files take no time."""
    checks = [{"js": f"fetch('{number}.txt')"} for number in range(5_000)]
    request = request_of(checks=checks, attachments=[CSV])
    start = time.process_time()
    contract = Contract.of(request, reading=_reading(*[("file not wanted", "*.txt")] * 200))
    assert not any(contract.forbids(f"{number}.txt") for number in range(5_000))
    assert contract.forbids("other.txt")
    assert time.process_time() - start < 1


def test_rule__covers() -> None:
    """A rule covers its file, a folder its files at any depth, a glob by name or by path."""
    covered = [("a.js", "a.js"), ("b/", "b/c/a.js"), ("*.js", "b/a.js"), ("b/*.js", "b/a.js")]
    others = [("a.js", "b/a.js"), ("b/", "cb/a.js"), ("b/*.js", "a.js")]
    assert all(Rule(rule, "").covers(path) for rule, path in covered)
    assert not any(Rule(rule, "").covers(path) for rule, path in others)
