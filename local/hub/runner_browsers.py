"""The browsers that a run finds on PATH: this machine's, or a situation of GitHub's runners."""

import shutil
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome")


class RunnerBrowsers(StrEnum):
    """What `HubOptions.browsers` may ask for."""

    HOST = "host"
    """Those of this machine, as they are."""
    UBUNTU_24_04 = "ubuntu-24.04"
    """A chromium that finds no usable sandbox, and a google-chrome that works
    (actions/runner-images, issue 12096)."""
    NONE = "none"
    """None that starts."""


NO_SANDBOX = """#!/bin/sh
echo "[FATAL:content/browser/zygote_host/zygote_host_impl_linux.cc:132] No usable sandbox!" >&2
exit 133
"""
ABSENT = '#!/bin/sh\necho "$0: no browser on this runner" >&2\nexit 127\n'


def install(browsers: RunnerBrowsers, folder: Path) -> None:
    """Put the programs that make the situation into `folder`, which is first on PATH."""
    for name, script in _programs(browsers):
        program = folder / name
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)


def _programs(browsers: RunnerBrowsers) -> Iterator[tuple[str, str]]:
    if browsers is RunnerBrowsers.NONE:
        yield from ((name, ABSENT) for name in NAMES)
    if browsers is RunnerBrowsers.UBUNTU_24_04:
        working = next(filter(None, map(shutil.which, NAMES)), None)
        chrome = f'#!/bin/sh\nexec "{working}" "$@"\n' if working else ABSENT
        yield from (("chromium", NO_SANDBOX), ("chromium-browser", NO_SANDBOX))
        yield from (("google-chrome", chrome), ("google-chrome-stable", chrome))
