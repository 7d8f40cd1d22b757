"""The browsers that a run finds on PATH: this machine's, or a situation of GitHub's runners."""

import shutil
from pathlib import Path

from local.hub.options import RunnerBrowsers

NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome")
NO_SANDBOX = """#!/bin/sh
echo "[FATAL:content/browser/zygote_host/zygote_host_impl_linux.cc:132] No usable sandbox!" >&2
exit 133
"""
ABSENT = '#!/bin/sh\necho "$0: no browser on this runner" >&2\nexit 127\n'


def install(browsers: RunnerBrowsers, folder: Path) -> None:
    """Put the programs that make the situation into `folder`, which is first on PATH."""
    for name, script in _programs(browsers).items():
        program = folder / name
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)


def _programs(browsers: RunnerBrowsers) -> dict[str, str]:
    if browsers is RunnerBrowsers.HOST:
        return {}
    programs = dict.fromkeys(NAMES, ABSENT)
    working = next(filter(None, map(shutil.which, NAMES)), None)
    if browsers is RunnerBrowsers.UBUNTU_24_04 and working:
        chrome = f'#!/bin/sh\nexec "{working}" "$@"\n'
        programs |= {"chromium": NO_SANDBOX, "chromium-browser": NO_SANDBOX}
        programs |= {"google-chrome": chrome, "google-chrome-stable": chrome}
    return programs
