"""One workflow run under act: its command line, its environment, its process, and their end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.hub import runner_browsers
from local.hub.objects import Addresses
from local.hub.options import HubOptions
from local.hub.records import WorkflowRun
from local.hub.run_folder import write_private

ACT = Path(sys.prefix) / "bin" / "act"
ACTIONS = Path(__file__).resolve().parents[1] / "actions"
LABELS = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04")
PIP = {
    # pip takes what setup-python's stand-in shows of this machine, and asks the index for the rest
    # only. Hatchling is there, so that a build needs no environment of its own.
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads a false here as "no isolation"
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_WARN_CONFLICTS": "0",  # likewise: it would read all packages of this machine
}
NETWORK = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "SSL_CERT_FILE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
)
"""How this machine reaches its package index; a value that may hold a password stays out."""
MARK = "LOCAL_RUN"
"""The variable whose value marks the processes of one run."""
PASSES = 20
"""How often to look for processes that were started while others were being ended."""


@dataclass(frozen=True)
class ActJob:
    """What act gets to know of a run; `token` is the run's own."""

    run: WorkflowRun
    at: Addresses
    token: str
    options: HubOptions

    @property
    def mark(self) -> str:
        return str(self.run.folder.path)

    def command(self) -> list[str]:
        """Return act's command line, which holds no secret."""
        run, folder = self.run, self.run.folder
        return [
            str(ACT),
            run.trigger.name,
            f"--workflows={run.workflow.path}",
            f"--eventpath={folder.event}",
            f"--secret-file={folder.workspace / 'secrets.yml'}",
            f"--actor={run.trigger.actor}",
            f"--defaultbranch={run.repository.default_branch}",
            "--container-daemon-socket=-",
            "--no-cache-server",
            *(f"--platform={label}=-self-hosted" for label in LABELS),
            *(f"--env={name}={value}" for name, value in self._github().items()),
            *(f"--var={name}={value}" for name, value in run.repository.variables.items()),
            *(f"--local-repository={used}={folder}" for used, folder in self._stand_ins().items()),
        ]

    def _github(self) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.at.api_url,
            "GITHUB_SERVER_URL": self.at.server_url,
            "GITHUB_REPOSITORY": self.run.repository.full_name,
            "GITHUB_RUN_ID": str(self.run.id),
            "GITHUB_RUN_NUMBER": str(self.run.number),
            "GITHUB_RUN_ATTEMPT": str(self.run.attempt),
            **({"RUNNER_DEBUG": "1"} if self.run.debug else {}),
        }

    def _stand_ins(self) -> dict[str, Path]:
        """Return our folders in place of actions; act copies the checkout by itself."""
        named = {used: used.partition("@")[0].partition("/")[2] for used in self.run.workflow.uses}
        return {used: ACTIONS / name for used, name in named.items() if (ACTIONS / name).is_dir()}

    def environment(self) -> dict[str, str]:
        """Return what act and every step sees: no secret, nothing of the developer's own."""
        folder = self.run.folder
        path = f"{folder.programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            "LANG": "C.UTF-8",
            "HOME": str(folder.workspace / "home"),
            "XDG_CACHE_HOME": str(folder.workspace / "cache"),
            "TMPDIR": str(folder.workspace / "tmp"),
            MARK: self.mark,
            "LOCAL_PYTHON": sys.executable,
            "LOCAL_ARTIFACTS": str(folder.artifacts),
            "LOCAL_ACTIONS": str(ACTIONS),
            "LOCAL_PAGES": str(folder.pages),
            "LOCAL_PAGES_URL": self.at.site(self.run.repository.full_name),
            **PIP,
            **_network(os.environ),
            "PATH": path,
            **self.options.run_environ,
        }

    def start(self) -> "subprocess.Popen[bytes]":
        """Make a clean checkout and start act, away from the terminal's signals."""
        run, folder = self.run, self.run.folder
        folder.prepare(run.attempt)
        checkout = folder.workspace / "checkout"
        runner_browsers.install(self.options.browsers, folder.programs)
        origin = self.at.clone(run.repository.full_name)
        run.repository.git.check_out(run.head_sha, run.branch, origin, checkout)
        # A file, since act hands its own environment on to every step. JSON is YAML.
        secrets = {**run.repository.secrets, "GITHUB_TOKEN": self.token}
        write_private(folder.workspace / "secrets.yml", json.dumps(secrets))
        with folder.log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own command line, no shell
                self.command(),
                cwd=checkout,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _network(environ: Mapping[str, str]) -> dict[str, str]:
    found = {name: environ[name] for name in NETWORK if "@" not in environ.get(name, "@")}
    # What the chain says to itself goes through no proxy.
    return found | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def marked(value: str) -> list[int]:
    """Return the ids of the processes that carry the mark (Linux)."""
    entry = f"{MARK}={value}".encode()
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        # Gone meanwhile, or somebody else's.
        with suppress(OSError):
            if entry in file.read_bytes().split(b"\0"):
                found.append(int(file.parent.name))
    return found


def kill_marked(value: str) -> None:
    """End every process that carries the mark, as GitHub's runner does.

    Process groups do not do: act gives each step a session of its own, and so does a browser.
    """
    for _ in range(PASSES):
        processes = marked(value)
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if not processes:
            return
