"""From phrases to parts: general rules, in many wordings, over files of no particular task."""

import json
from typing import Any

import pytest

from builder.brief.prose import mentions
from builder.request import Check
from builder.templated.asked import Context
from builder.templated.implied import implied_parts
from builder.templated.parts import Blank
from builder.templated.rules import part_for
from builder.templated.sources import Sources

FILES = {
    "trees.csv": b"species,park,height,planted at,unit price\n"
    b"oak,North,12,1990,3\nelm,South,9,2001,4\noak,South,7,2010,5\n",
    "about.md": b"# About trees\n\nSome words.\n",
    "facts.json": json.dumps({"owner": "City", "count": {"visitors": 7}}).encode(),
    "poem.txt": b"one\ntwo\n",
    "leaf.png": b"\x89PNG",
}


def context(brief: str, *checks: str, files: dict[str, bytes] = FILES) -> Context:
    read = tuple(Check.model_validate(check) for check in checks)
    return Context(brief, tuple(files), Sources(files), read)


def plan_of(brief: str, *checks: str) -> dict[str, Any]:
    """Return the part of the brief's first id as the script is told of it."""
    return part_for(mentions(brief)[0], context(brief, *checks)).plan()


def figure(operation: str, column: str | None) -> dict[str, Any]:
    return {"kind": "figure", "operation": operation, "column": column, "file": "trees.csv"}


def grouped(form: str, column: str | None = "height", operation: str = "sum") -> dict[str, Any]:
    return {"kind": "groups", "form": form, "column": column, "operation": operation}


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Sum the height column of trees.csv, show the total in #x.", figure("sum", "height")),
        ("Show the average height in #x.", figure("mean", "height")),
        ("#x: mean of the unit prices", figure("mean", "unit price")),
        ("Put the average unit_price into #x", figure("mean", "unit price")),
        ("The tallest or highest height goes to #x.", figure("max", "height")),
        ("Display the smallest unit price in the element #x", figure("min", "unit price")),
        ("Show the median height inside #x", figure("median", "height")),
        ("Show the number of rows in #x.", figure("count", None)),
        ("Show how many records trees.csv has in #x.", figure("count", None)),
        ("How many species there are: #x", figure("distinct", "species")),
        ("Count the different parks in #x", figure("distinct", "park")),
        ("Show the total height in #x, the average height in #y.", figure("sum", "height")),
        (
            "Use trees.csv for the heights. Show their sum in #height-total.",
            figure("sum", "height"),
        ),
        ("Draw a bar chart of height by park in #x.", grouped("bars")),
        ("A table #x lists each species with its total height.", grouped("table")),
        ("List the average height per park in a list #x.", grouped("list", operation="mean")),
        ("Show the number of trees by species in a table #x", grouped("table", None, "count")),
        ("With Chart.js draw a line chart of height by park on canvas #x", grouped("canvas")),
        ("Show all rows of trees.csv in a table #x.", {"kind": "rows", "file": "trees.csv"}),
        (
            "The species with the highest height goes into #x",
            {"kind": "extreme", "wanted": "species"},
        ),
        ("Visitors filter by park with a select #x", {"kind": "filter", "column": "park"}),
        ("Render about.md as HTML inside #x", {"kind": "markdown", "file": "about.md"}),
        ("Show the original Markdown in #x", {"kind": "raw", "file": "about.md"}),
        ("Show the word count of about.md in #x", {"kind": "textCount", "unit": "words"}),
        ("The number of lines of poem.txt in #x", {"kind": "textCount", "file": "poem.txt"}),
        ("How many characters poem.txt has: count of characters in #x", {"unit": "characters"}),
        ("Show poem.txt in #x", {"kind": "raw", "file": "poem.txt"}),
        ("Show the owner from facts.json in #x", {"kind": "field", "path": ("owner",)}),
        ("Show the visitors of facts.json in #x", {"path": ("count", "visitors")}),
        ("Pretty print the JSON in #x", {"kind": "raw", "file": "facts.json"}),
        ("Show the picture in #x", {"kind": "picture", "file": "leaf.png"}),
        ("with its natural size in #x as WIDTHxHEIGHT", {"kind": "pictureSize", "side": "both"}),
        ("the natural width of the image in #image-width", {"side": "width"}),
        ("show which source is in use inside #x", {"kind": "sourceName"}),
        ("The active source goes to #x.", {"kind": "sourceName"}),
        ('Show "Hello, you" in #x.', {"kind": "text", "text": "Hello, you", "element": "p"}),
        ('The heading "Trees of ours" in #x.', {"text": "Trees of ours", "element": "h1"}),
        ("A chess board in #x", {"kind": "blank"}),
        ("The total width in #x", {"kind": "blank"}),
        ("Count the clicks on a button in #x", {"kind": "blank"}),
        ("Mirror the currency in #total-currency", {"kind": "blank"}),
        ("Tabs #view-tabs switch between HTML and Markdown", {"kind": "blank"}),
        ("A select #picker of the total height", {"kind": "blank"}),
        ("List all trees of trees.csv in <ul id='x'>", {"kind": "rows", "form": "list"}),
    ],
)
def test_rules__phrase(brief: str, expected: dict[str, Any]) -> None:
    """A phrase leads to the part that it describes, and to a blank where it describes none."""
    assert expected.items() <= plan_of(brief).items()


