"""What each command starts from: the settings, GitHub, and where to print."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from dotenv import dotenv_values
from pydantic import Field

from briefship.github import GitHub
from builder.errors import SettingsError
from builder.settings import Settings, Url

COLOURS = {"green": "32", "red": "31", "yellow": "33", "bold": "1"}


class CommandSettings(Settings):
    """The settings of builder and receiver that the command shares, and its own."""

    gh_token: str = Field(default="", repr=False)
    dispatch_repository: str = ""
    dispatch_token: str = Field(default="", repr=False)
    task_secret: str = Field(default="", repr=False)
    receiver_url: Url = "http://127.0.0.1:8000"

    @property
    def repository(self) -> str:
        """The workflow repository. Raises SettingsError where none is set."""
        found = self.dispatch_repository or self.github_repository
        if found.count("/") != 1:
            fix = "Set DISPATCH_REPOSITORY=owner/name, in the environment or in .env."
            raise SettingsError(
                "which repository holds the workflow is not set (expected owner/name)",
                names=["DISPATCH_REPOSITORY"],
                fix=fix,
            )
        return found

    @property
    def owner(self) -> str:
        """Whose the app repositories are."""
        return self.builder_owner or self.repository.partition("/")[0]


def environment(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment, with the variables of `.env` in `folder` where it has none."""
    kept = {name: value for name, value in dotenv_values(folder / ".env").items() if value}
    return kept | {name: value for name, value in environ.items() if value}


@dataclass(frozen=True)
class Context:
    """One call of the command."""

    environ: Mapping[str, str]
    folder: Path
    out: TextIO
    open: ExitStack
    """What is closed at the end."""

    @cached_property
    def settings(self) -> CommandSettings:
        """The settings; a warning is printed for each that cannot be used."""
        settings = CommandSettings.from_environ(self.environ)
        for warning in settings.ignored:
            self.say(f"warning: {warning}")
        return settings

    @cached_property
    def github(self) -> GitHub:
        """GitHub, as the operator. Raises SettingsError without a token."""
        name = "GH_TOKEN" if self.settings.gh_token else "GITHUB_TOKEN"
        token = self.settings.gh_token or self.settings.github_token
        if not token:
            fix = "Set GH_TOKEN to a token of yours, for example GH_TOKEN=$(gh auth token)."
            raise SettingsError("no token for GitHub is set", names=["GH_TOKEN"], fix=fix)
        return self.github_by(token, name)

    def github_by(self, token: str, name: str) -> GitHub:
        """Return GitHub by another token, which messages call `name`."""
        github = GitHub(token, self.settings.github_api_url, name)
        self.open.callback(github.close)
        return github

    def say(self, text: str = "") -> None:
        """Print a line."""
        print(text, file=self.out, flush=True)

    def print_json(self, value: Any) -> None:
        """Print a value as JSON, for scripts."""
        self.say(json.dumps(value, indent=1, ensure_ascii=False))

    def coloured(self, text: str, colour: str) -> str:
        """Return `text` in a colour, where a person looks at a terminal and wants colours."""
        wanted = self.out.isatty() and not self.environ.get("NO_COLOR")
        return f"\033[{COLOURS[colour]}m{text}\033[0m" if wanted else text


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, in which nothing moves the cursor."""
    header, *rows = ([plain(cell) for cell in row] for row in (header, *rows))
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = []
    for row in (header, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return lines


def plain(text: str) -> str:
    """Return text of others for a terminal or a log: it moves no cursor and begins no line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
