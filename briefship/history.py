"""`history`: a page of all runs, on the branch gh-pages of the workflow repository."""

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    FiniteFloat,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from briefship.context import Context, plain
from briefship.runs import json_object
from builder.errors import BriefshipError, GitHubRefused, PushOvertaken
from builder.ports import Clock
from builder.publish.checkout import Git
from builder.publish.deployment import wait_for_build
from builder.publish.git_failures import explain
from builder.publish.github_api import GitHubApi
from builder.publish.pages import Pages, Progress
from builder.rendering import render

BRANCH = "gh-pages"
LEDGER = "history.json"
KEPT = 500
"""Newest runs on the page."""
TRIES = 20
"""Each push that was overtaken means that another run has got its entry in."""
BUDGET = 240.0
"""Seconds for git, and for a build of Pages that is under way."""
PAGES_FIX = (
    "Publish the branch gh-pages in the repository's Settings > Pages (of a private repository "
    "that needs a paid plan, and the page is public all the same)."
)
LONGEST = 200
"""Characters of a task's name that are shown."""
Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\"'<>]+$", max_length=2_000)]
Sha = Annotated[str, StringConstraints(pattern="^[0-9a-f]+$", max_length=64)]
Task = Annotated[
    str, AfterValidator(lambda text: text[:LONGEST].encode("utf-8", "replace").decode())
]


class HistoryUnusable(BriefshipError):
    """The branch holds something else."""

    fix = f"Delete the branch {BRANCH}, or unset the variable HISTORY."


class Entry(BaseModel):
    """What the page shows of a build: of the report, these fields and no others."""

    build_id: str
    task: Task
    round: Annotated[int, Field(ge=0, lt=10**9)]
    verdict: str = "failing"
    ended: datetime
    stages: dict[str, FiniteFloat] = {}
    repo_url: Link | None = None
    pages_url: Link | None = None
    commit_sha: Sha | None = None
    run_url: Link | None = None


Ledger = TypeAdapter(list[Entry])


def history(options: Namespace, context: Context) -> int:
    """Add the run of a report to the page; a build that is on it already is replaced."""
    entry = entry_of(_reported(options.report, context), datetime.now(UTC))
    if entry is None:
        context.say("nothing is known of a task: no entry")
        return 0
    settings = context.settings
    clock = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)
    remaining = clock.deadline(BUDGET).remaining
    token = settings.gh_token or settings.github_token
    git = Git(settings.github_server_url, clock, token, remaining)
    with TemporaryDirectory(prefix="briefship-") as folder:
        url = f"{settings.github_server_url}/{settings.repository}.git"
        sha = HistoryBranch(git, url, Path(folder)).add(entry)
    # A runner obeys a line that begins with a command, and names are anybody's.
    context.say(f"on the page: {plain(entry.task)} round {entry.round}, commit {sha[:12]}")
    api = GitHubApi(token, settings.github_api_url, clock=clock, remaining=remaining)
    pages = Pages(api, settings.repository)
    wait_for_build(pages, sha, clock, context.say)
    context.say(_published(pages, sha))
    return 0


def _reported(file: Path, context: Context) -> dict[str, Any]:
    """Return the report, or the event's task if the run broke off before it wrote one."""
    for path in (file, Path(context.environ.get("GITHUB_EVENT_PATH", ""))):
        report = json_object(path.read_bytes()) if path.is_file() else {}
        report = report.get("client_payload") or report
        if "task" in report:
            return {"run_url": context.settings.run_url, "build_id": report.get("id"), **report}
    return {}


def entry_of(report: Mapping[str, Any], ended: datetime) -> Entry | None:
    """Return the entry of a run; None where it is not known what the run was about."""
    known = {name: value for name, value in report.items() if value is not None}
    try:
        stages = {step["name"]: step["seconds"] for step in known.get("steps", ())}
        return Entry.model_validate({**known, "stages": stages, "ended": ended})
    except (ValidationError, TypeError, KeyError):
        return None


def added(entries: Sequence[Entry], entry: Entry) -> list[Entry]:
    """Return the entries with `entry`, the newest one first, each build once."""
    others = [one for one in entries if one.build_id != entry.build_id]
    return sorted([entry, *others], key=lambda one: one.ended, reverse=True)[:KEPT]


@dataclass(frozen=True)
class HistoryBranch:
    """The branch, in a clone of its own."""

    git: Git
    url: str
    folder: Path

    def add(self, entry: Entry) -> str:
        """Push the page with `entry`; return the commit. Raises HistoryUnusable, GitHubError."""
        self._git("init", "--quiet")
        for _ in range(TRIES):
            self._write(added(self._taken(), entry))
            self._git("add", "--all")
            self._git("commit", "--quiet", "--allow-empty", "--message=Add a run")
            try:
                self._git("push", "--quiet", self.url, f"HEAD:refs/heads/{BRANCH}")
            except PushOvertaken:
                continue
            return self._git("rev-parse", "HEAD").strip()
        raise PushOvertaken(f"the branch {BRANCH} was pushed to {TRIES} times meanwhile")

    def _taken(self) -> list[Entry]:
        """Check out the branch as it is now, if it is there; return its entries."""
        if not self._git("ls-remote", self.url, f"refs/heads/{BRANCH}"):
            return []
        self._git("fetch", "--quiet", "--depth=1", self.url, f"refs/heads/{BRANCH}")
        self._git("reset", "--quiet", "--hard", "FETCH_HEAD")
        for link in [path for path in self.folder.iterdir() if path.is_symlink()]:
            # It would be read and written through.
            link.unlink()
        try:
            return Ledger.validate_json((self.folder / LEDGER).read_bytes())
        except (OSError, ValidationError) as error:
            reason = f"the branch {BRANCH} has no {LEDGER} that can be read"
            raise HistoryUnusable(f"{reason}: it is somebody else's") from error

    def _write(self, entries: list[Entry]) -> None:
        page = {
            LEDGER: Ledger.dump_json(entries, indent=1).decode(),
            "index.html": render("history.html.j2", entries=entries),
            ".nojekyll": "",
        }
        for name, text in page.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def _git(self, *arguments: str) -> str:
        def attempt() -> str:
            done = self.git.run(arguments, self.folder)
            if done.code:
                error = explain(arguments[0], done.said)
                if isinstance(error, GitHubRefused):
                    error.fix = "Give the job `permissions: contents: write`."
                raise error
            return done.output.decode()

        return self.git.persist(attempt)


def _published(pages: Pages, sha: str) -> str:
    """Have Pages build the branch, which a push with a run's own token does not start."""
    if pages.build_of(sha).progress is Progress.BUILT:
        return "Pages has built it"
    try:
        pages.request_build(sha)
    except GitHubRefused as refused:
        return f"Pages did not build it: {refused}. {PAGES_FIX}"
    return "Pages builds it"
