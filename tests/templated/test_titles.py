"""builder.templated.titles"""

import pytest

from builder.request import Check
from builder.templated.titles import made_up, title


def of(text: str, *checks: str) -> str | None:
    return title((text, [Check.model_validate(f"js: {check}") for check in checks]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('sets the title to "Sales Summary 001", displays', "Sales Summary 001"),
        ("Publish a page titled “Rain in May”.", "Rain in May"),
        ("The page title should be 'Moon phases'.", "Moon phases"),
        ("with the title `Price list`, and", "Price list"),
        ("Use <title>Tide table</title> in the head.", "Tide table"),
        ('Build a dashboard called "Order desk" for me', "Order desk"),
        ("- title: Bird diary\n- list the birds", "Bird diary"),
        ('Make a page "Plate reader" showing Hello in #msg.', "Plate reader"),
        ("Publish a single-page app 'Tide watch'.", "Tide watch"),
        ("Create a small static site: “Bird diary”, with a list.", "Bird diary"),
        ("Build a new sales dashboard `Order desk` from orders.csv", "Order desk"),
        ('An application that is called "Slow clock"', "Slow clock"),
        ('Show "Hello" in #greeting.', None),
        ('Put the title in #title and show "Hello" there', None),
        ("A page about titles.", None),
        ('A page with "Hello" in #x.', None),
        ('Add a page "Imprint" and link to it.', None),
        ('The footer links to a page "About us".', None),
        ("Publish a page `about.html`.", None),
        ('The page shows "Hello".', None),
        ('When the app "Mail" opens, wait.', None),
    ],
)
def test_titles__in_prose(text: str, expected: str | None) -> None:
    """A title is the quoted phrase after a word for it, or after the page that is to be made."""
    assert of(text) == expected


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("document.title === `Rain`", "Rain"),
        ("document.title.trim() == 'Rain, \"wet\"'", 'Rain, "wet"'),
        ("'Rain' === document.title", "Rain"),
        ("document.querySelector('title').textContent === 'Rain'", "Rain"),
        ("document.title.includes('Plate reader')", "Plate reader"),
        ("document.title.toLowerCase().includes('plate reader')", "Plate reader"),
        (
            "document.title.startsWith(\"Plate\") && document.title.endsWith('reader')",
            "Plate reader",
        ),
        ("/plate reader/i.test(document.title)", "Plate reader"),
        ("document.title.match(/^Plate reader$/)", "Plate reader"),
        ("!document.title.includes('Untitled')", None),
        ("document.title !== 'Untitled'", None),
        ("document.title.length > 0", None),
        (r"/\d{4}/.test(document.title)", None),
        ("document.title.includes(location.hash)", None),
        ("document.title === `${name}`", None),
    ],
)
def test_titles__in_a_check(check: str, expected: str | None) -> None:
    """Without one in the prose the title is what a check compares with, or looks for in it."""
    assert of("A page.", check) == expected


def test_titles__prose_and_checks_agree() -> None:
    """The title of the prose stands when it holds what checks look for, else theirs."""
    has_rain = "document.title.includes('Rain')"
    assert of('A page titled "Rain in May".', has_rain) == "Rain in May"
    assert of('A page titled "Snow".', has_rain) == "Rain"
    assert of('A page titled "Snow".', "document.title === 'Rain'") == "Rain"


def test_titles__later_round_wins() -> None:
    """A later round may set another title; one that only looks for a part of it keeps it."""
    part, whole = (
        [Check.model_validate(f"js: document.title{rest}")]
        for rest in (".includes('Rain')", " === 'Snow'")
    )
    first = 'A page titled "Rain in May".', part
    assert title(first, ("Add a table.", part)) == "Rain in May"
    assert title(first, ("Add a table.", whole)) == "Snow"
    assert title(first, ('Set the title to "Hail".', [])) == "Hail"


@pytest.mark.parametrize(
    ("task", "made"),
    [
        ("github-user-created-9c4e", "Github user created"),
        ("photo-card-55", "Photo card"),
        ("sum_of_sales_001", "Sum of sales"),
        ("notes-7c2-001", "Notes"),
        ("rainfall-2026", "Rainfall 2026"),
        ("moon-clock", "Moon clock"),
        ("menu-cafe", "Menu cafe"),
        ("player-mp3", "Player mp 3"),
        ("4f1a", "4 f 1 a"),
    ],
)
def test_titles__made_up(task: str, made: str) -> None:
    """The name of a task becomes a title without the suffix that makes it unlike others."""
    assert made_up(task) == made
