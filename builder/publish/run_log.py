"""The log of a workflow run, as GitHub packs it: what stands before its failure."""

import io
import re
import zipfile
import zlib

MAX_BYTES = 8 * 1024 * 1024
"""Of one job's log that are read."""
LINES = 30
CHARACTERS = 3_000
_FAILED = "##[error]"
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\S{6,24}Z ")


def before_failure(zipped: bytes) -> str:
    """Return the last lines of the first job that failed, up to its error; empty if none did."""
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as file:
            # The same lines are in folders too, step by step.
            for name in sorted(name for name in file.namelist() if "/" not in name):
                with file.open(name) as log:
                    text = log.read(MAX_BYTES).decode("utf-8", "replace")
                if end := _end(text):
                    return end
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError):
        return ""
    return ""


def _end(text: str) -> str:
    """Return what stands up to the first error; empty where none begins a line."""
    lines = [_TIME.sub("", line.lstrip("\ufeff")) for line in text.splitlines()]
    for at, line in enumerate(lines):
        if line.startswith(_FAILED):
            shown = [*lines[max(0, at - LINES) : at], line.removeprefix(_FAILED)]
            return "\n".join(shown)[-CHARACTERS:]
    return ""
