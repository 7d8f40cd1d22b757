"""Settings of the model, by tables."""

import pytest

from builder.llm.candidates import Candidate, ModelSettings

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


def test_candidates__server_of_ones_own_may_do_without_a_key() -> None:
    """A key is asked for at the default provider only; without it the model is not used."""
    settings = ModelSettings.from_environ({"MODELS": "m", "OPENAI_BASE_URL": BASE})
    (candidate,) = settings.candidates
    assert candidate == Candidate("m", BASE, "")
    assert str(candidate) == "m at models.example"
    keyless = ModelSettings.from_environ({"MODELS": "m"})
    assert keyless.candidates == ()
    assert keyless.unusable == ("OPENAI_API_KEY is missing: no model of it is asked",)


@pytest.mark.parametrize(
    "host", ["user:word@models.example", "mod\u200bels.example", "models.example:99999", "[::1"]
)
def test_candidates__unusable_base_url(host: str) -> None:
    """The provider is left out and named, its key goes nowhere else, the other one is used."""
    environ = {"MODELS": "m", "OPENAI_BASE_URL": f"https://{host}/v1", "OPENAI_API_KEY": "k"}
    other = {"FALLBACK_MODELS": "n", "FALLBACK_BASE_URL": BASE}
    settings = ModelSettings.from_environ(environ | other)
    assert settings.candidates == (Candidate("n", BASE, ""),)
    (warning,) = settings.unusable
    assert warning.startswith("OPENAI_BASE_URL ")
    assert "word" not in warning


def test_candidates__of_the_reading() -> None:
    """READER_MODELS are asked first for the reading, at the first provider; the others after."""
    environ = {"MODELS": "large,small", "OPENAI_BASE_URL": BASE}
    plain = ModelSettings.from_environ(environ)
    assert plain.reader_candidates == plain.candidates
    reading = ModelSettings.from_environ(environ | {"READER_MODELS": "small"}).reader_candidates
    assert [candidate.model for candidate in reading] == ["small", "large"]


def test_settings__unusable_value_has_its_default() -> None:
    """A value that cannot be used is as good as none, and its variable is named in a warning."""
    plain = {"MODELS": "m", "OPENAI_BASE_URL": BASE}
    unusable = {
        "MODEL_TEMPERATURE": "nan",
        "MODEL_MAX_TOKENS": "0",
        "MODEL_STALL_SECONDS": "20 s",
        "MODEL_VISION": "maybe",
    }
    settings = ModelSettings.from_environ(plain | unusable)
    assert {warning.partition(" ")[0] for warning in settings.unusable} == unusable.keys()
    assert settings.model_dump() == ModelSettings.from_environ(plain).model_dump()


def test_settings__values() -> None:
    """Temperature, limits and vision are read; what is not set has its default."""
    given = {"MODEL_TEMPERATURE": "0", "MODEL_MAX_TOKENS": "9000", "MODEL_VISION": "1"}
    settings = ModelSettings.from_environ({**given, "MODEL_STALL_SECONDS": "2.5"})
    assert settings.model_dump(exclude_unset=True) == {
        "model_temperature": 0.0,
        "model_max_tokens": 9000,
        "model_vision": True,
        "model_stall_seconds": 2.5,
    }
    bare = ModelSettings.from_environ({})
    assert (bare.model_temperature, bare.model_max_tokens) == (None, 32_000)
