"""Another source in place of an attachment: what is said of it, and what is not."""

from urllib.parse import quote

import pytest

from builder.request import Request
from builder.templated.asked import Context
from builder.templated.other_sources import failure
from builder.templated.sources import Sources
from tests.conftest import RequestOf
from tests.templated.conftest import Open, build_rounds, text_of

SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='20'/>"
BRIEF = (
    "Show the image given by ?url=https://.../x.svg in #plate and the solved text in #answer. "
    "Without a parameter use sample.svg, whose text is in expected.json. "
    'If the image cannot be loaded, show "Could not load image" in an element with role="alert".'
)


def plate(request_of: RequestOf, brief: str = BRIEF) -> Request:
    def data(name: str, text: str) -> dict[str, str]:
        return {"name": name, "url": "data:," + quote(text, safe="")}

    files = [data("sample.svg", SVG.format(30)), data("expected.json", '{"text": "K7QX2"}')]
    return request_of(brief=brief, attachments=files)


def test_other_sources__attachment_has_its_answer(request_of: RequestOf, open_site: Open) -> None:
    """What is told of the attachment is shown with it, and listed as missing for others."""
    with open_site(build_rounds(plate(request_of))) as page:
        page.wait_for_load_state("networkidle")
        assert text_of(page, "#answer") == "K7QX2"
        assert page.is_hidden("[role=alert]")
        assert "#answer for another source than sample.svg" in text_of(page, ".gaps")


def test_other_sources__has_no_answer_of_the_attachment(
    request_of: RequestOf, open_site: Open
) -> None:
    """Another picture is not given the answer of the attached one."""
    site = build_rounds(plate(request_of)) | {"other.svg": SVG.format(50).encode()}
    with open_site(site, "?url=other.svg") as page:
        page.wait_for_load_state("networkidle")
        assert (page.get_attribute("#plate", "src") or "").endswith("/other.svg")
        assert text_of(page, "#answer") == ""
        assert page.is_hidden("[role=alert]")


def test_other_sources__failure_is_told_in_the_brief_s_words(
    request_of: RequestOf, open_site: Open
) -> None:
    """One that cannot be loaded gives way to the attachment, and the page says what was asked."""
    with open_site(build_rounds(plate(request_of)), "?url=missing.svg") as page:
        page.wait_for_selector("[role=alert]:visible")
        page.wait_for_function("document.querySelector('#answer').textContent === 'K7QX2'")
        assert text_of(page, "[role=alert]") == "Could not load image"
        assert (page.get_attribute("#plate", "src") or "").endswith("sample.svg")


def test_other_sources__values_are_not_hard_coded(request_of: RequestOf, open_site: Open) -> None:
    """Where the brief wants no values in the HTML the script alone puts them in."""
    site = build_rounds(plate(request_of, f"{BRIEF} Do not hard-code the answer in the HTML."))
    assert b"K7QX2" not in site["index.html"].split(b"<h2>expected.json")[0]
    with open_site(site) as page:
        page.wait_for_function("document.querySelector('#answer').textContent === 'K7QX2'")


@pytest.mark.parametrize(
    ("brief", "message", "role", "element"),
    [
        (BRIEF, "Could not load image", "alert", None),
        (
            "When the file fails to load, display 'No such file' in #error.",
            "No such file",
            "status",
            "error",
        ),
        (
            'If #plate cannot be read say "Bad plate file" in #error',
            "Bad plate file",
            "status",
            "error",
        ),
        ('On a load error use role="alert".', None, "alert", None),
        ('Show "Hello you" in #error.', None, "status", None),
        ('If the guess is wrong show "Try again" in #error.', None, "status", None),
    ],
)
def test_other_sources__failure(
    brief: str, message: str | None, role: str, element: str | None
) -> None:
    """Only a sentence about loading that fails gives the message, its role and its element."""
    said = failure([Context(brief, (), Sources({}))], {"error"})
    assert (said.message, said.role, said.element_id) == (message, role, element)


def test_other_sources__message_of_failure_is_not_shown_at_once(
    request_of: RequestOf, open_site: Open
) -> None:
    """An element for the message is there, and hidden while nothing fails."""
    brief = (
        'Show sample.svg in #plate. If the image cannot be loaded show "No image here" in #error.'
    )
    with open_site(build_rounds(plate(request_of, brief))) as page:
        page.wait_for_load_state("networkidle")
        assert page.is_hidden("#error")
        assert text_of(page, "#error") == ""
