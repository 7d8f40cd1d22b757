"""What briefs name, in many phrasings."""

import pytest

from builder.brief import prose as brief
from builder.brief import selectors
from builder.request import Check


def check(text: str) -> Check:
    return Check.model_validate(text)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("inside #total-sales, and", ["total-sales"]),
        ("in `#a_b` and in “#cD2”.", ["a_b", "cD2"]),
        ('a form with id="github-user-x1"', ["github-user-x1"]),
        ("a div with the id result", ["result"]),
        ("an element whose id is 'sum'", ["sum"]),
        ("under id `total`:", ["total"]),
        ("the id of the user", []),
        ("issue #12, a C# program, page.html#part, &#x41;", []),
        ("a background of #fff on #1d2330 and the accent colour #badcab", []),
        ("the price in #add", ["add"]),
    ],
)
def test_brief__element_ids(text: str, ids: list[str]) -> None:
    """Ids are told from colours, numbers, addresses and entities."""
    assert brief.element_ids(text) == ids


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "fetches it, displays the total inside #total, and loads Bootstrap.",
            {"total": "fetches it, displays the total inside"},
        ),
        (
            "Add a table #sums that lists each product with its total and keeps #all right.",
            {"sums": "Add a table that lists each product with its total ", "all": "and keeps"},
        ),
        ("- `#low`: the lowest price, in euro\n- `#high` - the highest", {"low": "lowest price"}),
        ("In #a show the sum, in #b the mean.", {"a": "show the sum", "b": "the mean"}),
    ],
)
def test_brief__words_of_a_mention(text: str, words: dict[str, str]) -> None:
    """Each id gets the words that lead up to it, or those that explain it."""
    found = {mention.id: mention.words for mention in brief.mentions(text)}
    for name, part in words.items():
        assert part.strip() in found[name]


def test_brief__words_go_to_one_mention_only() -> None:
    """What explains one id is not read for its neighbour."""
    found = {m.id: m.words for m in brief.mentions("In #a show the sum, in #b the mean.")}
    assert "mean" not in found["a"]
    assert "sum" not in found["b"]


def test_brief__quoted_phrases_are_no_instructions() -> None:
    """A title such as “Average price” asks for no average; a quoted column keeps its name."""
    (mention,) = brief.mentions('Titled "Average price" it shows the sum of "cost" in #x')
    assert "Average" not in mention.words
    assert "cost" in mention.words


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("fetches data.csv from attachments", ["data.csv"]),
        ("with highlight.js and Chart.js in index.html.", ["index.html"]),
        ("- img/boat.svg: a boat\n- LICENSE: MIT", ["img/boat.svg", "LICENSE"]),
        ("see https://example.com/x.csv, v1.2.3, e.g. this", []),
        ("“notes.md” twice: notes.md", ["notes.md"]),
    ],
)
def test_brief__files(text: str, files: list[str]) -> None:
    """Files are names with a known ending; addresses and libraries are none."""
    assert list(brief.files(text)) == files


def test_brief__copies_and_literal_files() -> None:
    """A copy names source and target; a text in quotes is the content of the file before it."""
    assert brief.copies("Also a copy of data.csv as plain/data.txt.") == [
        ("data.csv", "plain/data.txt")
    ]
    assert brief.literal_files('motto.txt containing exactly "Go on"') == {"motto.txt": "Go on"}
    assert brief.literal_files("- a.txt: with the text “Hi”") == {"a.txt": "Hi\n"}
    assert brief.literal_files('a.txt: a poem like "Hi"') == {}


def test_brief__parameters_classes_and_attributes() -> None:
    """Query parameters, classes and data attributes are found by their marks."""
    assert brief.parameters("opened with ?url=… or &token=") == ["url", "token"]
    assert brief.class_name("one element with the class bar for each region") == "bar"
    assert brief.class_name("elements of class city-bar") == "city-bar"
    assert brief.class_name("a first-class page for the class of 1990") is None
    assert brief.attribute("its data-total attribute") == "total"


def test_selectors__of_checks() -> None:
    """Ids, what stands below them, item classes and attributes come out of JavaScript."""
    checks = [
        check("js: document.querySelectorAll('#sales .bar').length === 4"),
        check("js: [...document.querySelectorAll(`#sales .bar`)].map((b) => b.dataset.netTotal)"),
        check('js: document.getElementById("sum").textContent'),
        check("In words: #elsewhere"),
    ]
    assert selectors.ids(checks) == ["sales", "sum"]
    assert selectors.item_class("sales", checks) == "bar"
    assert selectors.item_attribute("sales", checks) == "net-total"
    assert selectors.item_class("sum", checks) is None
