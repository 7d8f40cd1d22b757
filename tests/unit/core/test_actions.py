"""The runner's log: commands of ours, and none of anybody else's."""

import io
from pathlib import Path

import pytest

from builder.actions import ActionsLog


def printed(*, on_runner: bool) -> tuple[ActionsLog, io.StringIO]:
    out = io.StringIO()
    return ActionsLog(out, on_runner=on_runner), out


@pytest.mark.parametrize("text", ["::set-env name=A::b", "a\n  ::error::x", "note ##[error]x"])
def test_line__fences_commands_of_others(text: str) -> None:
    """Text that the runner would obey stands between stop-commands and its random end."""
    log, out = printed(on_runner=True)
    log.line(text)
    first, *middle, last = out.getvalue().splitlines()
    assert first.startswith("::stop-commands::")
    fence = first.removeprefix("::stop-commands::")
    assert len(fence) == 32
    assert last == f"::{fence}::"
    assert "\n".join(middle) == text


def test_line__leaves_plain_text_alone() -> None:
    """Ordinary lines are printed as they are."""
    log, out = printed(on_runner=True)
    log.line("C++ a::b 5,000 bytes")
    assert out.getvalue() == "C++ a::b 5,000 bytes\n"


def test_error__escapes_value_and_title() -> None:
    """An annotation is one line whatever it says."""
    log, out = printed(on_runner=True)
    log.error("a:b,c", "50%\n::warning::x")
    assert out.getvalue() == "::error title=a%3Ab%2Cc::50%25%0A::warning::x\n"


def test_group__is_plain_elsewhere() -> None:
    """On a person's machine no command is printed, and no mask, which would show the value."""
    log, out = printed(on_runner=False)
    with log.group("Push"):
        log.mask("ada@example.com")
        log.line("::x::")
    assert out.getvalue() == "== Push\n::x::\n"


def test_mask__names_each_value() -> None:
    """Each private value is given to the runner to blot out."""
    log, out = printed(on_runner=True)
    log.mask("a", "", "b%")
    assert out.getvalue() == "::add-mask::a\n::add-mask::b%25\n"


def test_summarize__appends(tmp_path: Path) -> None:
    """The summary file grows."""
    summary = tmp_path / "summary.md"
    log = ActionsLog(io.StringIO(), summary=summary)
    log.summarize("one")
    log.summarize("two")
    assert summary.read_text() == "one\ntwo\n"
