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
    """Three variables are enough, point to the public GitHub, and are not shown when printed."""
    settings = Settings.from_environ()
    for secret in ("sesame", "token-of-ours"):
        assert secret not in f"{settings!r} {settings} {settings.model_dump()}"
    assert settings.task_secrets == ["sesame"]
    assert settings.github_api_url == "https://api.github.com"
    assert settings.runs_url == "https://github.com/ada/briefship/actions"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.max_request_bytes == 4_194_304


@pytest.mark.parametrize(
    "unusable",
    [
        {"TASK_SECRET": "", "DISPATCH_TOKEN": "", "DISPATCH_REPOSITORY": ""},
        {"TASK_SECRET": " , ,", "DISPATCH_TOKEN": "two\nlines", "DISPATCH_REPOSITORY": "ada/../b"},
        {"GITHUB_API_URL": "ftp://example.com", "PORT": "65536", "LOG_FORMAT": "xml"},
        {"GITHUB_API_URL": "https://user:word@a.b", "PORT": "http", "MAX_REQUEST_BYTES": "4MB"},
        {"FAILED_SECRETS_PER_MINUTE": "٣", "DOCS": "maybe"},
    ],
)
def test_settings__unusable(environ: pytest.MonkeyPatch, unusable: dict[str, str]) -> None:
    """What is missing, set to nothing or unusable comes in one error, without the values."""
    for name, text in unusable.items():
        environ.setenv(name, text)
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ()
    assert caught.value.names == tuple(unusable)
    assert not [text for text in unusable.values() if text and f"{text!r}" in str(caught.value)]


def test_settings__are_normalized(environ: pytest.MonkeyPatch) -> None:
    """Secrets are separated by commas, blanks around do not count, nor a slash after a URL."""
    environ.setenv("TASK_SECRET", "old, new,")
    environ.setenv("DISPATCH_TOKEN", "token-of-ours\n")
    environ.setenv("DISPATCH_REPOSITORY", " ada/briefship ")
    environ.setenv("GITHUB_API_URL", "http://127.0.0.1:80/api/v3/")
    environ.setenv("DOCS", "off")
    settings = Settings.from_environ()
    assert settings.task_secrets == ["old", "new"]
    assert settings.dispatch_token.get_secret_value() == "token-of-ours"
    assert settings.github_api_url == "http://127.0.0.1:80/api/v3"
    assert settings.runs_url == "http://127.0.0.1:80/ada/briefship/actions"
    assert settings.docs is False
