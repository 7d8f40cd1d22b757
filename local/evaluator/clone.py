"""A delivered repository as anybody may clone it, by the git command."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.site import Site

CLONE_SECONDS = 60


@dataclass(frozen=True)
class Clone:
    """What a repository holds at one commit; `history` is every commit's message and patch."""

    head: str
    site: Site
    history: bytes


def clone(repo_url: str, commit: str, folder: Path) -> Clone:
    """Clone the branch `main` into `folder` without credentials and check `commit` out.

    Raises GitHubUnreachable, GitHubRefused (no such commit), UnsafePath.
    """
    address = repo_url.rstrip("/").removesuffix(".git") + ".git"
    _git(folder.parent, "clone", "--quiet", "--no-checkout", "--branch=main", "--", address, folder)
    # Bytes as they were committed, whatever .gitattributes the app brings.
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/attributes").write_text("* -text -filter -ident\n")
    head = _git(folder, "rev-parse", "origin/main").decode().strip()
    try:
        _git(folder, "checkout", "--quiet", "--detach", commit, "--")
    except GitHubUnreachable as error:
        raise GitHubRefused(f"{repo_url} has no commit {commit}", status=404) from error
    history = _git(folder, "log", "--patch", "--text", "--format=fuller", "--all")
    return Clone(head, Site.read(folder), history)


def _git(folder: Path, *arguments: str | Path) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the address stands after `--`
            ["git", "-c", "credential.helper=", *arguments],  # noqa: S607 - the git on PATH
            cwd=folder,
            env=_environ(),
            capture_output=True,
            timeout=CLONE_SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        text = " ".join(said.decode("utf-8", "replace").split())
        raise GitHubUnreachable(f"git {arguments[0]} failed: {text}") from error
    return done.stdout


def _environ() -> dict[str, str]:
    passed_on = ("PATH", "TMPDIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
    return {
        **{name: os.environ[name] for name in passed_on if name in os.environ},
        "LC_ALL": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "http:https",
    }
