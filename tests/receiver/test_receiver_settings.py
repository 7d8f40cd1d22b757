"""receiver.settings"""

import pytest

from builder.errors import SettingsError
from receiver.settings import Settings

REQUIRED = {
    "TASK_SECRET": "one",
    "DISPATCH_TOKEN": "token-of-ours",
    "DISPATCH_REPOSITORY": "ada/briefship",
}


def test_settings__defaults() -> None:
    """Three variables are enough, and point to the public GitHub."""
    settings = Settings.from_environ(REQUIRED)
    assert settings.task_secrets == ("one",)
    assert settings.github_api_url == "https://api.github.com"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.max_request_bytes == 4_194_304
    assert settings.github_connections == 100


def test_settings__all_missing_are_named_at_once() -> None:
    """One error names every missing variable, also those that are set to nothing."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({"TASK_SECRET": "  "})
    assert caught.value.names == ("TASK_SECRET", "DISPATCH_TOKEN", "DISPATCH_REPOSITORY")


def test_settings__missing_and_unusable_are_named_together() -> None:
    """What is missing and what is unusable comes in one error, without the values."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({"TASK_SECRET": "one", "DISPATCH_TOKEN": "a b", "PORT": "http"})
    assert caught.value.names == ("DISPATCH_REPOSITORY", "DISPATCH_TOKEN", "PORT")
    assert "a b" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TASK_SECRET", " , ,"),
        ("DISPATCH_TOKEN", "two\nlines"),
        ("DISPATCH_REPOSITORY", "briefship"),
        ("DISPATCH_REPOSITORY", "ada/../briefship"),
        ("GITHUB_API_URL", "ftp://example.com"),
        ("GITHUB_API_URL", "https://user:word@example.com"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("GITHUB_CONNECTIONS", "0"),
        ("MAX_REQUEST_BYTES", "4MB"),
        ("FAILED_SECRETS_PER_MINUTE", "٣"),
        ("TRUSTED_PROXIES", "yes"),
        ("DOCS", "maybe"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_settings__unusable(name: str, text: str) -> None:
    """An unusable value is refused by name."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ(REQUIRED | {name: text})
    assert caught.value.names == (name,)


def test_settings__several_secrets() -> None:
    """Secrets are separated by commas, for rotation."""
    settings = Settings.from_environ(REQUIRED | {"TASK_SECRET": "old, new,"})
    assert settings.task_secrets == ("old", "new")


def test_settings__api_url_without_slash_at_the_end() -> None:
    """A slash at the end of the API's URL makes no difference."""
    settings = Settings.from_environ(REQUIRED | {"GITHUB_API_URL": "http://127.0.0.1:80/api/v3/"})
    assert settings.github_api_url == "http://127.0.0.1:80/api/v3"


def test_settings__repr_holds_no_secret() -> None:
    """Neither the secret nor the token shows when settings are printed."""
    text = repr(Settings.from_environ(REQUIRED | {"TASK_SECRET": "sesame"}))
    assert "sesame" not in text
    assert "token-of-ours" not in text
