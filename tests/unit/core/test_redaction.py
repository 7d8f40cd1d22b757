"""Secrets in text that others wrote."""

import base64

import pytest

from builder.credentials import redact

KEY = "sk-proj-Ab12Cd34+Ef56/Gh78=Ij90"


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        "sk-proj-Ab12Cd34%2BEf56%2FGh78%3DIj90",
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
        "sk-proj-********Ij90",
        KEY[:14],
        KEY[10:],
    ],
)
def test_redact__takes_out_every_form(form: str) -> None:
    """The key goes whole, in part, encoded and with stars; the words around it stay."""
    shown = redact(f"Incorrect API key provided: {form} (see the documentation)", [KEY])
    assert shown.startswith("Incorrect API key provided: [key]")
    assert shown.endswith("(see the documentation)")
    assert not any(KEY[at : at + 8] in shown for at in range(len(KEY) - 7))
    assert "Ij90" not in shown


def test_redact__amid_a_base64_text() -> None:
    """The key is taken out of an authorization that a server repeats, wherever it begins there."""
    for user in ("", "a", "ab"):
        basic = base64.b64encode(f"{user}:{KEY}:x".encode()).decode()
        assert redact(f"refused Basic {basic} here", [KEY]) == "refused Basic [key] here"


def test_redact__one_short_line() -> None:
    """A key at the cut leaves no piece, a whole page costs no time, tiny keys change nothing."""
    assert redact("x" * 290 + " " + KEY, [KEY]) == "x" * 290 + " [key]"
    assert redact("a\n::error::b\r\n c", ["", "k"]) == "a ::error::b c"
    assert redact("< " * 3_000_000 + KEY, [KEY], 9) == "< < < < <"
