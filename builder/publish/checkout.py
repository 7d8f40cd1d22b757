"""A clone of the app repository on disk, by the git command."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from builder.errors import GitHubUnreachable, PushOvertaken
from builder.ports import Clock
from builder.publish.git_environ import git_environ
from builder.publish.git_failures import explain
from builder.publish.github_policy import retrying
from builder.publish.naming import BRANCH, TRAILER
from builder.rounds import Base, Round
from builder.site import MARK, Site

ABSENT = re.compile(r"not found|HTTP 404|error: 404", re.IGNORECASE)
"""How git says that there is no such repository."""
COMMAND_SECONDS = 120.0
"""Timeout of one command: enough for a site of 100 MB on a slow line."""
PUSHED = f"refs/remotes/origin/{BRANCH}"
DEFAULT = "refs/remotes/origin/HEAD"
"""Used instead of `PUSHED` if somebody has renamed the branch."""
UNTOUCHED = "* -text -filter -ident -working-tree-encoding\n"
"""Attributes that leave all bytes unchanged, whatever .gitattributes the app has."""

ABOUT_MARK = "briefship made this repository, and writes to it only while this folder is here.\n"
FIRST_MESSAGE = "Begin\n"

T = TypeVar("T")
Completed = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Git:
    """Runs git against one server; the token is only in the environment of the git process."""

    server_url: str
    clock: Clock
    token: str | None = field(default=None, repr=False)
    remaining: Callable[[], float] = lambda: 120.0
    """Seconds left for commands and their retries."""
    stall_seconds: float = 30.0
    """Longest silence of the server."""

    def clone(self, full_name: str, folder: Path, *, exists: bool = False) -> "GitCheckout | None":
        """Clone into `folder`, which is replaced; return None when there is no such repository.

        With `exists`, the API knows it and git may see it moments later: a missing one is retried.
        Raises GitHubUnreachable, GitHubRefused.
        """

        def attempt() -> Completed:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            url = f"{self.server_url}/{full_name}.git"
            cloned = self.run(["clone", "--quiet", "--no-tags", "--no-checkout", url, "."], folder)
            if cloned.returncode and not self._is_absent(cloned.stderr):
                raise explain("clone", cloned.stderr)
            if cloned.returncode and exists:
                raise GitHubUnreachable(f"git finds no repository {full_name}, though the API does")
            return cloned

        if self.persist(attempt).returncode:
            return None
        attributes = folder / ".git" / "info" / "attributes"
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text(UNTOUCHED)
        checkout = GitCheckout(folder, self)
        checkout.take_pushed()
        return checkout

    def _is_absent(self, said: str) -> bool:
        # Without a token GitHub asks who it is instead.
        is_hidden = self.token is None and "could not read Username" in said
        return is_hidden or ABSENT.search(said) is not None

    def persist(self, attempt: Callable[[], T]) -> T:
        """Retry temporary failures while the time allows."""
        return retrying(self.clock, self.remaining)(attempt)

    def run(self, arguments: Sequence[str], cwd: Path, text: str = "") -> Completed:
        """Run `git arguments` with `text` as its input. Raises GitHubUnreachable on a time-out."""
        seconds = min(COMMAND_SECONDS, max(1.0, self.remaining()))
        with subprocess.Popen(  # noqa: S603 - no shell; arguments are ours
            ["git", *arguments],  # noqa: S607 - the git on PATH
            cwd=cwd,
            env=git_environ(os.environ, self.server_url, self.token, self.stall_seconds),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                out, said = process.communicate(text, timeout=seconds)
            except BaseException as error:
                # Also kill the helper that talks to the server: it would keep our pipes open.
                os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    message = f"git {arguments[0]} took longer than {seconds:.0f} s"
                    raise GitHubUnreachable(message) from None
                raise
        return Completed(["git", *arguments], process.returncode, out, said)


@dataclass(frozen=True)
class GitCheckout:
    """A cloned repository; `folder` is its working tree on the branch `main`."""

    folder: Path
    git: Git

    @property
    def head(self) -> str | None:
        """The SHA of the newest commit; None in an empty repository."""
        shown = self._git("rev-parse", "--verify", "--quiet", "HEAD", fails=True)
        return shown.stdout.strip() or None

    @property
    def has_mark(self) -> bool:
        """Whether `.builder/` marks the repository as ours."""
        return (self.folder / MARK).is_dir()

    def base(self) -> Base:
        """Return the files and rounds of the newest commit."""
        return Base.read(self.folder)

    def site_at(self, sha: str) -> Site:
        """Return the files of an earlier commit; none if it is not in this history."""
        with TemporaryDirectory(prefix="briefship-") as folder:
            added = self._git("worktree", "add", "--quiet", "--detach", folder, sha, fails=True)
            files = Site({}) if added.returncode else Site.read(Path(folder))
            self._git("worktree", "remove", "--force", folder, fails=True)
        return files

    def commit_of(self, build_id: str) -> str | None:
        """Return the SHA of the newest commit with that `Build-Id`."""
        return next((sha for sha, ids in self._log() if build_id in ids), None)

    def commit_before(self, build_id: str) -> str | None:
        """Return the SHA of the commit on which the first one with that `Build-Id` was made."""
        pairs = pairwise(self._log())
        before = [sha for (_, ids), (sha, _) in pairs if build_id in ids]
        return before[-1] if before else None

    def _log(self) -> list[tuple[str, list[str]]]:
        """Return each commit with its build ids, the newest first."""
        if self.head is None:
            return []
        trailers = f"%(trailers:key={TRAILER},valueonly,unfold,separator=%x20)"
        shown = self._git("log", f"--format=%H {trailers}")
        return [(sha, ids) for sha, *ids in map(str.split, shown.stdout.splitlines())]

    def commit(self, site: Site, built: Round, message: str) -> str:
        """Replace the files by `site`, record the round, and commit; return the SHA.

        A commit that was not pushed is replaced. Records of later rounds are deleted: a round that
        is sent again replaces what was built on it.
        """
        self.take_pushed()
        kept = [past for past in self.base().rounds if past.round < built.round]
        notes = {noted.path: noted.to_json() for noted in (*kept, built)}
        return self._commit(site, notes, message)

    def start(self, site: Site) -> str:
        """Push a first commit that marks the repository as ours; return the SHA of the newest."""
        try:
            self._commit(site, {f"{MARK}/README.md": ABOUT_MARK}, FIRST_MESSAGE)
            self.push()
        except PushOvertaken:
            self.catch_up()
        return self.head or ""

    def _commit(self, site: Site, notes: Mapping[str, str], message: str) -> str:
        self._git("read-tree", "--empty")
        self._git("clean", "--quiet", "-ffdx")
        site.write(self.folder)
        for name, text in notes.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self._git("add", "--all", "--force")
        options = ("--quiet", "--allow-empty", "--cleanup=verbatim", "--file=-")
        self._git("commit", *options, text=message)
        return self.head or ""

    def push(self) -> None:
        """Push the branch.

        Raises PushOvertaken when another push came first, GitHubUnreachable, PushFailed.
        """
        branch = f"HEAD:refs/heads/{BRANCH}"
        # A push whose answer was lost may have arrived: the next one then has nothing to do.
        self.git.persist(lambda: self._git("push", "--quiet", "origin", branch))

    def catch_up(self) -> None:
        """Drop what was not pushed and check out the newest commit of the branch."""
        fetch = ("fetch", "--quiet", "--no-tags", "origin", f"+refs/heads/{BRANCH}:{PUSHED}")
        self.git.persist(lambda: self._git(*fetch))
        self.take_pushed()

    def take_pushed(self) -> None:
        """Check out the newest commit that was fetched, without symbolic links.

        A link may lead out of the clone, and Pages serves none.
        """
        self._git("symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
        known = self._git("for-each-ref", "--format=%(refname)", PUSHED, DEFAULT).stdout.split()
        if known:
            self._git("reset", "--quiet", "--hard", PUSHED if PUSHED in known else DEFAULT)
        else:
            self._git("update-ref", "-d", "HEAD", fails=True)
            self._git("read-tree", "--empty")
        self._git("clean", "--quiet", "-ffdx")
        for link in [path for path in self.folder.rglob("*") if path.is_symlink()]:
            link.unlink()

    def _git(self, *arguments: str, text: str = "", fails: bool = False) -> Completed:
        done = self.git.run(arguments, self.folder, text)
        if done.returncode and not fails:
            raise explain(arguments[0], done.stderr or done.stdout)
        return done
