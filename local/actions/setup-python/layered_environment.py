"""Makes a virtual environment that sees the packages of the Python that runs this.

Their programs too, as pip takes these packages for installed; not those that are Python scripts of
the other environment.
"""

import os
import shutil
import sys
import sysconfig
import venv
from pathlib import Path

UV = """\
import subprocess, sys, tomllib
arguments, wanted = [], []
given = iter(sys.argv[1:])
for each in given:
    if each == "--requirement":
        with open(next(given), "rb") as file:
            project = tomllib.load(file)["project"]
        wanted += project["dependencies"]
    elif each == "--extra":
        wanted += project["optional-dependencies"][next(given)]
    elif each != "--system":
        arguments.append(each)
sys.exit(subprocess.call([sys.executable, "-m", *arguments, *wanted]))
"""
"""In uv's place: pip takes the packages of the layer for installed, so that it needs no network.

It knows the options that our workflows give, of which pip has no `--system` and no `--extra`.
"""


def main(folder: Path) -> None:
    """Make the environment in `folder` and put it in front of the path of later steps."""
    venv.create(folder, with_pip=False, symlinks=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", paths))
    # As a plain path, so that .pth files over there (an editable install) do not apply.
    (packages / "layer.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "uv").mkdir()
    # Without it the package of the layer would come first.
    (packages / "uv" / "__init__.py").touch()
    (packages / "uv" / "__main__.py").write_text(UV)
    for program in Path(sysconfig.get_path("scripts")).iterdir():
        link = folder / "bin" / program.name
        if program.name not in {"uv", "uvx"} and not link.exists() and is_binary(program):
            shutil.copy2(program, link)
    with Path(os.environ["GITHUB_PATH"]).open("a") as path:
        path.write(f"{folder / 'bin'}\n")
    with Path(os.environ["GITHUB_ENV"]).open("a") as variables:
        variables.write(f"pythonLocation={folder}\n")


def is_binary(program: Path) -> bool:
    """Return whether a program needs no interpreter."""
    if not program.is_file():
        return False
    with program.open("rb") as file:
        return file.read(4) == b"\x7fELF"


main(Path(sys.argv[1]))
