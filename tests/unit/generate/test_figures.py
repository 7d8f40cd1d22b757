"""Figures that have to come from data: what counts as computed, and what an app has to say."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from builder.contract.contract import Contract, Rule, sha256
from builder.findings import Severity, Source
from builder.generate.attempts import Attempt
from builder.generate.fetched import Fetched
from builder.generate.figures import Figures
from builder.report import PageSeen
from builder.site import Site

URL = "https://api.example/v1/rain?year=2026"
THERE = Fetched(URL, 200, "application/json", content=b"{}")
GONE = Fetched(URL, 503)
SITE = Site({"index.html": b"<p>60</p>", "rain.json": b"{}"})
MADE = {"rain.json": sha256(b"{}")}
FAILURE, WARNING = Severity.FAILURE, Severity.WARNING


def contract(*paths: str, source: str = URL, made: Iterable[str] = ()) -> Contract:
    return Contract(
        from_data=tuple(Rule(path, "the wettest day", source=source) for path in paths),
        made_by_workflow=dict.fromkeys(made, ""),
        attached={"rain.csv": "", "rain.json": ""},
    )


def attempt(*asked: str, computed: dict[str, str] | None = None, opened: bool = True) -> Attempt:
    page = PageSeen(opened=opened)
    return Attempt(SITE, "m", computed=computed or {}, asked=frozenset(asked), page=page)


def found(figures: Figures, of: Attempt) -> list[tuple[Severity, str]]:
    findings = figures.judged(of).findings
    assert {one.source for one in findings} <= {Source.DATA}
    return [(one.severity, one.subject) for one in findings]


@pytest.mark.parametrize(
    ("path", "of", "severities"),
    [
        ("rain.json", attempt(), [FAILURE]),
        ("rain.json", attempt(computed=MADE), []),
        ("rain.json", attempt(computed={"rain.json": sha256(b"another")}), [FAILURE]),
        # A data file is no less made up for being loaded, nor for what else the page loads.
        ("rain.json", attempt("rain.json", "api.example"), [FAILURE]),
        ("index.html", attempt(), [FAILURE]),
        ("index.html", attempt("rain.json", "style.css"), [FAILURE]),
        ("index.html", attempt("rain.json", computed=MADE), []),
        ("index.html", attempt("api.example"), []),
        ("index.html", attempt("cdn.example"), [FAILURE]),
        ("index.html", attempt(opened=False), [WARNING]),
        ("absent.json", attempt(), []),
    ],
)
def test_judged__with_data_that_was_fetched(
    path: str, of: Attempt, severities: list[Severity]
) -> None:
    """A file has to be what a build script wrote; a page may also load such a file, or the data."""
    figures = Figures(contract(path), [THERE])
    assert found(figures, of) == [(severity, path) for severity in severities]
    assert (figures.to_say, figures.missing) == ([], [])


def test_judged__tells_file_and_source() -> None:
    """The finding names the file, where its figures should come from, and the words that say so."""
    (told,) = Figures(contract("rain.json"), [THERE]).judged(attempt()).findings
    assert str(told) == (
        f"data rain.json: expected figures computed from {URL}, or loaded from there "
        "(the wettest day); seen no build script wrote it"
    )


@pytest.mark.parametrize(
    ("of", "severities"),
    [(attempt(), [WARNING]), (attempt("rain.csv"), []), (attempt("api.example"), [WARNING])],
)
def test_judged__with_an_attachment(of: Attempt, severities: list[Severity]) -> None:
    """Figures of an attachment are computed, or the page loads it; otherwise nobody knows."""
    figures = Figures(contract("index.html", source="rain.csv"))
    assert found(figures, of) == [(severity, "index.html") for severity in severities]


def test_judged__what_a_workflow_makes() -> None:
    """A file that the app's workflow makes is computed there, and so is a page that loads it."""
    figures = Figures(contract("rain.json", "index.html", made=["rain.json"]), [THERE])
    assert found(figures, attempt("rain.json")) == []


def test_judged__an_attachment_as_it_came() -> None:
    """Nobody has made it up."""
    as_it_came = replace(contract("rain.json", source="rain.csv"), verbatim=MADE)
    assert found(Figures(as_it_came), attempt()) == []


@pytest.mark.parametrize("source", ["https://other.example/", "unknown.csv"])
def test_judged__another_source(source: str) -> None:
    """A source that is neither an address of the request nor an attachment enforces nothing."""
    figures = Figures(contract("rain.json", source=source), [THERE, GONE])
    assert found(figures, attempt()) == []
    assert figures.to_say == []


def test_missing__data_that_could_not_be_fetched() -> None:
    """The page has to say so, once for each address; made-up figures are then its scenario's to
    find. What an earlier round computed needs no such words."""
    figures = Figures(contract("rain.json", "index.html"), [GONE])
    (said,) = figures.to_say
    assert f"the data of {URL}" in said
    assert figures.missing == [f"{URL} (it answered with status 503)"]
    assert found(figures, attempt()) == []
    assert Figures(contract("rain.json"), [GONE], MADE).to_say == []
