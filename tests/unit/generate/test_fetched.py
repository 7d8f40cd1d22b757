"""Which addresses a request names, and what is told of their answers."""

from builder.generate.fetched import MAX_ADDRESSES, Fetched, addresses, named
from tests.conftest import RequestOf


def test_addresses__in_a_brief(request_of: RequestOf) -> None:
    """An address is taken as it is written, without what belongs to the sentence; five at most."""
    for text, urls in [
        ("Load https://api.example/v1/a.json, then go on.", ["https://api.example/v1/a.json"]),
        ("(see https://a.example/b_(c)).", ["https://a.example/b_(c)"]),
        ("<https://a.example/?q=1&r=2> and 'http://b.example/x'", None),
        ("`https://a.example/users/{id}` or https://a.example/$name", []),
        ("**https://a.example/x**: that", ["https://a.example/x"]),
        ("https:///x ftp://a.example https://[::", []),
        ("https://a.example https://a.example", ["https://a.example"]),
        (" ".join(f"https://a.example/{n}" for n in range(9)), None),
        ("www.a.example", []),
    ]:
        found = addresses(request_of(brief=text))
        if urls is not None:
            assert found == urls
        elif "b.example" in text:
            assert found == ["https://a.example/?q=1&r=2", "http://b.example/x"]
        else:
            assert len(found) == MAX_ADDRESSES


def test_addresses__in_checks(request_of: RequestOf) -> None:
    """Checks name addresses too; the evaluation URL is none of the request's."""
    request = request_of(
        brief="Answer to https://grader.example/e",
        checks=["Shows https://a.example/x", "js: fetch('https://b.example/y.json')"],
        evaluation_url="https://grader.example/e",
    )
    assert addresses(request) == ["https://a.example/x", "https://b.example/y.json"]


def test_named__by_address_and_type() -> None:
    """Each file has a name of its own that fits its type; what is not there has none."""
    urls = ["https://a.example/rain.json?x=1", "https://a.example/", "https://b.example/rain"]
    there = [Fetched(url, 200, "application/json", content=b"{}") for url in urls]
    gone = [Fetched("https://c.example/x", 404), Fetched("https://d.example/y", error="refused")]
    names = [one.name for one in named([*there, *gone], {"data.json"})]
    assert names == ["rain.json", "data-2.json", "rain-3.json", "", ""]
    assert [one.reason for one in gone] == ["it answered with status 404", "refused"]


def test_digest__of_what_came() -> None:
    """The shape of JSON and the statistics of a table are told, over all of it."""
    rows = b"city,mm\n" + b"Oslo,1\nRome,3\n" * 2_000
    table = Fetched("https://a.example/r.csv", 200, "text/csv", content=rows, name="r.csv")
    assert "4,000 rows below the header; 2 columns" in table.digest
    shape = b'{"rows": [{"mm": 1}], "next": null}'
    told = Fetched("https://a.example/r", 200, "application/json", content=shape, name="r.json")
    assert "rows: list of 1" in told.digest
