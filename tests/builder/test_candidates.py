"""Settings of the model, by tables."""

import pytest

from builder.errors import SettingsError
from builder.llm.candidates import Candidate, ModelSettings, Price

BASE = "https://models.example/v1"


def test_candidates__none_without_models() -> None:
    """A key alone, or an empty variable as a workflow sets it, names no candidate."""
    for environ in ({}, {"OPENAI_API_KEY": "k"}, {"MODELS": " ", "FALLBACK_MODELS": ""}):
        assert ModelSettings.from_environ(environ).candidates == ()


def test_candidates__own_provider_first_then_the_fallback() -> None:
    """The order is MODELS as listed, then FALLBACK_MODELS, without repetitions."""
    settings = ModelSettings.from_environ(
        {
            "MODELS": "large, small ,large",
            "OPENAI_API_KEY": "key-one",
            "FALLBACK_MODELS": "vendor/other",
            "FALLBACK_BASE_URL": f"{BASE}/",
            "FALLBACK_API_KEY": "key-two",
        }
    )
    assert settings.candidates == (
        Candidate("large", "https://api.openai.com/v1", "key-one"),
        Candidate("small", "https://api.openai.com/v1", "key-one"),
        Candidate("vendor/other", BASE, "key-two"),
    )


def test_candidates__key_is_in_no_text() -> None:
    """Neither str nor repr of a candidate tells the key; str tells model and host."""
    candidate = Candidate("m", "http://127.0.0.1:8080/v1", "very-secret")
    assert "very-secret" not in repr(candidate) + str(candidate)
    assert str(candidate) == "m at 127.0.0.1:8080"


def test_candidates__server_of_ones_own_may_do_without_a_key() -> None:
    """A key is asked for at the default provider only."""
    settings = ModelSettings.from_environ({"MODELS": "m", "OPENAI_BASE_URL": BASE})
    assert settings.candidates == (Candidate("m", BASE, ""),)
    with pytest.raises(SettingsError) as raised:
        ModelSettings.from_environ({"MODELS": "m"})
    assert raised.value.names == ("OPENAI_API_KEY",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_BASE_URL", "models.example/v1"),
        ("OPENAI_BASE_URL", "file:///etc"),
        ("OPENAI_BASE_URL", "https://user:word@models.example/v1"),
        ("OPENAI_BASE_URL", "https://models.example/v1?key=1"),
        ("MODEL_TEMPERATURE", "warm"),
        ("MODEL_TEMPERATURE", "2.5"),
        ("MODEL_TEMPERATURE", "nan"),
        ("MODEL_MAX_TOKENS", "0"),
        ("MODEL_MAX_TOKENS", "1e5"),
        ("MODEL_MAX_TOKENS", "²"),
        ("MODEL_PRICES", "m=1"),
        ("MODEL_PRICES", "=1/2"),
        ("MODEL_PRICES", "m=1/-2"),
        ("MODEL_PRICES", "m=1/inf"),
        ("MODEL_VISION", "yes"),
    ],
)
def test_settings__unusable_value_is_named(name: str, value: str) -> None:
    """A value that cannot be used is an error that names its variable."""
    environ = {"MODELS": "m", "OPENAI_API_KEY": "k"} | {name: value}
    with pytest.raises(SettingsError) as raised:
        ModelSettings.from_environ(environ)
    assert raised.value.names == (name,)


def test_settings__all_problems_in_one_error() -> None:
    """One error names every variable that is wrong, and tells no credentials of a URL."""
    with pytest.raises(SettingsError) as raised:
        ModelSettings.from_environ(
            {
                "MODELS": "m",
                "OPENAI_BASE_URL": "https://user:word@models.example",
                "OPENAI_API_KEY": "k",
                "MODEL_TEMPERATURE": "hot",
                "MODEL_PRICES": "m",
            }
        )
    assert set(raised.value.names) == {"OPENAI_BASE_URL", "MODEL_TEMPERATURE", "MODEL_PRICES"}
    assert "word" not in str(raised.value)


def test_settings__values() -> None:
    """Temperature, limit, vision and prices are read; what is not set stays open."""
    settings = ModelSettings.from_environ(
        {
            "MODEL_TEMPERATURE": "0",
            "MODEL_MAX_TOKENS": "32000",
            "MODEL_VISION": "1",
            "MODEL_PRICES": "vendor/m:free=0/0, n=1.25/10,",
        }
    )
    assert (settings.temperature, settings.max_tokens, settings.vision) == (0.0, 32000, True)
    assert settings.prices == {"vendor/m:free": Price(0, 0), "n": Price(1.25, 10)}
    bare = ModelSettings.from_environ({})
    assert (bare.temperature, bare.max_tokens, bare.vision) == (None, None, False)


def test_settings__cost() -> None:
    """The cost is in USD by price per million tokens, and unknown where a part of it is."""
    settings = ModelSettings.from_environ({"MODEL_PRICES": "m=1/10"})
    assert settings.cost("m", 500_000, 100_000) == pytest.approx(1.5)
    assert settings.cost("m", None, 100_000) is None
    assert settings.cost("other", 1, 1) is None
