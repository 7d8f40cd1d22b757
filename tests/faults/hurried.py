"""The builder's command line on a clock that hurries: `python -m tests.faults.hurried`."""

import sys

from builder.cli import main
from tests.faults.running import HurryingTime

if __name__ == "__main__":
    sys.exit(main(clock=HurryingTime().clock))
