"""A clone of the app repository on disk, by the git command."""

import io
import os
import re
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from builder.errors import GitHubUnreachable, PushOvertaken, WorkflowsRefused
from builder.ports import Clock
from builder.publish.git_environ import AUTHOR, git_environ
from builder.publish.git_failures import explain
from builder.publish.github_policy import retrying
from builder.publish.naming import BRANCH, TRAILER
from builder.rounds import Base, Round
from builder.site import MARK, Files, Site

ABSENT = re.compile(r"not found|HTTP 404|error: 404", re.IGNORECASE)
"""How git says that there is no such repository."""
COMMAND_SECONDS = 120.0
"""Timeout of one command: enough for a site of 100 MB on a slow line."""
MAIN = f"refs/heads/{BRANCH}"
PROBE_BRANCH = "briefship-probe"
"""There for a moment, if at all."""
UNTOUCHED = "* -text -filter -ident -working-tree-encoding -export-ignore -export-subst\n"
"""Attributes that leave all bytes unchanged, whatever .gitattributes the app has."""

ABOUT_MARK = "briefship made this repository, and writes to it only while this folder is here.\n"
FIRST_MESSAGE = "Begin\n"

T = TypeVar("T")


@dataclass(frozen=True)
class Ended:
    """A git command that has ended: its exit code, its output, and what it said of it."""

    code: int
    output: bytes
    said: str


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

        def attempt() -> Ended:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            url = f"{self.server_url}/{full_name}.git"
            cloned = self.run(["clone", "--quiet", "--bare", "--no-tags", url, "."], folder)
            if cloned.code and not self._is_absent(cloned.said):
                raise explain("clone", cloned.said)
            if cloned.code and exists:
                raise GitHubUnreachable(f"git finds no repository {full_name}, though the API does")
            return cloned

        if self.persist(attempt).code:
            return None
        attributes = folder / "info" / "attributes"
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

    def run(self, arguments: Sequence[str], cwd: Path, given: bytes = b"") -> Ended:
        """Run `git arguments` with `given` as its input. Raises GitHubUnreachable on a time-out."""
        seconds = min(COMMAND_SECONDS, max(1.0, self.remaining()))
        with subprocess.Popen(  # noqa: S603 - no shell; arguments are ours
            ["git", *arguments],  # noqa: S607 - the git on PATH
            cwd=cwd,
            env=git_environ(os.environ, self.server_url, self.token, self.stall_seconds),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                output, said = process.communicate(given, timeout=seconds)
            except BaseException as error:
                # Also kill the helper that talks to the server: it would keep our pipes open.
                os.killpg(process.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    message = f"git {arguments[0]} took longer than {seconds:.0f} s"
                    raise GitHubUnreachable(message) from None
                raise
        return Ended(process.returncode, output, said.decode("utf-8", "replace"))


@dataclass
class GitCheckout:
    """A clone without a working tree: files are read from commits and written into them."""

    folder: Path
    git: Git
    head: str | None = None
    """The SHA of the newest commit; None in an empty repository."""
    _pushed: str | None = None
    """The newest commit that the server is known to have."""
    _files: Files | None = None
    _history: list[tuple[str, list[str]]] | None = None
    """Files and history of `head`, once they are read."""
    _executable: set[str] = field(default_factory=set)
    """Files that somebody has made executable: they stay so."""

    @property
    def has_mark(self) -> bool:
        """Whether `.builder/` marks the repository as ours."""
        return any(path.startswith(f"{MARK}/") for path in self._files_of_head())

    def base(self) -> Base:
        """Return the files and rounds of the newest commit."""
        return Base.of(self._files_of_head())

    def _files_of_head(self) -> Files:
        if self._files is None:
            self._files = self._files_at(self.head) if self.head else {}
        return self._files

    def site_at(self, sha: str) -> Site:
        """Return the files of an earlier commit; none if it is not in this history."""
        return Base.of(self._files_at(sha, fails=True)).site

    def _files_at(self, sha: str, *, fails: bool = False) -> Files:
        """Return the files of a commit without symbolic links: Pages serves none."""
        # Of a commit the archive begins with a header of its own, which tarfile wants a file after.
        archived = self._git("archive", "--format=tar", f"{sha}^{{tree}}", fails=fails)
        if archived.code:
            return {}
        with tarfile.open(fileobj=io.BytesIO(archived.output)) as archive:
            members = [member for member in archive if member.isreg()]
            self._executable |= {member.name for member in members if member.mode & 0o100}
            found = ((member, archive.extractfile(member)) for member in members)
            return {member.name: file.read() for member, file in found if file}

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
        if self._history is None:
            trailers = f"%(trailers:key={TRAILER},valueonly,unfold,separator=%x20)"
            shown = self._git("log", f"--format=%H {trailers}", self.head).output
            # Not `splitlines`: a form feed in somebody's trailer would begin a line, with its SHA.
            lines = shown.decode("utf-8", "replace").strip().split("\n")
            self._history = [(sha, ids) for sha, *ids in map(str.split, lines)]
        return self._history

    def commit(self, site: Site, built: Round, message: str) -> str:
        """Replace the files by `site`, record the round, and commit; return the SHA.

        A commit that was not pushed is replaced. Records of later rounds are deleted: a round that
        is sent again replaces what was built on it.
        """
        if self.head != self._pushed:
            self._move(self._pushed)
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
        files = {**site, **{path: text.encode() for path, text in notes.items()}}
        stream = _import_stream(files, message, self._pushed, self._executable)
        options = ("--quiet", "--force", "--date-format=now")
        sha = self._git("fast-import", *options, given=stream).output.decode().strip()
        self._move(sha, files)
        return sha

    def push(self) -> None:
        """Push the branch.

        Raises PushOvertaken when another push came first, GitHubUnreachable, PushFailed.
        """
        # A push whose answer was lost may have arrived: the next one then has nothing to do.
        branch = f"{self.head}:{MAIN}"
        self.git.persist(lambda: self._git("push", "--quiet", "origin", branch))
        self._pushed = self.head

    def is_let_in(self, site: Site) -> bool:
        """Push `site` to a branch that is deleted at once; False if its workflows are refused.

        Raises as `push` does, and tries once.
        """
        branch = f"refs/heads/{PROBE_BRANCH}"
        probe = self._commit(site, {}, "Probe\n")
        self._move(self._pushed)
        try:
            self._git("push", "--quiet", "--force", "origin", f"{probe}:{branch}")
        except WorkflowsRefused:
            return False
        self._git("push", "--quiet", "--delete", "origin", branch, fails=True)
        return True

    def catch_up(self) -> None:
        """Drop what was not pushed and take the newest commit of the branch."""
        fetch = ("fetch", "--quiet", "--no-tags", "origin", f"+{MAIN}:{MAIN}")
        self.git.persist(lambda: self._git(*fetch))
        self.take_pushed()

    def take_pushed(self) -> None:
        """Go to the newest commit that was fetched: of `main`, or of a branch renamed from it."""
        shown = self._git("for-each-ref", "--format=%(objectname)%(HEAD) %(refname)", "refs/heads")
        found = [line.split(" ", 1) for line in shown.output.decode().splitlines()]
        main = [sha for sha, branch in found if branch == MAIN]
        default = [sha for sha, _ in found if sha.endswith("*")]
        self._pushed = next((sha.strip("*") for sha in main + default), None)
        self._move(self._pushed)

    def _move(self, head: str | None, files: Files | None = None) -> None:
        self.head, self._files, self._history = head, files, None

    def _git(self, *arguments: str, given: bytes = b"", fails: bool = False) -> Ended:
        done = self.git.run(arguments, self.folder, given)
        if done.code and not fails:
            raise explain(arguments[0], done.said)
        return done


def _import_stream(
    files: Files, message: str, parent: str | None, executable: Container[str]
) -> bytes:
    """Return what `git fast-import` makes a commit of these files from, whose SHA it prints."""
    who = f"{AUTHOR['NAME']} <{AUTHOR['EMAIL']}> now"
    begin = f"commit refs/briefship/next\nmark :1\ncommitter {who}\n"
    parts = [begin.encode(), *_data(message.encode())]
    parts += [f"from {parent}\n".encode()] if parent else []
    parts += [b"deleteall\n"]
    for path, content in files.items():
        quoted = path.replace("\\", "\\\\").replace('"', '\\"')
        mode = "100755" if path in executable else "100644"
        parts += [f'M {mode} inline "{quoted}"\n'.encode(), *_data(content)]
    return b"".join([*parts, b"get-mark :1\n"])


def _data(content: bytes) -> tuple[bytes, ...]:
    return b"data %d\n" % len(content), content, b"\n"
