"""Chromium: where it is, how it is started, and a look at a site with it.

The look is a process of its own (`python -m builder.verify.browser_worker`): it gets no
credential, and it is over in time whatever the page does.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from builder.findings import Source
from builder.settings import CHECK_SECONDS
from builder.site import Site
from builder.verify.assignment import SITE, Assignment
from builder.verify.observation import Kind, read
from builder.verify.page_report import PageCheck, PageReport, verdict, without_page

PROGRAMS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome")
"""Names on PATH, the hosted runner's `google-chrome` among them."""

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Debian's build starts requests of its own in the background.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
"""All that the looking process gets of the environment; setup-python needs the last."""

BUDGET = 30.0
END_SECONDS = 2.0
"""Kept back of the budget for starting and ending the process."""


def flags() -> list[str]:
    """Return the arguments for Chromium; its sandbox does not work for root."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def executable(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of a Chromium: `CHROMIUM`, one on PATH, or Playwright's own; else None.

    `CHROMIUM=none` goes without.
    """
    named = environ.get("CHROMIUM")
    if named:
        return None if named == "none" else named
    found = next(filter(None, (shutil.which(name) for name in PROGRAMS)), None)
    return found or _downloaded()


def _downloaded() -> str | None:
    # Only here: importing it takes a tenth of a second.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def axe_script() -> str | None:
    """Return the path of axe-core's script that axe-playwright-python brings; None without it."""
    package = find_spec("axe_playwright_python")
    folders = (package.submodule_search_locations or []) if package else []
    return next((str(Path(folder) / "axe.min.js") for folder in folders), None)


class Browser:
    """Looks at sites with the Chromium at `executable`, each look within `budget` seconds.

    What a page gets from other hosts is asked of `cdn_mirror` first, as `{cdn_mirror}/{url}`.
    """

    def __init__(
        self,
        executable: str,
        *,
        cdn_mirror: str | None = None,
        budget: float = BUDGET,
        check_seconds: float = CHECK_SECONDS,
        axe: Callable[[], str | None] = axe_script,
    ) -> None:
        self._executable = executable
        self._cdn_mirror = cdn_mirror
        self._budget = budget
        self._check_seconds = check_seconds
        self._axe = axe

    def look(self, site: Site, name: str, checks: Sequence[PageCheck]) -> PageReport:
        """Open the site as it will stand under `/<name>/` and evaluate `checks` on its page."""
        page = front_page(site)
        if page is None:
            return without_page(checks)
        with TemporaryDirectory(prefix="look-", ignore_cleanup_errors=True) as folder:
            Site({path: site[path] for path in site.served}).write(Path(folder) / SITE)
            return self._look(self._assignment(folder, name, page, checks), checks)

    def _assignment(
        self, folder: str, name: str, page: str, checks: Sequence[PageCheck]
    ) -> Assignment:
        return Assignment(
            folder=folder,
            name=name,
            page="" if page == "index.html" else page,
            checks=[check.expression for check in checks],
            executable=self._executable,
            flags=flags(),
            seconds=max(self._budget - END_SECONDS, self._budget / 2),
            check_seconds=self._check_seconds,
            earlier=[n for n, check in enumerate(checks) if check.source is Source.REGRESSION],
            cdn_mirror=self._cdn_mirror,
            axe=self._axe(),
        )

    def _look(self, assignment: Assignment, checks: Sequence[PageCheck]) -> PageReport:
        start = time.monotonic()
        written, trouble = run(assignment, self._budget)
        observations = read(written)
        findings, results = verdict(checks, observations, trouble)
        pictures = (seen["name"] for seen in observations if seen["kind"] == Kind.PICTURE)
        screenshots = {name: assignment.path(name).read_bytes() for name in pictures}
        return PageReport(findings, results, screenshots, time.monotonic() - start)


def front_page(site: Site) -> str | None:
    """Return the path of the page to look at: `index.html`, else the first that is nearest."""
    pages = [path for path in site.served if PurePosixPath(path).suffix in {".html", ".htm"}]
    return min(pages, key=lambda path: (path != "index.html", path.count("/"), path), default=None)


def run(assignment: Assignment, seconds: float) -> tuple[str, str]:
    """Run the looking process, kill it after `seconds`; return what it wrote and why it failed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "builder.verify.browser_worker"],
        cwd=Path(__file__).resolve().parents[2],
        env=_environment(assignment.folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        written, complaint = process.communicate(assignment.to_json(), timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        written, complaint = process.communicate()
    failed = process.returncode > 0
    return written, complaint.strip().rpartition("\n")[2] if failed else ""


def _environment(home: str) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed_on | {"HOME": home, "TMPDIR": home}
