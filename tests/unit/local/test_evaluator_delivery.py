"""What the evaluator finds in a repository and in the bytes that Pages serves."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from builder.contract.reading import Change, Reading
from builder.request import Request
from builder.rounds import Base, Round
from builder.site import Site
from builder.verdict import Judgement, Verdict
from builder.verify.scenarios.scenario import Scenario
from local.evaluator import delivery, rules
from local.evaluator.callbacks import Delivered
from local.evaluator.delivery import Clone
from local.evaluator.score import RoundScore, Row, RowOutcome, all_good

WIRE = {
    "email": "ada@example.com",
    "task": "t-1",
    "round": 1,
    "nonce": "n-471",
    "brief": "A page.",
    "checks": ["Looks nice", "Adds up"],
    "evaluation_url": "http://127.0.0.1:1/evaluation",
    "attachments": [{"name": "data.csv", "url": "data:text/csv,a%0A1%0A"}],
}
REQUEST = Request.from_wire(WIRE)
HEAD = "a" * 40
CALLBACK = Delivered(
    email="ada@example.com",
    task="t-1",
    round=1,
    nonce="n-471",
    status="success",
    repo_url="https://github.com/ada/t-1",
    commit_sha=HEAD,
    pages_url="https://ada.github.io/t-1/",
)
FILES = {
    "index.html": b"<title>t</title>",
    "README.md": b"# T\n## Summary\n## Setup\n## Usage\n## How the code works\n## License\n",
    "LICENSE": b"MIT License\nPermission is hereby granted, ...",
    ".nojekyll": b"",
    "data.csv": b"a\n1\n",
}
PASSED, FAILED, OPEN = RowOutcome.PASSED, RowOutcome.FAILED, RowOutcome.NOT_CHECKABLE


def rows(
    files: Mapping[str, bytes] = FILES,
    served: Mapping[str, bytes | str] | None = None,
    head: str = HEAD,
    history: bytes = b"",
    secrets: Mapping[str, str] | None = None,
    rounds: tuple[Request, ...] = (REQUEST,),
    kept: tuple[Round, ...] = (),
) -> list[Row]:
    """Return what is found when a good delivery is changed so."""
    site = Site(files)
    shown = {path: site[path] for path in site.served}
    shown[delivery.FRONT_PAGE] = shown.get("index.html", b"")
    clone = Clone(head, Base(site, kept), history)
    held = delivery.GradedDelivery(rounds, CALLBACK, clone, {**shown, **(served or {})})
    return list(rules.rows(held, secrets or {}))


def failed(*arguments: Any, **changes: Any) -> list[Row]:
    return [row for row in rows(*arguments, **changes) if row.outcome is FAILED]


def without(name: str) -> dict[str, bytes]:
    return {key: value for key, value in FILES.items() if key != name}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"head": "b" * 40}, "head of main", "b" * 40),
    ({"files": without("LICENSE")}, "LICENSE", "no file"),
    ({"files": FILES | {"LICENSE": b"MIT"}}, "LICENSE", "is hereby granted"),
    ({"files": FILES | {"README.md": b"# T\n## Usage"}}, "README.md", "setup"),
    ({"served": {"data.csv": b"a\r\n1\r\n"}}, "data.csv arrives", "on Pages"),
    ({"files": FILES | {"data.csv": b"a\n1"}}, "data.csv arrives", "in the commit"),
    ({"served": {"index.html": b"old"}}, "Pages serves", "index.html: other bytes"),
    ({"served": {"": "answers 404"}}, "Pages serves", "the front page: answers 404"),
    ({"history": b"+ token ghp_" + b"a" * 36}, "secret", "GitHub token"),
    ({"history": b"+ by a@b.c", "secrets": {"mail": "a@b.c"}}, "secret", "mail"),
]


def test_delivery__names_what_is_wrong() -> None:
    """Each defect fails the row that is about it and says what was seen; a good one has none."""
    for change, check, seen in WRONG:
        assert failed() == []
        (found,) = [row for row in failed(**change) if check in row.check]
        assert seen in found.seen


def test_delivery__compares_the_attachments_of_earlier_rounds() -> None:
    """They have to be there still; one that a later round sent again counts as it is there."""
    newer = {"name": "data.csv", "url": "data:text/csv,a%0A9%0A"}
    attached = [newer, {"name": "kept.txt", "url": "data:,k"}]
    rounds = (Request.from_wire(WIRE | {"attachments": attached}), later())
    assert [row.check for row in failed(rounds=rounds)] == [
        "round 1: kept.txt arrives byte for byte"
    ]
    assert failed(FILES | {"kept.txt": b"k"}, rounds=rounds) == []


def later() -> Request:
    return Request.from_wire(WIRE | {"round": 2, "checks": ["js: true", "Has a chart"]})


@pytest.mark.parametrize(
    ("verdict", "earlier"), [(Verdict.VERIFIED, PASSED), (Verdict.PARTLY_VERIFIED, OPEN)]
)
def test_delivery__lists_requirements_of_each_round(verdict: Verdict, earlier: RowOutcome) -> None:
    """A requirement was used and seen where the commit keeps a scenario that held for it; one of an
    earlier round where the newest is verified too. One that was withdrawn is not listed."""
    steps = [{"do": "expect_visible", "target": {"css": "p"}}]
    held = [
        Scenario.model_validate({"id": f"s{number}", "requirement": name, "steps": steps})
        for number, name in enumerate(("Adds up", "Is blue", "Has a chart"), start=1)
    ]
    request = Request.from_wire(WIRE | {"checks": ["Looks nice", "Adds up", "Is blue"]})
    changes = tuple(Change(quote="green now", earlier=name) for name in ("c1.3", "s1.2"))
    kept = (
        Round.of(request, scenarios=held[:2]),
        Round.of(later(), Reading(changes=changes), Judgement(verdict=verdict), held[2:]),
    )
    listed = {row.check: row.outcome for row in rows(rounds=(request, later()), kept=kept)[6:]}
    assert listed == {
        "Has a chart": PASSED,
        "round 1: Looks nice": OPEN,
        "round 1: Adds up": earlier,
    }


def test_score__is_good_when_something_passed_and_nothing_failed() -> None:
    """What cannot be checked neither helps nor harms; outside text is shown as it is."""
    words = Row("nice", OPEN)
    good = RoundScore("[red]t", 1, (Row.of("[...bars][0] === '[/bold]'", True, "[link]"), words))
    assert all_good([good])
    for bad in (RoundScore("t", 1, (words,)), RoundScore("t", 2, (*good.rows, Row.of("b", False)))):
        assert not all_good([good, bad])
    assert not all_good([])
    assert good.to_json()["totals"] == {"passed": 1, "failed": 0, "not checkable": 1}
    out = io.StringIO()
    Console(file=out, width=120).print(good.to_table())
    for text in ("[red]t", "[...bars][0] === '[/bold]'", "[link]", "✓", "–"):  # noqa: RUF001
        assert text in out.getvalue()
