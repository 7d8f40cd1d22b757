"""Credentials of the run are found, however they are written."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.credentials import CUT, Credentials

VALUE = "ghp_A+b/c=0123456789"
HELD = Credentials({"BUILDER_TOKEN": VALUE, "OPENAI_API_KEY": "", "SHORT": "abc"})


@pytest.mark.parametrize(
    "content",
    [
        f'const t = "{VALUE}";'.encode(),
        quote(VALUE, safe="").encode(),
        base64.b64encode(VALUE.encode()),
        base64.urlsafe_b64encode(f"x-access-token:{VALUE}".encode()),
    ],
)
def test_credentials__are_found_and_cut(content: bytes) -> None:
    """In plain, URL-encoded and base64 form; afterwards nothing is found."""
    assert HELD.found_in(content) == ["BUILDER_TOKEN"]
    cut = HELD.cut_from(content)
    assert CUT in cut
    assert HELD.found_in(cut) == []


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_credentials__at_any_place_of_a_base64_text(before: bytes, after: bytes) -> None:
    """Wherever the value begins in the encoded text, it is found."""
    content = base64.b64encode(before + VALUE.encode() + after)
    assert HELD.found_in(content) == ["BUILDER_TOKEN"]


def test_credentials__short_and_empty_values_are_not_looked_for() -> None:
    """An unset credential is in every text, and means nothing."""
    assert HELD.found_in(b"abc") == []
    assert VALUE not in repr(HELD)
