"""Copies what an artifact is to hold, laid out as actions/upload-artifact does."""

import os
import shutil
import sys
from collections.abc import Iterator
from glob import glob
from pathlib import Path


def main(environ: dict[str, str]) -> int:
    """Copy the files below their nearest common folder; return the exit code."""
    hidden = environ["INCLUDE_HIDDEN_FILES"] == "true"
    patterns = [line.strip() for line in environ["ARTIFACT_PATH"].splitlines() if line.strip()]
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    unwanted = {file for line in patterns if line[0] == "!" for file in files(line[1:], hidden)}
    found = sorted({file for pattern in wanted for file in files(pattern, hidden)} - unwanted)
    if not found:
        return missing(environ["IF_NO_FILES_FOUND"])
    root = common_folder(found, wanted)
    target = Path(environ["LOCAL_ARTIFACTS"]) / Path(environ["ARTIFACT_NAME"]).name
    for file in found:
        copy = target / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    print(f"artifact {target.name}: {len(found)} files")
    return 0


def files(pattern: str, hidden: bool) -> Iterator[Path]:
    """Yield the files that a pattern means; all those below a folder."""
    # Not Path.glob: a pattern may be absolute.
    found = glob(str(Path.cwd() / pattern), recursive=True, include_hidden=hidden)  # noqa: PTH207
    for match in map(Path, found):
        for path in match.rglob("*") if match.is_dir() else [match]:
            concealed = any(part.startswith(".") for part in path.relative_to(match).parts)
            if path.is_file() and (hidden or not concealed):
                yield path


def common_folder(found: list[Path], wanted: list[str]) -> Path:
    """Return what the names in the artifact are relative to."""
    only = Path.cwd() / wanted[0]
    if len(wanted) == 1 and only.is_dir():
        return only
    return Path(os.path.commonpath([str(file.parent) for file in found]))


def missing(policy: str) -> int:
    message = "No files were found with the provided path. No artifacts will be uploaded."
    if policy != "ignore":
        print(f"::{'error' if policy == 'error' else 'warning'}::{message}")
    return int(policy == "error")


sys.exit(main(dict(os.environ)))
