"""receiver.settings"""

import pytest

from builder.errors import SettingsError
from receiver.settings import Settings

REQUIRED = {
    "TASK_SECRET": "sesame",
    "DISPATCH_TOKEN": "token-of-ours",
    "DISPATCH_REPOSITORY": "ada/briefship",
}


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Set the three variables that are needed, and none of the others."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings__defaults() -> None:
    """Three variables are enough, and point to the public GitHub."""
    settings = Settings.from_environ()
    assert settings.task_secrets == ("sesame",)
    assert settings.github_api_url == "https://api.github.com"
    assert settings.runs_url == "https://github.com/ada/briefship/actions"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.max_request_bytes == 4_194_304


def test_settings__missing_and_unusable_are_named_together(environ: pytest.MonkeyPatch) -> None:
    """What is missing, set to nothing or unusable comes in one error, without the values."""
    environ.delenv("DISPATCH_REPOSITORY")
    environ.setenv("TASK_SECRET", "")
    environ.setenv("DISPATCH_TOKEN", "a b")
    environ.setenv("PORT", "http")
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ()
    assert caught.value.names == ("TASK_SECRET", "DISPATCH_TOKEN", "DISPATCH_REPOSITORY", "PORT")
    assert "a b" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TASK_SECRET", " , ,"),
        ("DISPATCH_TOKEN", "two\nlines"),
        ("DISPATCH_TOKEN", "  "),
        ("DISPATCH_REPOSITORY", "briefship"),
        ("DISPATCH_REPOSITORY", "ada/../briefship"),
        ("GITHUB_API_URL", "ftp://example.com"),
        ("GITHUB_API_URL", "https://user:word@example.com"),
        ("PORT", "65536"),
        ("GITHUB_CONNECTIONS", "0"),
        ("MAX_REQUEST_BYTES", "4MB"),
        ("FAILED_SECRETS_PER_MINUTE", "٣"),
        ("DOCS", "maybe"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_settings__unusable(environ: pytest.MonkeyPatch, name: str, text: str) -> None:
    """An unusable value is refused by name."""
    environ.setenv(name, text)
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ()
    assert caught.value.names == (name,)


def test_settings__are_normalized(environ: pytest.MonkeyPatch) -> None:
    """Secrets are separated by commas, blanks around do not count, nor a slash after a URL."""
    environ.setenv("TASK_SECRET", "old, new,")
    environ.setenv("DISPATCH_TOKEN", "token-of-ours\n")
    environ.setenv("DISPATCH_REPOSITORY", " ada/briefship ")
    environ.setenv("GITHUB_API_URL", "http://127.0.0.1:80/api/v3/")
    environ.setenv("DOCS", "off")
    settings = Settings.from_environ()
    assert settings.task_secrets == ("old", "new")
    assert settings.dispatch_token.get_secret_value() == "token-of-ours"
    assert settings.github_api_url == "http://127.0.0.1:80/api/v3"
    assert settings.runs_url == "http://127.0.0.1:80/ada/briefship/actions"
    assert settings.docs is False


def test_settings__repr_holds_no_secret() -> None:
    """Neither the secret nor the token shows when settings are printed."""
    settings = Settings.from_environ()
    for secret in ("sesame", "token-of-ours"):
        assert secret not in f"{settings!r} {settings} {settings.model_dump()}"
