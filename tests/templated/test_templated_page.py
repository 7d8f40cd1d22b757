"""Built pages in a real Chromium: what checks see, with and without libraries and JavaScript."""

import base64
import struct
import zlib
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from builder.request import Request
from builder.site import Site
from tests.conftest import RequestOf
from tests.templated.conftest import Open, build_rounds, stored, text_of

CHECK_MS = 5000

TASKS = (
    ("sum-of-sales-001.round1",),
    ("sum-of-sales-001.round1", "sum-of-sales-001.round2"),
    ("field-notes-7c2.round1",),
    ("field-notes-7c2.round1", "field-notes-7c2.round2"),
    ("photo-card-55.round1",),
    ("city-temperatures.round1",),
    ("city-temperatures.round1", "city-temperatures.round2"),
    ("service-status.round1",),
    ("order-desk.round1",),
    ("harbour-text.round1",),
)
WITHOUT_SCRIPT = (
    "sum-of-sales-001.round1",
    "field-notes-7c2.round1",
    "city-temperatures.round1",
    "harbour-text.round1",
)

HOSTILE = "<img src=x onerror='window.harmed = 1'><script>window.harmed = 2</script>"


def data_url(text: str, media_type: str = "text/plain") -> str:
    return f"data:{media_type},{quote(text, safe='')}"


def scripts(request: Request) -> list[str]:
    """Return the JavaScript checks of a round."""
    return [check.source for check in request.checks if check.is_javascript]


def failed(page: Page, checks: list[str]) -> list[str]:
    """Return the checks that do not become true."""
    return [check for check in checks if not _becomes_true(page, check)]


def _becomes_true(page: Page, check: str) -> bool:
    try:
        page.wait_for_function(f"async () => !!(await ({check}))", timeout=CHECK_MS)
    except Exception:  # noqa: BLE001 (an expression of a request may raise anything)
        return False
    return True


@pytest.mark.parametrize("names", TASKS, ids=lambda names: names[-1])
def test_page__passes_the_javascript_checks(names: tuple[str, ...], open_site: Open) -> None:
    """Every JavaScript check of a round holds on the page that its rounds built."""
    requests = [stored(name) for name in names]
    with open_site(build_rounds(*requests)) as page:
        assert failed(page, scripts(requests[-1])) == []


def test_page__later_round_keeps_what_an_earlier_one_asked(open_site: Open) -> None:
    """The checks of round 1 hold after round 2 where the data stayed."""
    for task in ("sum-of-sales-001", "field-notes-7c2"):
        requests = [stored(f"{task}.round1"), stored(f"{task}.round2")]
        with open_site(build_rounds(*requests)) as page:
            assert failed(page, scripts(requests[0])) == []


@pytest.mark.parametrize("name", [names[-1] for names in TASKS if len(names) == 1])
def test_page__opens_without_an_error(name: str, open_site: Open) -> None:
    """Nothing fails on the page: no exception, no console error, no request of its own."""
    site = build_rounds(stored(name))
    troubles: list[str] = []
    with open_site(site) as page:
        # A reload would cut off what the first visit still reads.
        page.wait_for_load_state("networkidle")
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.extend([said.text] * (said.type == "error")))
        page.on("requestfailed", lambda failed: troubles.append(failed.url))
        page.reload(wait_until="networkidle")
    assert troubles == []


@pytest.mark.parametrize("name", WITHOUT_SCRIPT)
def test_page__is_right_without_javascript(name: str, open_site: Open) -> None:
    """The checks hold on the HTML itself, before any script of the page."""
    request = stored(name)
    with open_site(build_rounds(request), javascript=False) as page:
        assert [check for check in scripts(request) if not page.evaluate(check)] == []


def test_page__that_lacks_something_fails_its_check(open_site: Open) -> None:
    """The same expressions are false on a page that does not hold what they look for."""
    request = stored("sum-of-sales-001.round1")
    site = build_rounds(request)
    broken = site | {"index.html": site["index.html"].replace(b"21094.40", b"21,094.40")}
    with open_site(broken, javascript=False) as page:
        assert [check for check in scripts(request) if not page.evaluate(check)] == [
            scripts(request)[-1]
        ]


@pytest.mark.parametrize("name", ["sum-of-sales-001.round1", "field-notes-7c2.round1"])
def test_page__is_right_when_no_cdn_answers(name: str, open_site: Open) -> None:
    """Sums and rendered Markdown are there although every library is missing."""
    request = stored(name)
    with open_site(build_rounds(request), cdn=False) as page:
        assert failed(page, scripts(request)) == []


