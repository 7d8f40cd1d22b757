"""Measures the whole chain, from POST to callback: make bench.

`python -m tests.bench.chain [--scale F] [--output FOLDER]`: two rounds of a task on the local
GitHub, carried out by act, with a real installation, and with the waits for model and Pages
multiplied by the scale; beside the chain without its savings, and beside the common design.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from local.demo.machine import PROJECT
from tests.bench.chain.contenders import FIRST_PUBLICATION, LATER_BUILD, contenders
from tests.bench.chain.model import ASIDE_SECONDS, DRAFT_SECONDS
from tests.bench.chain.report import write

TASK = "sum-of-sales-001"
ROUNDS = [PROJECT / f"tests/requests/{TASK}.round{number}.json" for number in (1, 2)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write table and picture; return 0 if every target is met."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("bench-output"), metavar="FOLDER")
    parser.add_argument("--scale", type=float, default=0.1, help="of the waits (default 0.1)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="contenders to play")
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    results, before = {}, os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="briefship-chain-") as name,
        contenders(Path(name)) as found,
    ):
        for contender in found:
            if options.only and contender.name not in options.only:
                continue
            print(contender.name, file=sys.stderr, flush=True)
            folder = Path(name) / contender.name.replace(" ", "-")
            results[contender.name] = contender.play(ROUNDS, folder, options.scale)
    loads = f"{before:.1f} before, {os.getloadavg()[0]:.1f} after"
    about = (
        f"{os.cpu_count()} cores, load {loads}. Waits for the model ({DRAFT_SECONDS:.0f} s, and "
        f"{ASIDE_SECONDS:.0f} s for scenarios) and for Pages ({FIRST_PUBLICATION:.0f} s, later "
        f"{LATER_BUILD:.0f} s) are multiplied by {options.scale:g}; the installation is real."
    )
    return write(results, options.output, about)


if __name__ == "__main__":
    sys.exit(main())
