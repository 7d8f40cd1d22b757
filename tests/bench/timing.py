"""How long a process takes."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def timed(command: Sequence[str | Path], environ: Mapping[str, str], folder: Path) -> float:
    """Run a command in `folder` to its good end; return the seconds."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