def test_page__inline_script_is_the_first_one(open_site: Open) -> None:
    """The first script is the page's own; every other one is deferred and from the CDN."""
    with open_site(build_rounds(stored("field-notes-7c2.round1"))) as page:
        first, *others = page.query_selector_all("script")
        assert first.get_attribute("src") is None
        assert "fetch(" in (first.text_content() or "")
        assert others
        for script in others:
            assert script.get_attribute("defer") is not None
            assert (script.get_attribute("src") or "").startswith("https://cdn.jsdelivr.net/npm/")


def test_page__a_sum_has_no_total_row_and_no_separators(
    request_of: RequestOf, open_site: Open
) -> None:
    """Figures are bare numbers without the noise of binary floats, rows are the rows."""
    csv = "item,price\na,0.10\nb,0.20\nc,12000.00\n"
    request = request_of(
        brief="Show the sum of price in #sum and the rows of items.csv in a table #rows.",
        attachments=[{"name": "items.csv", "url": data_url(csv, "text/csv")}],
    )
    with open_site(build_rounds(request)) as page:
        assert text_of(page, "#sum") == "12000.30"
        assert len(page.query_selector_all("#rows tbody tr")) == 3


def test_page__script_and_build_agree(request_of: RequestOf, open_site: Open) -> None:
    """What the script reads from a file equals what was computed when the page was built."""
    csv = (
        '\ufeffname;area;net worth\r\n"Ada; the first";North;"1.234,50"\r\n'
        "Bo;South;€ 7\r\nCy;North;\r\n"
    )
    request = request_of(
        brief="From people.csv: total net worth in #sum, average net worth in #mean, median net "
        "worth in #median, the number of rows in #rows and net worth by area in a list #areas. "
        "List everyone in <ul id='all'>.",
        attachments=[{"name": "people.csv", "url": data_url(csv, "text/csv")}],
    )
    site = build_rounds(request)
    ids = ("sum", "mean", "median", "rows", "areas", "all")
    with open_site(site, javascript=False) as page:
        built = ["".join(text_of(page, f"#{name}").split()) for name in ids]
    with open_site(site) as page:
        page.wait_for_load_state("networkidle")
        assert ["".join(text_of(page, f"#{name}").split()) for name in ids] == built
    assert built[:4] == ["1241.50", "620.75", "620.75", "3"]


def test_page__url_parameter_loads_another_file(open_site: Open) -> None:
    """?url= shows the other file and names it; the counts follow."""
    requests = stored("field-notes-7c2.round1"), stored("field-notes-7c2.round2")
    site = build_rounds(*requests) | {"other.md": b"# Other notes\n\nThree words here\n"}
    with open_site(site, "?url=other.md") as page:
        page.wait_for_function("document.querySelector('#notes h1').textContent === 'Other notes'")
        assert text_of(page, "#source").endswith("/some-repository/other.md")
        assert text_of(page, "#word-count") == "5"


@pytest.mark.parametrize("wrong", ["missing.md", "http://127.0.0.1:1/x.md", "javascript:alert(1)"])
def test_page__url_parameter_that_fails_falls_back(wrong: str, open_site: Open) -> None:
    """An address that cannot be loaded leaves the attachment in place."""
    requests = stored("field-notes-7c2.round1"), stored("field-notes-7c2.round2")
    with open_site(build_rounds(*requests), f"?url={quote(wrong, safe='')}") as page:
        page.wait_for_load_state("networkidle")
        assert text_of(page, "#notes h1") == "Field notes"
        assert text_of(page, "#source") == "notes.md"
        assert page.is_visible("[data-status]") == (not wrong.startswith("javascript:"))


