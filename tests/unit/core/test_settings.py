"""The environment of the builder."""

import pytest

from builder.errors import SettingsError
from builder.settings import Settings


def test_settings__defaults() -> None:
    """Empty variables, as Actions sets them for what is not configured, count as missing."""
    settings = Settings.from_environ({"BUILDER_OWNER": "", "REPOSITORY_NAME": " "})
    assert settings == Settings()
    assert settings.github_api_url == "https://api.github.com"


def test_settings__require_names_all_that_is_missing() -> None:
    """One error names every missing variable."""
    settings = Settings.from_environ({"BUILDER_TOKEN": " "})
    with pytest.raises(SettingsError) as raised:
        settings.require("BUILDER_TOKEN", "GITHUB_TOKEN")
    assert raised.value.names == ("BUILDER_TOKEN", "GITHUB_TOKEN")


UNUSABLE = [
    ("BUILDER_OWNER", "../x"),
    ("REPOSITORY_NAME", "always-the-same"),
    ("GITHUB_API_URL", "a-bare-host"),
    ("GITHUB_SERVER_URL", "https://user:word@github.com"),
    ("DEADLINE_SECONDS", "0"),
    ("CALL_SECONDS", "nan"),
    ("REPAIRS", "10"),
    ("ALLOW_PRIVATE_CALLBACKS", "perhaps"),
]


def test_settings__of_an_unusable_one_the_default_is_used() -> None:
    """It is told which variable, why, and what is used instead; the value is not repeated."""
    for name, value in UNUSABLE:
        settings = Settings.from_environ({name: value})
        assert settings.model_dump() == Settings().model_dump()
        (told,) = settings.ignored
        assert told.startswith(f"{name} cannot be used (")
        assert len(value) == 1 or value not in told


def test_settings__every_unusable_one_is_told_and_the_others_hold() -> None:
    """All faults are found at once."""
    environ = {"DEADLINE_SECONDS": "10 min", "REPAIRS": "many", "CALL_SECONDS": "7"}
    settings = Settings.from_environ(environ)
    assert [told.split()[0] for told in settings.ignored] == ["DEADLINE_SECONDS", "REPAIRS"]
    assert settings.ignored[0].endswith(": 600 is used")
    assert settings.call_seconds == 7


def test_settings__token_is_in_no_repr() -> None:
    """Printing the settings shows no token."""
    assert "hush" not in repr(Settings.from_environ({"BUILDER_TOKEN": "hush"}))
