"""Attachments in other encodings than UTF-8, on pages from the templates."""

import base64

import pytest

from builder.request import Request
from tests.conftest import RequestOf
from tests.templated.conftest import Open, build_rounds

CSV = "name,age\nZoë,7\nJosé,8\n"
ROWS = "[...document.querySelectorAll('#names tbody tr')].map(row => row.innerText.trim())"
EXPECTED = ["Zoë\t7", "José\t8"]


def asked(request_of: RequestOf, content: bytes, charset: str) -> Request:
    url = f"data:text/csv{charset};base64,{base64.b64encode(content).decode()}"
    return request_of(
        brief="Show the rows of names.csv in a table #names.",
        checks=[],
        attachments=[{"name": "names.csv", "url": url}],
    )


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (CSV.encode("utf-16"), ";charset=utf-16"),
        (CSV.encode("utf-16-be"), ";charset=utf-16be"),
        (CSV.encode("latin-1"), ";charset=iso-8859-1"),
        (CSV.encode("latin-1"), ""),
        (CSV.encode("utf-8-sig"), ""),
        (CSV.encode(), ";charset=utf-8"),
    ],
)
@pytest.mark.parametrize("javascript", [True, False])
def test_page__shows_other_encodings(
    content: bytes, charset: str, javascript: bool, request_of: RequestOf, open_site: Open
) -> None:
    """The rows are right in the HTML and stay so when the script puts them in again."""
    site = build_rounds(asked(request_of, content, charset))
    assert site["names.csv"] == content
    with open_site(site, javascript=javascript) as page:
        page.wait_for_load_state("networkidle")
        assert page.evaluate(ROWS) == EXPECTED
