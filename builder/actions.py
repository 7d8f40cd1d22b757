"""The log of a run; on a runner with masks, annotations, groups and a job summary."""

import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from builder.verdict import Verdict

ANNOTATIONS = {
    Verdict.VERIFIED: "notice",
    Verdict.PARTLY_VERIFIED: "warning",
    Verdict.FALLBACK: "warning",
    Verdict.FAILING: "error",
}


class ActionsLog:
    """The port `Log`: workflow commands on a runner, plain text elsewhere."""

    def __init__(
        self, out: TextIO | None = None, *, on_runner: bool = False, summary: Path | None = None
    ) -> None:
        self._out = out or sys.stdout
        self._on_runner = on_runner
        self._summary = summary

    def line(self, text: str) -> None:
        """Print `text`; nothing in it is interpreted as a workflow command."""
        if self._on_runner and _holds_command(text):
            fence = secrets.token_hex(16)
            text = f"::stop-commands::{fence}\n{text}\n::{fence}::"
        self._print(text)

    def warn(self, text: str) -> None:
        """Print a warning, which is shown at the top of the run's page."""
        self._annotate("warning", "briefship", text)

    def error(self, title: str, text: str) -> None:
        self._annotate("error", title, text)

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Group what is printed within."""
        flat = " ".join(title.split())
        self._print(f"::group::{flat}" if self._on_runner else f"== {flat}")
        try:
            yield
        finally:
            if self._on_runner:
                self._print("::endgroup::")

    def mask(self, *values: str) -> None:
        """Have the runner mask each value in everything printed from now on."""
        if self._on_runner:
            for value in filter(None, values):
                self._print(f"::add-mask::{_escaped(value)}")

    def summarize(self, markdown: str) -> None:
        """Add to the job summary; elsewhere there is none."""
        if self._summary is not None:
            with self._summary.open("a", encoding="utf-8") as file:
                file.write(markdown + "\n")

    def conclude(self, verdict: Verdict, reasons: Sequence[str]) -> None:
        """Print the verdict with its reasons; on a runner also as an annotation."""
        title = f"Verdict: {verdict}"
        if self._on_runner:
            self._annotate(ANNOTATIONS[verdict], title, "; ".join(reasons) or "nothing is open")
        self.line("\n".join([title, *(f"- {' '.join(reason.split())}" for reason in reasons)]))

    def _annotate(self, kind: str, title: str, text: str) -> None:
        if self._on_runner:
            named = _escaped(title).replace(":", "%3A").replace(",", "%2C")
            self._print(f"::{kind} title={named}::{_escaped(text)}")
        else:
            self._print(f"{kind}: {title}: {text}")

    def _print(self, text: str) -> None:
        print(text, file=self._out, flush=True)


def _holds_command(text: str) -> bool:
    """Return whether a runner would obey it: `::name` at a line's start, `##[name]` anywhere."""
    return "##[" in text or any(line.lstrip().startswith("::") for line in text.splitlines())


def _escaped(text: str) -> str:
    """Escape a command's value (GitHub's toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
