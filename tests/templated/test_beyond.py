"""What the rules cannot build stays empty and is told; what they can is not held back."""

import json

import pytest

from builder.brief.prose import mentions
from builder.files.tabular import Table
from builder.templated.asked import Context
from builder.templated.identifiers import is_identifier
from builder.templated.rules import part_for
from builder.templated.sources import Sources

FILES = {
    "orders.csv": b"order,region,product,currency,amount,paid\n1,North,mug,USD,10,yes\n"
    b"2,South,cup,EUR,10,no\n3,North,mug,EUR,5,yes\n",
    "rates.json": json.dumps({"USD": 1, "EUR": 1.1}).encode(),
    "notes.md": b"# Notes\n",
}


def kind_of(brief: str) -> tuple[str, object]:
    """Return kind and column of what the brief's last id is to hold."""
    context = Context(brief, tuple(FILES), Sources(FILES), told=brief)
    plan = part_for(mentions(brief)[-1], context).plan()
    return str(plan["kind"]), plan.get("column")


@pytest.mark.parametrize(
    "brief",
    [
        "Show the grand total of orders.csv in USD in #x: amounts are converted with rates.json.",
        "Load orders.csv and rates.json, convert every amount to USD and show the total in #x.",
        "Convert all amounts to USD. Show the total amount in #x.",
        "Apply the exchange rates of rates.json. Show the sum of amount in #x.",
        "Show the total amount in EUR in #x.",
        "Show the average amount in #x, using rates.json.",
        "Draw a bar chart of amount by region in #x with the rates from rates.json.",
        "The order with the highest amount, converted with rates.json, goes to #x.",
        "Show the total amount of the North region in #x.",
        "Show the number of orders where amount is over 7 in #x.",
        "Show how many rows have an amount of more than 7 in #x.",
        "Show the total amount for mug in #x.",
        "Show the number of paid orders in #x.",
        "Show the percentage of the total amount per region in #x.",
        "Show the difference between highest and lowest amount in #x.",
        "Show the total of amount times paid in #x.",
        "Show the total amount after discount in #x.",
        "List the top 3 regions by total amount in #x.",
        "The region with the second highest amount in #x.",
        "Show the total orders in #x.",
        "Show the sum of order in 2025 in #x.",
    ],
)
def test_beyond__is_left_empty(brief: str) -> None:
    """Conversions, second files, formulas and conditions are not answered by a plain figure."""
    assert kind_of(brief)[0] == "blank"


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Show the sum of amount in #x.", ("figure", "amount")),
        ("Show the grand total in #x.", ("figure", "amount")),
        ("Load orders.csv and rates.json. Show the total amount in #x.", ("figure", "amount")),
        ("Show the total amount per currency in #x.", ("groups", "amount")),
        ("Convert notes.md to HTML in #n. Show the total amount in #x.", ("figure", "amount")),
        ("Converts orders.csv to a table and shows the total amount in #x", ("figure", "amount")),
        ("Show the mean amount with at least 2 decimals in #x.", ("figure", "amount")),
        ("Show only the total amount in #x.", ("figure", "amount")),
        ("Show the total amount below the heading in #x.", ("figure", "amount")),
        ("Show the total amount, ignoring blank rows, in #x.", ("figure", "amount")),
        ("Convert amounts to USD. Show the unconverted total amount in #x.", ("figure", "amount")),
        ("Convert amounts to USD. Show the number of rows in #x.", ("figure", None)),
        ("Convert amounts to USD. List the orders in a table #x.", ("rows", None)),
        ("Convert notes.md to HTML with marked inside #x.", ("markdown", None)),
        ("List the orders in a table #x with one row per order.", ("rows", None)),
        ("List the rows sorted by amount in a table #x.", ("rows", None)),
        ("Show the highest order in #x.", ("figure", "order")),
        ("Sum the order column in #x.", ("figure", "order")),
        ("Show amount by region as bars in #x", ("groups", "amount")),
    ],
)
def test_beyond__plain_figures_stay(brief: str, expected: tuple[str, str | None]) -> None:
    """Words that only sound alike hold no figure back."""
    assert kind_of(brief) == expected


@pytest.mark.parametrize(
    ("columns", "rows", "identifiers"),
    [
        (("order", "amount"), [("1", "5"), ("2", "3"), ("3", "9")], {"order"}),
        (("order", "amount"), [("1001", "5"), ("1007", "3")], {"order"}),
        (("order no.", "n"), [("9", "5"), ("2", "3")], {"order no."}),
        (
            ("customer_id", "invoiceNumber", "n"),
            [("9", "5", "1"), ("2", "3", "4")],
            {"customer_id", "invoiceNumber"},
        ),
        (("fruit", "number"), [("plum", "5"), ("fig", "3")], set()),
        (("price", "amount"), [("7", "5"), ("2", "3")], set()),
        (("n",), [("1",), ("2",)], set()),
        (("share", "n"), [("0.1", "3"), ("0.2", "1")], set()),
    ],
)
def test_identifiers__by_name_or_by_counting(
    columns: tuple[str, ...], rows: list[tuple[str, ...]], identifiers: set[str]
) -> None:
    """A column is an identifier by its name, or as a first column whose whole numbers rise."""
    table = Table(columns, tuple(rows))
    assert {name for name in columns if is_identifier(table, name)} == identifiers
