"""What the evaluator finds in a repository and in the bytes that Pages serves."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from builder.request import Request
from builder.site import Site
from local.evaluator import delivery
from local.evaluator.callbacks import Delivered
from local.evaluator.delivery import Clone
from local.evaluator.score import RoundScore, Row, RowOutcome, all_good

REQUEST = Request.from_wire(
    {
        "email": "ada@example.com",
        "task": "t-1",
        "round": 1,
        "nonce": "n-471",
        "brief": "A page.",
        "evaluation_url": "http://127.0.0.1:1/evaluation",
        "attachments": [{"name": "data.csv", "url": "data:text/csv,a%0A1%0A"}],
    }
)
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
README = b"# T\n## Summary\n## Setup\n## Usage\n## How the code works\n## License\n"
FILES = {
    "index.html": b"<title>t</title>",
    "README.md": README,
    "LICENSE": b"MIT License\nPermission is hereby granted, ...",
    ".nojekyll": b"",
    "data.csv": b"a\n1\n",
}


def failed(
    files: Mapping[str, bytes] | None = None,
    served: Mapping[str, bytes | str] | None = None,
    head: str = HEAD,
    history: bytes = b"",
    secrets: Mapping[str, str] | None = None,
    rounds: tuple[Request, ...] = (REQUEST,),
) -> list[Row]:
    """Return the rows that fail when a good delivery is changed so."""
    site = Site(FILES if files is None else files)
    shown = {path: site[path] for path in site.served}
    shown[delivery.FRONT_PAGE] = shown.get("index.html", b"")
    held = delivery.GradedDelivery(
        rounds, CALLBACK, Clone(head, site, history), {**shown, **(served or {})}
    )
    return [row for row in delivery.rows(held, secrets or {}) if row.outcome is RowOutcome.FAILED]


def without(name: str, **changes: Any) -> dict[str, bytes]:
    return {key: value for key, value in FILES.items() if key != name} | changes


def test_delivery__finds_nothing_wrong_in_a_good_one() -> None:
    """A whole delivery passes every row."""
    assert failed() == []


@pytest.mark.parametrize(
    ("change", "check", "seen"),
    [
        ({"head": "b" * 40}, "head of main", "b" * 40),
        ({"files": without("LICENSE")}, "LICENSE", "no file"),
        ({"files": FILES | {"LICENSE": b"MIT"}}, "LICENSE", "is hereby granted"),
        ({"files": without("README.md")}, "README.md", "no file"),
        ({"files": FILES | {"README.md": b"# T\n## Usage"}}, "README.md", "setup"),
        ({"served": {"data.csv": b"a\r\n1\r\n"}}, "data.csv arrives", "on Pages"),
        ({"files": FILES | {"data.csv": b"a\n1"}}, "data.csv arrives", "in the commit"),
        ({"served": {"index.html": b"old"}}, "Pages serves", "index.html: other bytes"),
        ({"served": {"": "answers 404"}}, "Pages serves", "the front page: answers 404"),
        ({"history": b"+ token ghp_" + b"a" * 36}, "secret", "GitHub token"),
        (
            {"history": b"+ by ada@example.com", "secrets": {"mail": "ada@example.com"}},
            "sec",
            "mail",
        ),
    ],
)
def test_delivery__names_what_is_wrong(change: dict[str, Any], check: str, seen: str) -> None:
    """Each defect fails the row that is about it and says what was seen."""
    found = [row for row in failed(**change) if check in row.check]
    assert len(found) == 1
    assert seen in found[0].seen


def test_delivery__compares_the_attachments_of_earlier_rounds() -> None:
    """They have to be there still; one that a later round sent again counts as it is there."""
    attached = [
        {"name": "data.csv", "url": "data:text/csv,a%0A9%0A"},
        {"name": "kept.txt", "url": "data:,k"},
    ]
    wire = {**REQUEST.to_wire(), "attachments": attached}
    earlier = Request.from_wire(wire)
    now = Request.from_wire({**REQUEST.to_wire(), "round": 2})
    assert [row.check for row in failed(rounds=(earlier, now))] == [
        "round 1: kept.txt arrives byte for byte"
    ]
    assert failed(FILES | {"kept.txt": b"k"}, rounds=(earlier, now)) == []


def test_score__is_good_when_something_passed_and_nothing_failed() -> None:
    """Checks in plain words neither help nor harm."""
    words = Row("nice", RowOutcome.NOT_CHECKABLE)
    good = RoundScore("t", 1, (Row.of("a", True), words))
    assert all_good([good])
    assert not all_good([])
    assert not all_good([RoundScore("t", 1, (words,))])
    assert not all_good([good, RoundScore("t", 2, (Row.of("a", True), Row.of("b", False)))])
    assert good.to_json()["totals"] == {"passed": 1, "failed": 0, "not checkable": 1}


def test_table__shows_outside_text_as_it_is() -> None:
    """Brackets in a check are text, not markup of the terminal."""
    out = io.StringIO()
    score = RoundScore("[red]t", 1, (Row.of("[...bars][0] === '[/bold]'", False, "[link]"),))
    Console(file=out, width=120).print(score.to_table())
    for text in ("[red]t", "[...bars][0] === '[/bold]'", "[link]"):
        assert text in out.getvalue()
