"""Copies what an artifact is to hold, laid out as actions/upload-artifact does."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path


def main(environ: dict[str, str]) -> int:
    """Copy the files below their nearest common folder; return the exit code."""
    hidden = environ["INCLUDE_HIDDEN_FILES"] == "true"
    wanted = [Path.cwd() / line.strip() for line in environ["ARTIFACT_PATH"].split("\n") if line]
    found = sorted({file for path in wanted for file in files(path, hidden)})
    if not found:
        return missing(environ["IF_NO_FILES_FOUND"])
    folders = wanted if len(wanted) == 1 and wanted[0].is_dir() else [file.parent for file in found]
    root = os.path.commonpath(folders)
    target = Path(environ["LOCAL_ARTIFACTS"]) / Path(environ["ARTIFACT_NAME"]).name
    for file in found:
        copy = target / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    print(f"artifact {target.name}: {len(found)} files")
    return 0


def files(wanted: Path, hidden: bool) -> Iterator[Path]:
    """Yield the file, or all those below the folder."""
    for path in wanted.rglob("*") if wanted.is_dir() else [wanted]:
        concealed = any(part.startswith(".") for part in path.relative_to(wanted).parts)
        if path.is_file() and (hidden or not concealed):
            yield path


def missing(policy: str) -> int:
    message = "No files were found with the provided path. No artifacts will be uploaded."
    if policy != "ignore":
        print(f"::{'error' if policy == 'error' else 'warning'}::{message}")
    return int(policy == "error")


sys.exit(main(dict(os.environ)))
