"""Makes a Python that has pip and no other package, as setup-python gives one on GitHub's runners.

It is a link to the Python below the one that runs this, and no virtual environment, since
`uv pip install --system` passes over those.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

SHARED = {"site-packages", "dist-packages", "EXTERNALLY-MANAGED"}
"""What the standard library's folder has that is not of it."""


def main(folder: Path) -> None:
    """Make it in `folder` and put it in front of the path of later steps."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    programs, library = folder / "bin", folder / "lib" / version
    for place in (programs, library):
        place.mkdir(parents=True)
    # A copy, since Python looks for its library from where its program really is.
    program = Path(shutil.copy2(os.path.realpath(sys.executable), programs / version))
    for name in ("python", "python3"):
        (programs / name).symlink_to(version)
    for entry in Path(sysconfig.get_path("stdlib")).iterdir():
        if entry.name not in SHARED:
            (library / entry.name).symlink_to(entry)
    packages = Path(_packages(program))
    packages.mkdir(parents=True, exist_ok=True)
    for found in Path(sysconfig.get_path("purelib")).glob("pip*"):
        (packages / found.name).symlink_to(found)
    with Path(os.environ["GITHUB_PATH"]).open("a") as path:
        path.write(f"{programs}\n")
    with Path(os.environ["GITHUB_ENV"]).open("a") as variables:
        variables.write(f"pythonLocation={folder}\n")


def _packages(program: Path) -> str:
    """Return the folder that a Python's packages are installed in."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    command = [str(program), "-I", "-c", ask]
    return subprocess.check_output(command, text=True).strip()  # noqa: S603 - our own words


main(Path(sys.argv[1]))
