"""GitHub Pages through its API: enabling it, and following the build of a commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from builder.files.workflows import DEPLOYMENT, is_workflow
from builder.ports import Answer, Rest
from builder.publish import github_policy
from builder.publish.naming import BRANCH
from builder.site import Site

SOURCE = {"branch": BRANCH, "path": "/"}


class Progress(StrEnum):
    """How far the build of a commit is."""

    MISSING = "missing"
    BUILDING = "building"
    BUILT = "built"
    ERRORED = "errored"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Build:
    """The build of one commit; `message` says why it errored, is unknown or has not begun."""

    progress: Progress
    message: str = ""
    attempt: int = 1
    """How often the app's own workflow has been run for it."""


class Pages:
    """The Pages site of one repository.

    `workflows`: the workflow files by which the app deploys the site itself, if any.
    """

    def __init__(self, rest: Rest, full_name: str, *, workflows: Sequence[str] = ()) -> None:
        self._rest = rest
        self._root = f"/repos/{full_name}"
        self._workflows = tuple(workflows)

    @property
    def by_workflow(self) -> bool:
        return bool(self._workflows)

    def enable(self) -> str:
        """Publish the branch `main` if it is not published yet; return the site's URL.

        The URL is taken from the API, since an owner's custom domain shows in it.
        Raises GitHubRefused, GitHubUnreachable.
        """
        path = f"{self._root}/pages"
        kind = "workflow" if self.by_workflow else "legacy"
        wanted: dict[str, object] = {"build_type": kind, "source": SOURCE}
        found = self._rest("GET", path, accept={404})
        if found.status == 404:
            made = self._rest("POST", path, wanted, accept={409}, again=_is_too_early)
            found = self._rest("GET", path, again=_is_too_early) if made.status == 409 else made
        if any(found.body.get(key) != value for key, value in wanted.items()):
            self._rest("PUT", path, wanted, again=_is_too_early)
        url = found.body.get("html_url") or self._rest("GET", path).body["html_url"]
        return str(url).rstrip("/") + "/"

    def build_of(self, sha: str) -> Build:
        return self._run_of(sha) if self.by_workflow else self._branch_build_of(sha)

    def _branch_build_of(self, sha: str) -> Build:
        # The list, since the latest build may be another one and hide that ours has finished.
        listed = self._rest("GET", f"{self._root}/pages/builds", accept={404})
        builds = listed.body if listed.status == 200 else []
        ours = [build for build in builds if build["commit"] == sha]
        if any(build["status"] == "built" for build in ours):
            return Build(Progress.BUILT)
        under_way = [build for build in builds if build["status"] not in {"built", "errored"}]
        if under_way:
            is_ours = any(build in ours for build in under_way)
            return Build(Progress.BUILDING, "" if is_ours else "another commit is built first")
        if ours:
            return Build(Progress.ERRORED, (ours[0].get("error") or {}).get("message") or "")
        return Build(Progress.MISSING)

    def _run_of(self, sha: str) -> Build:
        runs = self._runs(sha)
        if not runs:
            return Build(Progress.MISSING)
        if any(run["status"] != "completed" for run in runs):
            return Build(Progress.BUILDING)
        failed = _failed(runs)
        if not failed:
            return Build(Progress.BUILT)
        said = f"its run ended with {failed[0]['conclusion']}"
        return Build(Progress.ERRORED, said, max(run["run_attempt"] for run in failed))

    def _runs(self, sha: str) -> list[dict[str, Any]]:
        """Return the commit's runs of the workflows that deploy the site."""
        found = self._rest("GET", f"{self._root}/actions/runs?head_sha={sha}", accept={404})
        runs = found.body.get("workflow_runs", []) if found.status == 200 else []
        return [run for run in runs if run["path"].partition("@")[0] in self._workflows]

    def failed_log(self, sha: str) -> str | None:
        """Return the address of the log of the app's own workflow, if it failed for a commit.

        Whoever has the address needs no token. Raises GitHubRefused, GitHubUnreachable.
        """
        for run in _failed(self._runs(sha)) if self.by_workflow else ():
            found = self._rest("GET", f"{self._root}/actions/runs/{run['id']}/logs", accept={404})
            return found.headers.get("location")
        return None

    def request_build(self, sha: str) -> None:
        """Request a build of the branch, or re-run the failed jobs of the app's own workflow.

        Re-running all jobs would fail: `deploy-pages` also finds the artifact of the first run.
        Raises GitHubRefused, GitHubUnreachable.
        """
        if not self.by_workflow:
            self._rest("POST", f"{self._root}/pages/builds")
            return
        for run in _failed(self._runs(sha)):
            self._rest("POST", f"{self._root}/actions/runs/{run['id']}/rerun-failed-jobs")


def _failed(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [run for run in runs if run["conclusion"] not in {None, "success"}]


def deploying_workflows(site: Site) -> list[str]:
    """Return the workflow files by which the app deploys its Pages site itself."""
    return [
        path
        for path, content in site.items()
        if is_workflow(path) and DEPLOYMENT.encode() in content
    ]


def _is_too_early(answer: Answer) -> bool:
    """Return whether Pages does not see the branch, or even the repository, yet."""
    return answer.status == 404 or (
        answer.status == 422 and "must exist" in github_policy.message_of(answer)
    )
