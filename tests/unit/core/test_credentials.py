"""Credentials of the run are found, however they are written."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.credentials import CUT, Credentials, forms_of

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


def test_credentials__short_and_empty_values_are_not_looked_for() -> None:
    """An unset credential is in every text, and means nothing."""
    assert HELD.found_in(b"abc") == []
    assert VALUE not in repr(HELD)


SECRETS = st.text(st.characters(codec="utf-8"), min_size=4, max_size=60)


@given(SECRETS)
def test_forms_of__alone(secret: str) -> None:
    """The secret as it is, in a URL, and in base64 of either alphabet are forms as a whole."""
    plain = secret.encode()
    whole = [base64.b64encode(plain), base64.urlsafe_b64encode(plain)]
    assert {secret, quote(secret, safe=""), *(text.decode().rstrip("=") for text in whole)} <= set(
        forms_of(secret)
    )


@given(st.binary(max_size=40), SECRETS, st.binary(max_size=40))
def test_forms_of__amid_a_base64_text(before: bytes, secret: str, after: bytes) -> None:
    """Whatever stands around the secret, a form of it stands in the encoded text."""
    content = before + secret.encode() + after
    for encoded in (base64.b64encode(content), base64.urlsafe_b64encode(content)):
        assert any(form in encoded.decode() for form in forms_of(secret))


@given(SECRETS)
def test_forms_of__longest_first(secret: str) -> None:
    """No form stands in one that comes behind it, and none is so short that it is in any text."""
    forms = forms_of(secret)
    assert forms == sorted(forms, key=len, reverse=True)
    assert len(forms[-1]) >= 4
