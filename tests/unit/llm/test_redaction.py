"""Secrets in text that others wrote."""

import base64

import pytest

from builder.llm.redaction import redact

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


def test_redact__cuts_after_the_key_is_out() -> None:
    """A key at the cut leaves no piece of itself, and the text is one short line."""
    shown = redact("x" * 290 + " " + KEY, [KEY])
    assert shown == "x" * 290 + " [key]"
    assert redact("a\n::error::b\r\n c", [KEY]) == "a ::error::b c"


def test_redact__leaves_placeholders() -> None:
    """An empty or tiny key, as servers without keys get, changes no text."""
    assert redact("no key here", ["", "k"]) == "no key here"


def test_redact__long_text() -> None:
    """A whole page sent as an error costs no time, and a key far behind is not shown."""
    assert redact("< " * 3_000_000 + KEY, [KEY], 9) == "< < < < <"
