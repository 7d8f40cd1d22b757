"""The environment of the builder."""

import pytest

from builder.errors import SettingsError
from builder.settings import Settings


def test_settings__defaults() -> None:
    """Empty variables, as Actions sets them for what is not configured, count as missing."""
    settings = Settings.from_environ({"BUILDER_OWNER": "", "REPOSITORY_NAME": " "})
    assert settings == Settings()
    assert settings.api_url == "https://api.github.com"


def test_settings__names_all_that_is_missing() -> None:
    """One error names every missing variable."""
    with pytest.raises(SettingsError) as raised:
        Settings.from_environ({"B": " "}, required=["A", "B"])
    assert raised.value.names == ("A", "B")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUILDER_OWNER", "a/b"),
        ("BUILDER_OWNER", "../x"),
        ("REPOSITORY_NAME", "always-the-same"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_SERVER_URL", "file:///etc"),
        ("DEADLINE_SECONDS", "ten"),
        ("DEADLINE_SECONDS", "0"),
        ("DEADLINE_SECONDS", "nan"),
    ],
)
def test_settings__unusable(name: str, value: str) -> None:
    """An unusable value is an error that names its variable."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({name: value})


def test_settings__token_is_in_no_repr() -> None:
    """Printing the settings shows no token."""
    assert "hush" not in repr(Settings.from_environ({"BUILDER_TOKEN": "hush"}))
