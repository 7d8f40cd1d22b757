"""One workflow run under act: its folder, its command line, its environment, its process."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.hub import runner_browsers
from local.hub.objects import Links
from local.hub.processes import MARK
from local.hub.records import Repository, WorkflowRun
from local.hub.run_folder import RunFolder, write_private
from local.hub.runner_browsers import RunnerBrowsers
from local.hub.workflows import Workflow

ACT = Path(sys.prefix) / "bin" / "act"
ACTIONS = Path(__file__).resolve().parents[1] / "actions"
LABELS = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04")
PIP = {
    # pip takes what setup-python's stand-in shows of this machine, and asks the index for the rest
    # only. Hatchling is there, so that a build needs no environment of its own.
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads a false here as "no isolation"
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
NETWORK = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "SSL_CERT_FILE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
)
"""How this machine reaches its package index; a value that may hold a password stays out."""


@dataclass(frozen=True)
class ActJob:
    """All that act is told of a run."""

    run: WorkflowRun
    repository: Repository
    workflow: Workflow
    links: Links
    token: str
    environ: Mapping[str, str]
    browsers: RunnerBrowsers

    @property
    def folder(self) -> RunFolder:
        return self.run.folder

    @property
    def mark(self) -> str:
        """What tells this run's processes from all others."""
        return str(self.folder.path)

    def command(self) -> list[str]:
        """Return act's command line, which holds no secret."""
        return [
            str(ACT),
            self.run.event,
            f"--workflows={self.workflow.path}",
            f"--eventpath={self.folder.event}",
            f"--secret-file={self.folder.workspace / 'secrets.yml'}",
            f"--actor={self.run.actor}",
            f"--defaultbranch={self.repository.default_branch}",
            "--container-daemon-socket=-",
            "--no-cache-server",
            *(f"--platform={label}=-self-hosted" for label in LABELS),
            *(f"--env={name}={value}" for name, value in self._github().items()),
            *(f"--var={name}={value}" for name, value in self.repository.variables.items()),
            *(f"--local-repository={used}={folder}" for used, folder in self._stand_ins().items()),
        ]

    def _github(self) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.links.api,
            "GITHUB_SERVER_URL": self.links.server,
            "GITHUB_REPOSITORY": self.repository.full_name,
            "GITHUB_RUN_ID": str(self.run.id),
            "GITHUB_RUN_NUMBER": str(self.run.number),
            "GITHUB_RUN_ATTEMPT": str(self.run.attempt),
        }

    def _stand_ins(self) -> dict[str, Path]:
        """Return the folders that stand for actions; act copies the checkout by itself."""
        named = {used: used.partition("@")[0].partition("/")[2] for used in self.workflow.uses}
        return {used: ACTIONS / name for used, name in named.items() if (ACTIONS / name).is_dir()}

    def environment(self) -> dict[str, str]:
        """Return what act and every step sees: no secret, nothing of the developer's own."""
        work = self.folder.workspace
        path = f"{self.folder.programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            "LANG": "C.UTF-8",
            "HOME": str(work / "home"),
            "XDG_CACHE_HOME": str(work / "cache"),
            "TMPDIR": str(work / "tmp"),
            MARK: self.mark,
            "LOCAL_PYTHON": sys.executable,
            "LOCAL_ARTIFACTS": str(self.folder.artifacts),
            "LOCAL_EARLIER_ARTIFACTS": str(self.folder.earlier_artifacts),
            "LOCAL_ACTIONS": str(ACTIONS),
            "LOCAL_PAGES": str(self.folder.pages),
            "LOCAL_PAGES_URL": self.links.site(self.repository.full_name),
            **PIP,
            **_network(os.environ),
            **self.environ,
            "PATH": self.environ.get("PATH", path),
        }

    def start(self) -> "subprocess.Popen[bytes]":
        """Make a clean checkout and start act, away from the terminal's signals."""
        self.folder.prepare(self.run.attempt)
        checkout = self.folder.workspace / "checkout"
        runner_browsers.install(self.browsers, self.folder.programs)
        origin = self.links.clone(self.repository.full_name)
        self.repository.git.check_out(self.run.head_sha, self.run.branch, origin, checkout)
        # A file, since act hands its own environment on to every step. JSON is YAML.
        secrets = {**self.repository.secrets, "GITHUB_TOKEN": self.token}
        write_private(self.folder.workspace / "secrets.yml", json.dumps(secrets))
        with self.folder.log.open("wb") as log:
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
