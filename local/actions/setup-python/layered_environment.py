"""Makes a virtual environment that sees the packages of the Python that runs this."""

import os
import sys
import sysconfig
import venv
from pathlib import Path


def main(folder: Path) -> None:
    """Make the environment in `folder` and put it in front of the path of later steps."""
    venv.create(folder, with_pip=False, symlinks=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", paths))
    # As a plain path, so that .pth files over there (an editable install) do not apply.
    (packages / "layer.pth").write_text(sysconfig.get_path("purelib") + "\n")
    with Path(os.environ["GITHUB_PATH"]).open("a") as path:
        path.write(f"{folder / 'bin'}\n")
    with Path(os.environ["GITHUB_ENV"]).open("a") as variables:
        variables.write(f"pythonLocation={folder}\n")


main(Path(sys.argv[1]))
