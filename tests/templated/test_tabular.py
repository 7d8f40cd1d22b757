"""Tables and figures."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.files.tabular import Operation, Table, extreme_row, figure, number, read

PRICES = Table(("item", "price"), (("a", "0.10"), ("b", "0.20"), ("c", "n/a"), ("b", "12,000.5")))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", "12"),
        (" -3.50 ", "-3.50"),
        ("1,234,567.8", "1234567.8"),
        ("1.234,50", "1234.50"),
        ("12,5", "12.5"),
        ("€ 7", "7"),
        ("15 %", "15"),
        ("3e2", "3e2"),
        (".5", ".5"),
        ("", None),
        ("2026-01-02", None),
        ("NaN", None),
        ("1e999", None),
        ("12 apples", None),
    ],
)
def test_tabular__number(cell: str, value: str | None) -> None:
    """Separators, currency signs and both decimal marks are read; words are no numbers."""
    assert number(cell) == (Decimal(value) if value is not None else None)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("sum", "12000.80"),
        ("mean", "4000.27"),
        ("median", "0.20"),
        ("min", "0.10"),
        ("max", "12000.50"),
        ("count", "4"),
    ],
)
def test_tabular__figure(operation: Operation, expected: str) -> None:
    """Figures are bare numbers, exact in decimals; cells without a number are passed over."""
    assert figure(PRICES, operation, "price", None) == expected


def test_tabular__figure_of_different_values_and_of_nothing() -> None:
    """Different values are counted once; no number gives a sum of 0 and no average."""
    assert figure(PRICES, "distinct", "item", None) == "3"
    assert figure(PRICES, "sum", "item", None) == "0"
    assert figure(PRICES, "mean", "item", None) == ""
    assert figure(PRICES, "mean", "price", 0) == "4000"


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n2,y\n",
        b"\xef\xbb\xbfa;b\r\n1;x\r\n2;y\r\n",
        b"a\tb\n1\tx\n\n2\ty",
    ],
)
def test_tabular__read_csv_of_any_delimiter(content: bytes) -> None:
    """Delimiter, line ends, a byte order mark and blank lines do not matter."""
    assert read("t.csv", content) == Table(("a", "b"), (("1", "x"), ("2", "y")))


def test_tabular__read_csv_with_odd_rows() -> None:
    """Short rows are filled, long ones cut, columns of one name are told apart."""
    table = read("t.csv", b'a,a,c\n1\n1,2,3,4\n"x, ""y""",2,3\n')
    assert table == Table(
        ("a", "a (2)", "c"), (("1", "", ""), ("1", "2", "3"), ('x, "y"', "2", "3"))
    )


def test_tabular__read_json_records() -> None:
    """A list of flat objects is a table, also as the one list in an object."""
    expected = Table(("a", "b"), (("1", ""), ("", "x")))
    assert read("t.json", b'[{"a": 1}, {"b": "x"}]') == expected
    assert read("t.json", b'{"made": "now", "rows": [{"a": 1}, {"b": "x"}]}') == expected


@pytest.mark.parametrize("content", [b"{}", b"[1, 2]", b'[{"a": {}}]', b"no json", b"[" * 100000])
def test_tabular__read_json_without_records(content: bytes) -> None:
    """Other JSON is no table, and neither is what is no JSON."""
    assert read("t.json", content) is None


def test_tabular__extreme_row() -> None:
    """The label of the row with the greatest or the least number is found."""
    assert extreme_row(PRICES, "max", "price", "item") == "b"
    assert extreme_row(PRICES, "min", "price", "item") == "a"


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=50))
def test_tabular__sum_is_exact(values: list[Decimal]) -> None:
    """A sum equals that of the decimals, without the noise of binary floats."""
    table = Table(("n",), tuple((f"{value:f}",) for value in values))
    assert Decimal(figure(table, "sum", "n", None)) == sum(values)


@given(st.binary(max_size=300))
def test_tabular__read_never_fails(content: bytes) -> None:
    """Any bytes are a table or none."""
    for name in ("t.csv", "t.json"):
        table = read(name, content)
        assert table is None or all(len(row) == len(table.columns) for row in table.rows)
