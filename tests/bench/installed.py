"""A Python that has what the workflow installs and nothing else: what users run is measured."""

import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def installed_builder() -> Iterator[Path]:
    """Yield the interpreter of an environment that is made as `build.yml` makes it."""
    print("Installing the builder as the workflow does", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin/python"
        install = ["install", "-qq", "--disable-pip-version-check", "-c", "constraints.txt"]
        subprocess.run([python, "-m", "pip", *install, ".[builder,build]"], cwd=ROOT, check=True)
        yield python
