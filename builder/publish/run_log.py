"""The log of a workflow run, as GitHub packs it: what stands before its failure."""

import io
import re
import zipfile
from itertools import takewhile

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
                if _FAILED in text:
                    return _end(text)
    except (zipfile.BadZipFile, OSError):
        return ""
    return ""


def _end(text: str) -> str:
    lines = [_TIME.sub("", line.lstrip("\ufeff")) for line in text.splitlines()]
    before = [*takewhile(lambda line: not line.startswith(_FAILED), lines)]
    error = lines[len(before)].removeprefix(_FAILED)
    return "\n".join([*before[-LINES:], error])[-CHARACTERS:]