@pytest.mark.parametrize(
    ("brief", "digits"),
    [
        ("Show the mean height in #x with one decimal.", 1),
        ("Show the mean height, rounded to 3 decimal places, in #x.", 3),
        ("Show the mean height in #x to the nearest whole number.", 0),
        ("Show the mean height in #x.", None),
    ],
)
def test_rules__decimal_places(brief: str, digits: int | None) -> None:
    """The decimal places are those of the sentence."""
    assert plan_of(brief)["digits"] == digits


def test_rules__details_of_groups_come_from_prose_and_checks() -> None:
    """Class, attribute and form are taken from the sentence, else from what checks query."""
    prose = plan_of("A chart of height by park in #x, elements of class pillar, data-sum each.")
    assert (prose["item_class"], prose["attribute"]) == ("pillar", "sum")
    checks = "js: [...document.querySelectorAll('#x li.pole')].every((p) => p.dataset.metres)"
    queried = plan_of("Show height by park in #x.", checks)
    assert (queried["form"], queried["item_class"]) == ("list", "pole")
    assert queried["attribute"] == "metres"


def test_rules__several_numeric_columns_are_not_guessed() -> None:
    """Where several columns might be meant the element stays blank."""
    assert plan_of("Show the sum in #x")["kind"] == "blank"
    assert plan_of("Show the sum in #height-sum")["column"] == "height"


def test_rules__file_named_close_by_wins() -> None:
    """Of two tables the one is used that the clause, else the sentence or the brief names."""
    files = FILES | {"bushes.csv": b"species,height\nbox,1\n"}
    for brief, file in (
        ("Show the total height of trees.csv in #x.", "trees.csv"),
        ("Read trees.csv. Show the total height in #x.", "trees.csv"),
        ("Show the total height in #x.", "bushes.csv"),
    ):
        part = part_for(mentions(brief)[0], context(brief, files=files))
        assert part.file == file


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Show the average of the height column too.", {figure("mean", "height")["operation"]}),
        ("Show the sum and the average of height.", {"sum", "mean"}),
        ("A bar chart of height by park.", {"sum"}),
        ("The README explains how totals are computed.", set()),
    ],
)
def test_rules__sentences_without_an_id(brief: str, expected: set[str]) -> None:
    """What a sentence asks for without naming an element is shown under an id of its own."""
    parts = implied_parts([context(brief)], [])
    plans = [part.plan() for part in parts]
    assert {plan["operation"] for plan in plans if "operation" in plan} == expected
    assert len({part.id for part in parts}) == len(parts)
    assert all(part.id for part in parts)


def test_rules__every_attachment_is_shown() -> None:
    """Attachments that no sentence mentions are shown as what they are."""
    parts = implied_parts([context("A page.")], [Blank(id="x", label="X")])
    assert {part.kind for part in parts} == {"picture", "markdown", "rows", "raw"}
