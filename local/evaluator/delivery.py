"""What was delivered, as anybody can get it: a clone of the repository, and what Pages serves."""

import asyncio
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import httpx

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.request import Request
from builder.rounds import Base
from builder.site import Site, files_below
from local.evaluator.callbacks import Delivered
from local.hub.bare import git

PROXIES = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
CLONE_SECONDS = 60
FETCH_SECONDS = 20.0
AT_ONCE = 8
FRONT_PAGE = ""
"""Stands for the site's own address among the served paths."""


@dataclass(frozen=True)
class Clone:
    """The files of a commit; `history` has every commit's message and patch."""

    head: str
    base: Base
    history: bytes

    @property
    def site(self) -> Site:
        return self.base.site


@dataclass(frozen=True)
class GradedDelivery:
    """A request with those of earlier rounds, its callback, the repository, and what is served."""

    rounds: tuple[Request, ...]
    callback: Delivered
    clone: Clone
    served: Mapping[str, bytes | str]
    """Path to bytes, or to the reason why there are none."""


async def collect(rounds: Sequence[Request], callback: Delivered) -> GradedDelivery:
    """Clone the repository and fetch the site. Raises GitHubUnreachable, GitHubRefused."""
    with TemporaryDirectory(prefix="briefship-clone-") as folder:
        place = Path(folder) / "app"
        app = await asyncio.to_thread(clone, callback.repo_url, callback.commit_sha, place)
    wanted = {*app.site.served, FRONT_PAGE}
    wanted |= {attachment.name for asked in rounds for attachment in asked.attachments}
    served = await _fetch(callback.pages_url, sorted(wanted))
    return GradedDelivery(tuple(rounds), callback, app, served)


def clone(repo_url: str, commit: str, folder: Path) -> Clone:
    """Clone the branch `main` into `folder` without credentials and check `commit` out.

    Raises GitHubUnreachable, GitHubRefused (no such commit), UnsafePath.
    """
    address = repo_url.rstrip("/").removesuffix(".git") + ".git"
    _git(folder.parent, "clone", "--quiet", "--no-checkout", "--branch=main", "--", address, "app")
    # Bytes as they were committed, whatever .gitattributes the app has.
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/attributes").write_text("* -text -filter -ident\n")
    head = _git(folder, "rev-parse", "origin/main").decode().strip()
    try:
        _git(folder, "checkout", "--quiet", "--detach", commit, "--")
    except GitHubUnreachable as error:
        raise GitHubRefused(f"{repo_url} has no commit {commit}", status=404) from error
    history = _git(folder, "log", "--patch", "--text", "--format=fuller", "--all")
    return Clone(head, Base.of(files_below(folder)), history)


def _git(folder: Path, *arguments: str) -> bytes:
    proxies = {name: os.environ[name] for name in PROXIES if name in os.environ}
    network = {"GIT_ALLOW_PROTOCOL": "http:https", **proxies}
    try:
        return git(*arguments, cwd=folder, env=network, timeout=CLONE_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        text = " ".join(said.decode("utf-8", "replace").split())
        raise GitHubUnreachable(f"git {arguments[0]} failed: {text}") from error


async def _fetch(pages_url: str, paths: Sequence[str]) -> dict[str, bytes | str]:
    limits = httpx.Limits(max_connections=AT_ONCE)
    # Waiting for a connection of the pool is not part of the time that an answer has.
    timeout = httpx.Timeout(FETCH_SECONDS, pool=None)
    async with httpx.AsyncClient(follow_redirects=True, timeout=timeout, limits=limits) as http:
        urls = (f"{pages_url.rstrip('/')}/{quote(path)}" for path in paths)
        found = await asyncio.gather(*(_get(http, url) for url in urls))
    return dict(zip(paths, found, strict=True))


async def _get(http: httpx.AsyncClient, url: str) -> bytes | str:
    try:
        answer = await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no answer ({type(error).__name__})"
    return answer.content if answer.status_code == 200 else f"answers {answer.status_code}"
