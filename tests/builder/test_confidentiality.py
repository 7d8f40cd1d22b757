"""Which attachments a brief keeps out of public."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.brief.confidentiality import confidentiality


@pytest.mark.parametrize(
    "text",
    [
        "The attached a.txt is confidential: do not put it into the repository.",
        "Do not publish the attached a.txt",
        "The attached a.txt must stay private: x",
        "a.txt is confidential and must not be public.",
        "a.txt must not be public",
        "Never expose the attached a.txt.",
        "Do not publish `a.txt`; use it only to compute #score.",
        "Don't commit a.txt or b.txt.",
        "Don\N{RIGHT SINGLE QUOTATION MARK}t ever publish b.txt or a.txt.",
        "a.txt and b.txt are confidential.",
        "b.txt and a.txt must never be published.",
        "Keep a.txt private.",
        "Please keep the attached `a.txt` out of the repository.",
        "Use the confidential attachment a.txt to count.",
        "Count the lines of a.txt (confidential).",
        "Use a.txt to compute the score. Do not publish it.",
        "Use a.txt to compute the score, but never commit the file.",
        "a.txt should be kept secret.",
        "a.txt is strictly confidential",
        "The attached a.txt may not be made public.",
        "a.txt must not end up in the repo",
        "Never put a.txt on the site.",
        "Show the number of lines without publishing a.txt.",
        "Never reveal the contents of a.txt",
        "a.txt is for your eyes only.",
        "The attachments are confidential.",
        "Do not publish the attached files.",
        "- `a.txt`: the answers. Do not make it public.",
        "Do not make a.txt public.",
        "a.txt must remain off the site",
        "Do not publish the original a.txt, only the count.",
    ],
)
def test_confidentiality__in_plain_words(text: str) -> None:
    """What is called confidential, or must not be published, stays out of the site."""
    assert confidentiality("a.txt", text)


@pytest.mark.parametrize(
    "text",
    [
        "Publish a.txt.",
        "a.txt is not confidential.",
        "a.txt is no longer private.",
        "Do not publish a.txt as it is; fix the typos.",
        "Do not publish a.txt until friday",
        "Do not publish the email column of a.txt",
        "Do not expose a.txt's key",
        "Do not show a.txt on the page before the quiz is done.",
        "The private key is not a.txt",
        "Decode the secret a.txt.",
        "Do not put a.txt into the table.",
        "Do not add a.txt twice.",
        "Use a.txt to fill the list. Do not add it twice.",
        "Use a.txt. Do not put it into localStorage.",
        "Do not change a.txt.",
        "Do not publish b.txt; a.txt is shown.",
        "Never commit b.txt, a.txt is fine.",
        "b.txt is confidential, a.txt is not.",
        "a.txt is a list of private schools",
        "a.txt is private schools",
        "Do not share a.txt with third parties",
        "Do not upload a.txt to a server",
        "Show a.txt; b.txt must not be public",
        "Use a.txt and keep b.txt private",
        "Do not publish attachments other than a.txt",
        "a.txt must be public",
        "The page must not expose a.txt in the console",
        "The repository must not be private; publish a.txt.",
        "Anonymise a.txt. Do not publish the original a.txt.",
        "Do not commit node_modules. Show a.txt.",
        "Load a.txt without exposing a global variable",
    ],
)
def test_confidentiality__of_something_else(text: str) -> None:
    """What is said of another file, of the page, or under a condition hides nothing."""
    assert confidentiality("a.txt", text) is None


def test_confidentiality__shows_the_wording() -> None:
    """The answer is the wording that says so."""
    assert (
        confidentiality("a.txt", "Use it.\nNever  expose the attached `a.txt`, please.")
        == "Never expose the attached `a.txt"
    )


@given(
    st.lists(
        st.sampled_from(
            ["a.txt", "b.md", " ", ". ", ", ", "not ", "publish ", "is ", "it ", "private "]
        )
    )
)
def test_confidentiality__never_raises(words: list[str]) -> None:
    """Whatever is written, an answer comes."""
    confidentiality("a.txt", "".join(words))


def test_confidentiality__takes_no_time() -> None:
    """A long text of odd wording is read in no time."""
    start = time.perf_counter()
    for part in ("do not publish ", "a.txt ", "b.txt, ", "is private ", "the "):
        confidentiality("a.txt", "a.txt " + part * 4_000)
    assert time.perf_counter() - start < 2