def png(width: int, height: int) -> bytes:
    """Return a grey picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_page__url_parameter_shows_another_picture(open_site: Open) -> None:
    """?url= shows the other picture with its own natural size, a broken one the attachment."""
    site = build_rounds(stored("photo-card-55.round1")) | {"wide.png": png(30, 20), "bad.png": b"?"}
    with open_site(site, "?url=wide.png") as page:
        page.wait_for_function("document.querySelector('#size').textContent === '30x20'")
        page.wait_for_function("document.querySelector('img').naturalWidth === 30")
    with open_site(site, "?url=bad.png") as page:
        page.wait_for_selector("[data-status]:not([hidden])")
        page.wait_for_load_state("networkidle")
        assert text_of(page, "#size") == "1x1"
        assert page.evaluate("document.querySelector('img').naturalWidth") == 1


def hostile_site(request_of: RequestOf) -> Site:
    """Build from a brief and attachments that try to run script in the page."""
    csv = f'name,"{HOSTILE}",price\n"{HOSTILE}",x,1\n</script><script>harmed=3</script>,y,2\n'
    notes = f"# {HOSTILE}\n\n{HOSTILE}\n\n[link](javascript:window.harmed=4)\n\n`{HOSTILE}`\n"
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" onload="parent.harmed=5">{HOSTILE}</svg>'
    return build_rounds(
        request_of(
            task=f"x {HOSTILE}",
            brief=f'Title: "{HOSTILE}". Show price by name as a bar chart in #chart, the table of '
            f'data.csv in #rows, the Markdown of notes.md in #notes, show "{HOSTILE}" in #words, '
            f"and {HOSTILE} in #nothing. Also with ?url={HOSTILE}.",
            checks=[
                f"js: document.title === `{HOSTILE}`",
                f"js: !!document.querySelector('#a.{HOSTILE}')",
            ],
            attachments=[
                {"name": "data.csv", "url": data_url(csv, "text/csv")},
                {"name": "notes.md", "url": data_url(notes)},
                {"name": "p.svg", "url": data_url(picture, "image/svg+xml")},
                {
                    "name": "'\"><script>harmed=6</script>.txt".replace("/", ""),
                    "url": data_url(HOSTILE),
                },
            ],
        )
    )


@pytest.mark.parametrize("cdn", [True, False])
def test_page__runs_nothing_from_brief_or_attachments(
    cdn: bool, request_of: RequestOf, open_site: Open
) -> None:
    """Markup in a brief, a check, a name or an attachment is shown as text or dropped."""
    with open_site(hostile_site(request_of), cdn=cdn) as page:
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.harmed") is None
        assert not page.query_selector("[onerror], [onload], a[href^='javascript:']")
        assert HOSTILE in text_of(page, "#words")


def test_page__runs_nothing_from_the_url_parameter(open_site: Open) -> None:
    """Markdown from elsewhere is cleaned before it becomes HTML."""
    requests = stored("field-notes-7c2.round1"), stored("field-notes-7c2.round2")
    encoded = base64.b64encode(f"# Hi\n\n{HOSTILE}\n".encode()).decode()
    query = "?url=" + quote(f"data:text/markdown;base64,{encoded}", safe="")
    with open_site(build_rounds(*requests), query) as page:
        page.wait_for_function("document.querySelector('#notes h1')?.textContent === 'Hi'")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.harmed") is None
        assert not page.query_selector("#notes [onerror]")


@pytest.mark.parametrize("width", [360, 1280])
def test_page__fits_the_window(width: int, open_site: Open) -> None:
    """Nothing makes a phone or a desk scroll sideways."""
    names = ("city-temperatures.round1", "order-desk.round1", "field-notes-7c2.round1")
    for name in names:
        with open_site(build_rounds(stored(name))) as page:
            page.set_viewport_size({"width": width, "height": 800})
            # A chart follows the window a moment later.
            assert page.wait_for_function(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )


@pytest.mark.parametrize("names", TASKS, ids=lambda names: names[-1])
def test_page__has_no_serious_accessibility_violation(
    names: tuple[str, ...], open_site: Open, axe: str
) -> None:
    """axe-core finds nothing serious, neither in light nor in dark."""
    with open_site(build_rounds(*map(stored, names))) as page:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(axe)
            found = page.evaluate("axe.run()")["violations"]
            grave = [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
            assert grave == [], scheme


def test_page__honest_when_nothing_can_be_built(request_of: RequestOf, open_site: Open) -> None:
    """A brief that no rule serves is shown, with what is missing; no element is faked."""
    request = request_of(
        task="moon-clock",
        brief="Build a game of chess against the computer in #board.",
        attachments=[{"name": "rules.pdf", "url": data_url("%PDF-1.4")}],
    )
    with open_site(build_rounds(request)) as page:
        assert page.title() == "Moon clock"
        assert "chess" in text_of(page, "blockquote")
        assert text_of(page, "#board") == ""
        assert "#board" in text_of(page, ".gaps")
        assert page.get_attribute(".files a[href='rules.pdf']", "href") == "rules.pdf"
