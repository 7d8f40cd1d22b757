"""`briefship`, also as `python -m briefship`"""

import os
import sys
from pathlib import Path

from briefship.command import main


def run() -> int:
    """Run the command with this process's environment and folder."""
    return main(sys.argv[1:], os.environ, Path.cwd())


if __name__ == "__main__":
    sys.exit(run())
