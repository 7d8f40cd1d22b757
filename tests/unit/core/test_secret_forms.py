"""builder.secret_forms"""

import base64
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from builder.secret_forms import forms_of

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
