"""Credentials of the run are found and cut out, however they are written."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.credentials import CUT, Credentials, forms_of, redact

VALUE = "ghp_A+b/c=0123456789"
HELD = Credentials({"BUILDER_TOKEN": VALUE, "OPENAI_API_KEY": "", "SHORT": "abc"})
SECRETS = st.text(st.characters(codec="utf-8"), min_size=4, max_size=60)
KEY = "sk-proj-Ab12Cd34+Ef56/Gh78=Ij90"


@pytest.mark.parametrize(
    "content",
    [
        f'const t = "{VALUE}";'.encode(),
        quote(VALUE, safe="").encode(),
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
    """An unset credential is in every text, and means nothing; none is in the repr."""
    assert HELD.found_in(b"abc") == []
    assert VALUE not in repr(HELD)


@given(st.binary(max_size=40), SECRETS, st.binary(max_size=40))
def test_forms_of__amid_any_text(before: bytes, secret: str, after: bytes) -> None:
    """Whatever stands around the secret, a form of it stands in the text, encoded or not."""
    content, forms = before + secret.encode() + after, forms_of(secret)
    assert {secret, quote(secret, safe="")} <= set(forms)
    for encoded in (base64.b64encode(content), base64.urlsafe_b64encode(content)):
        assert any(form in encoded.decode() for form in forms)


@given(SECRETS)
def test_forms_of__longest_first(secret: str) -> None:
    """No form stands in one that comes behind it, and none is so short that it is in any text."""
    forms = forms_of(secret)
    assert forms == sorted(forms, key=len, reverse=True)
    assert len(forms[-1]) >= 4


def test_redact__takes_out_every_form() -> None:
    """The key goes whole, in part, encoded and with stars; the words around it stay."""
    for form in [
        KEY,
        quote(KEY, safe=""),
        base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
        *(base64.b64encode(f"{user}:{KEY}:x".encode()).decode() for user in ("", "a", "ab")),
        "sk-proj-********Ij90",
        KEY[:14],
        KEY[10:],
    ]:
        shown = redact(f"Incorrect API key provided: {form} (see the documentation)", [KEY])
        assert shown == "Incorrect API key provided: [key] (see the documentation)"


def test_redact__one_short_line() -> None:
    """A key at the cut leaves no piece, a whole page costs no time, tiny keys change nothing."""
    assert redact("x" * 290 + " " + KEY, [KEY]) == "x" * 290 + " [key]"
    assert redact("a\n::error::b\r\n c", ["", "k"]) == "a ::error::b c"
    assert redact("< " * 3_000_000 + KEY, [KEY], 9) == "< < < < <"
