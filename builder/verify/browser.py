"""Opens a site in Chromium: finds programs, and starts the worker that runs one of them.

The worker is a process of its own (`python -m builder.verify.browser_worker`): it gets no
credentials, and it ends in time whatever the page does.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Protocol

from builder.findings import Source
from builder.settings import BROWSER_SECONDS, CHECK_SECONDS
from builder.site import Site
from builder.verify.page_report import PageCheck, PageReport, page_report, without_page
from builder.verify.scenarios.scenario import Scenario
from builder.verify.worker_protocol import SITE, Job, Kind, Launch, Observation, read_observations

PROGRAMS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
"""Names on PATH. Chrome first: `chromium` on the hosted runner finds no sandbox."""
DOWNLOADED = "Playwright's own Chromium"

DISABLED_FEATURES = (
    # Playwright's own, since Chromium takes the last list alone.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect"),
    *("TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    *("PreconnectToSearch", "msForceBrowserSignIn", "msEdgeUpdateLaunchServicesPreferredVersion"),
    # In each window the address bar's popups are pages, and a spare process waits for another
    # site: together they compute longer than most apps.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"),
)
FLAGS = (
    f"--disable-features={','.join(DISABLED_FEATURES)}",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Debian's build makes requests of its own in the background.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "PLAYWRIGHT_BROWSERS_PATH", "LD_LIBRARY_PATH")
"""The only variables that the worker gets; setup-python needs the last."""

END_SECONDS = 2.0
"""Reserved for starting and ending the worker."""
USE_SHARE = 1 / 3
"""Share of the budget for the smoke test; scenarios may take twice as much before it."""
STATIC_SECONDS = 3.0
"""For checks on a page without a script, such as the fallback: enough for what they fetch."""
LAUNCH_SECONDS = 8.0
"""For one program to start; on two free cores it takes half a second."""

SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - TemporaryDirectory makes its own
MAX_FOLDER_CHARACTERS = 40
"""Longest path of a folder for temporary files. Chromium adds `/look-12345678`,
`/org.chromium.Chromium.123456`, `/SingletonSocket`; a socket's path holds 107 bytes (unix(7))."""


