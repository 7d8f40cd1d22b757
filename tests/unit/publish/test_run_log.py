"""What is told of a workflow run that failed, out of the zip file that GitHub makes of its logs."""

import io
import zipfile

import pytest

from builder.publish.run_log import CHARACTERS, LINES, before_failure

TIME = "2026-11-25T15:04:05.1234567Z "


def packed(**logs: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in logs.items():
            file.writestr(name.replace("__", "/") + ".txt", text)
    return buffer.getvalue()


def lines(*texts: str) -> str:
    return "".join(f"{TIME}{text}\n" for text in texts)


def test_before_failure__of_several_jobs() -> None:
    """The end of the first job that failed is told, without times and without what came after."""
    failed = lines("a", "stats.py:3:1: F401", "##[error]Process completed with exit code 1.", "b")
    zipped = packed(**{"0_lint": lines("fine"), "1_run": "\ufeff" + failed, "a__2_run": failed})
    assert before_failure(zipped) == ("a\nstats.py:3:1: F401\nProcess completed with exit code 1.")


@pytest.mark.parametrize(
    "zipped",
    [
        b"",
        b"PK no zip",
        packed(),
        packed(**{"0_a": lines("fine")}),
        packed(**{"0_a": lines("grep -c '##[error]' log.txt")}),
        packed(**{"0_a": lines("##[error]x")}).replace(b"x", b"y", 1),
    ],
)
def test_before_failure__nothing_to_tell(zipped: bytes) -> None:
    """A log that cannot be read, or tells of no failure, gives nothing."""
    assert before_failure(zipped) == ""


def test_before_failure__of_a_long_log() -> None:
    """Of a long log the last lines are told, and of long lines the end."""
    zipped = packed(**{"0_a": lines(*map(str, range(9_999)), "##[error]x")})
    assert before_failure(zipped).splitlines() == [*map(str, range(9_999 - LINES, 9_999)), "x"]
    assert len(before_failure(packed(**{"0_a": lines("y" * 99_999, "##[error]x")}))) == CHARACTERS