def flags() -> list[str]:
    """Return the arguments for Chromium; its sandbox does not work for root."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def programs(environ: Mapping[str, str] = os.environ) -> dict[str, str | None]:
    """Return the browsers to try, in order: paths by name, None for what is not there.

    These are `CHROMIUM`, names on PATH, and Playwright's own, whose path is empty: Playwright
    knows it. There are none with `CHROMIUM=none`.
    """
    setting = environ.get("CHROMIUM", "").strip()
    if setting == "none":
        return {}
    found: dict[str, str | None] = {}
    for name in dict.fromkeys([*filter(None, [setting]), *PROGRAMS]):
        path = shutil.which(name)
        # One program may have two names.
        if path is None or not any(
            other and Path(path).samefile(other) for other in found.values()
        ):
            found[name] = path
    return found | {DOWNLOADED: ""}


class Worker(Protocol):
    """Something that has a browser and does one job."""

    def do(self, job: Job, seconds: float) -> tuple[str, str]:
        """Do a job within `seconds`; return what was observed, and why it failed."""

    def end(self) -> None:
        """End without a job."""


@dataclass(frozen=True)
class Browser:
    """Opens sites with the first of `programs` that starts, each site within `budget` seconds.

    `launch_seconds` for each program that is tried come on top. A program that did not start is
    reported each time and tried last from then on. Requests to other hosts go to `cdn_mirror`
    first, as `{cdn_mirror}/{url}`.
    """

    programs: Mapping[str, str | None]
    cdn_mirror: str | None = None
    budget: float = BROWSER_SECONDS
    launch_seconds: float = LAUNCH_SECONDS
    check_seconds: float = CHECK_SECONDS
    start: Callable[[Launch], Worker] = field(default_factory=lambda: WorkerProcess)
    _waiting: list[tuple[TemporaryDirectory[str], Launch, Worker]] = field(default_factory=list)
    _not_started: dict[str, str] = field(default_factory=dict)

    def look(
        self,
        site: Site,
        name: str,
        checks: Sequence[PageCheck],
        scenarios: Sequence[Scenario] = (),
        *,
        smoke: bool = True,
    ) -> PageReport:
        """Open the site as served under `/<name>/`, run `checks` on its page, and use it."""
        page = front_page(site)
        if page is None:
            return without_page(checks)
        if not self.programs:
            reason = "the browser is switched off (CHROMIUM=none)"
            return page_report(checks, [{"kind": Kind.NO_BROWSER, "seen": reason}])
        self.warm_up()
        place, launch, worker = self._waiting.pop()
        with place as folder:
            Site({path: site[path] for path in site.served}).write(Path(folder) / SITE)
            job = self._job(launch, name, page, checks)
            on_page = [scenario for scenario in scenarios if not scenario.is_about_files]
            what = {"scenarios": on_page, "smoke": smoke, "patience": self._patience(site[page])}
            return self._look(worker, job.model_copy(update=what), checks)

    def warm_up(self) -> None:
        """Start a browser for the next look, unless one is waiting for it."""
        if self._waiting or not self.programs:
            return
        place = TemporaryDirectory(prefix="look-", dir=short_folder(), ignore_cleanup_errors=True)
        there = {name: path for name, path in self.programs.items() if path is not None}
        launch = Launch(
            folder=place.name,
            programs=dict(sorted(there.items(), key=lambda item: item[0] in self._not_started)),
            flags=flags(),
            launch_seconds=self.launch_seconds,
        )
        self._waiting.append((place, launch, self.start(launch)))

    def close(self) -> None:
        """End a browser that waits for a look."""
        while self._waiting:
            place, _, worker = self._waiting.pop()
            worker.end()
            place.cleanup()

    def _job(self, launch: Launch, name: str, page: str, checks: Sequence[PageCheck]) -> Job:
        return Job(
            **launch.model_dump(),
            name=name,
            page="" if page == "index.html" else page,
            checks=[check.expression for check in checks],
            seconds=max(self.budget - END_SECONDS, self.budget / 2),
            check_seconds=self.check_seconds,
            patience=self.check_seconds,
            use_seconds=self.budget * USE_SHARE,
            earlier=[n for n, check in enumerate(checks) if check.source is Source.REGRESSION],
            cdn_mirror=self.cdn_mirror,
        )

    def _patience(self, page: bytes) -> float:
        """Return how long to try a check on one load: a page without a script does not change."""
        is_static = b"<script" not in page.lower()
        return min(STATIC_SECONDS, self.check_seconds) if is_static else self.check_seconds

    def _look(self, worker: Worker, job: Job, checks: Sequence[PageCheck]) -> PageReport:
        start = time.monotonic()
        written, trouble = worker.do(job, self.budget + self.launch_seconds * len(job.programs))
        observations = self._with_all_programs(read_observations(written))
        report = page_report(checks, observations, trouble)
        names = [seen["name"] for seen in observations if seen["kind"] == Kind.SCREENSHOT]
        names += filter(None, (outcome.screenshot for outcome in report.outcomes))
        screenshots = {name: job.path(name).read_bytes() for name in names}
        return replace(report, screenshots=screenshots, seconds=time.monotonic() - start)

    def _with_all_programs(self, seen: Sequence[Observation]) -> list[Observation]:
        """Add the programs that did not start before; if none started, also missing ones."""
        for one in seen:
            if one["kind"] == Kind.NOT_STARTED:
                self._not_started[one["subject"]] = one["seen"]
        reasons = dict(self._not_started)
        if not any(one["kind"] == Kind.STARTED for one in seen):
            missing = (name for name, path in self.programs.items() if path is None)
            reasons |= dict.fromkeys(missing, "not on PATH")
        others = [one for one in seen if one["kind"] != Kind.NOT_STARTED]
        not_started = [
            {"kind": Kind.NOT_STARTED, "subject": name, "seen": reasons[name]}
            for name in self.programs
            if name in reasons
        ]
        return [*not_started, *others]


def front_page(site: Site) -> str | None:
    """Return the path of the page to open: `index.html`, else the one nearest to the root."""
    pages = [path for path in site.served if PurePosixPath(path).suffix in {".html", ".htm"}]
    return min(pages, key=lambda path: (path != "index.html", path.count("/"), path), default=None)


def short_folder() -> str | None:
    """Return a folder for temporary files in which the path of a socket is not too long.

    None means the default, if no other one is writable.
    """
    folders = (tempfile.gettempdir(), *SHORT_FOLDERS)
    short = (folder for folder in folders if len(os.fsencode(folder)) <= MAX_FOLDER_CHARACTERS)
    return next((folder for folder in short if os.access(folder, os.W_OK | os.X_OK)), None)


class WorkerProcess:
    """`python -m builder.verify.browser_worker`; its browser starts before it has its job."""

    def __init__(self, launch: Launch) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "builder.verify.browser_worker"],
            cwd=Path(__file__).resolve().parents[2],
            env=_environment(launch.folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        if self._process.stdin:
            # One that could not start says why when it is given its job.
            with suppress(BrokenPipeError):
                self._process.stdin.write(f"{launch.model_dump_json()}\n")
                self._process.stdin.flush()

    def do(self, job: Job, seconds: float) -> tuple[str, str]:
        """Do a job; the process is killed after `seconds`."""
        try:
            written, complaint = self._process.communicate(job.model_dump_json(), timeout=seconds)
        except subprocess.TimeoutExpired:
            written, complaint = self._killed()
        failed = self._process.returncode > 0
        return written, complaint.strip().rpartition("\n")[2] if failed else ""

    def end(self) -> None:
        """Kill it; Chromium ends with it."""
        self._killed()

    def _killed(self) -> tuple[str, str]:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.communicate()


def _environment(folder: str) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # With another HOME, Playwright would not find what it has downloaded.
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    downloads = {"PLAYWRIGHT_BROWSERS_PATH": f"{cache}/ms-playwright"}
    return downloads | passed_on | {"HOME": folder, "TMPDIR": folder}
