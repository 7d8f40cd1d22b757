"""What was delivered, as anybody gets it, and what it must hold apart from its page."""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import httpx

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.request import Attachment, Request
from builder.site import Site
from local.evaluator.callbacks import Delivered
from local.evaluator.score import Row
from local.hub.bare import git

PROXIES = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
CLONE_SECONDS = 60
FETCH_SECONDS = 20.0
AT_ONCE = 8
FRONT_PAGE = ""
"""Stands for the site's own address among the served paths."""

SECTIONS = {
    "summary": r"summary|overview|about|what|description|introduction",
    "setup": r"set ?-?up|install|getting started|run",
    "usage": r"usage|use|using",
    "code explanation": r"code|how it works|explanation|structure|architecture",
    "licence": r"licen[cs]e",
}
"""What a readme explains, and the words that stand in the headings which do."""

TOKENS = {
    "a GitHub token": rb"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "an API key": rb"\bsk-[A-Za-z0-9_-]{20,}",
    "an AWS key": rb"\bAKIA[0-9A-Z]{16}\b",
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
"""Shapes of credentials, as their issuers document them."""


@dataclass(frozen=True)
class GradedDelivery:
    """A request with those of earlier rounds, its callback, the repository, and what is served."""

    rounds: tuple[Request, ...]
    callback: Delivered
    clone: "Clone"
    served: Mapping[str, bytes | str]
    """Path to bytes, or in words why there are none."""


@dataclass(frozen=True)
class Clone:
    """What a repository holds at one commit; `history` is every commit's message and patch."""

    head: str
    site: Site
    history: bytes


async def collect(
    http: httpx.AsyncClient, rounds: Sequence[Request], callback: Delivered
) -> GradedDelivery:
    """Clone the repository and fetch the site. Raises GitHubUnreachable, GitHubRefused."""
    with TemporaryDirectory(prefix="briefship-clone-") as folder:
        place = Path(folder) / "app"
        app = await asyncio.to_thread(clone, callback.repo_url, callback.commit_sha, place)
    wanted = {*app.site.served, FRONT_PAGE}
    wanted |= {attachment.name for asked in rounds for attachment in asked.attachments}
    served = await _fetch(http, callback.pages_url, sorted(wanted))
    return GradedDelivery(tuple(rounds), callback, app, served)


def clone(repo_url: str, commit: str, folder: Path) -> Clone:
    """Clone the branch `main` into `folder` without credentials and check `commit` out.

    Raises GitHubUnreachable, GitHubRefused (no such commit), UnsafePath.
    """
    address = repo_url.rstrip("/").removesuffix(".git") + ".git"
    _git(folder.parent, "clone", "--quiet", "--no-checkout", "--branch=main", "--", address, "app")
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


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        return git(*arguments, cwd=folder, env=_network(), timeout=CLONE_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        text = " ".join(said.decode("utf-8", "replace").split())
        raise GitHubUnreachable(f"git {arguments[0]} failed: {text}") from error


def _network() -> dict[str, str]:
    proxies = {name: os.environ[name] for name in PROXIES if name in os.environ}
    return {"GIT_ALLOW_PROTOCOL": "http:https", **proxies}


async def _fetch(
    http: httpx.AsyncClient, pages_url: str, paths: Sequence[str]
) -> dict[str, bytes | str]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(path: str) -> bytes | str:
        async with slots:
            return await _get(http, f"{pages_url.rstrip('/')}/{quote(path)}")

    return dict(zip(paths, await asyncio.gather(*map(one, paths)), strict=True))


async def _get(http: httpx.AsyncClient, url: str) -> bytes | str:
    try:
        answer = await http.get(url, follow_redirects=True, timeout=FETCH_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no answer ({type(error).__name__})"
    return answer.content if answer.status_code == 200 else f"answers {answer.status_code}"


def rows(delivery: GradedDelivery, secrets: Mapping[str, str]) -> Iterator[Row]:
    """Check everything but the page; `secrets` are values by name that may stand nowhere."""
    yield _head(delivery)
    yield _licence(delivery)
    yield _readme(delivery)
    yield from _attachments(delivery)
    yield _pages(delivery)
    yield _secrets(delivery, secrets)


def _head(delivery: GradedDelivery) -> Row:
    head, reported = delivery.clone.head, delivery.callback.commit_sha
    return Row.of("The commit reported is the head of main", head == reported, f"head is {head}")


def _licence(delivery: GradedDelivery) -> Row:
    text = delivery.clone.site.get("LICENSE", b"").decode("utf-8", "replace")
    wanted = ("MIT", "is hereby granted")
    missing = [words for words in wanted if words not in text]
    seen = f"without {' and '.join(missing)}" if text else "no file LICENSE"
    return Row.of("LICENSE is the MIT licence", not missing, seen if missing else "whole")


def _readme(delivery: GradedDelivery) -> Row:
    text = delivery.clone.site.get("README.md", b"").decode("utf-8", "replace")
    headings = re.findall(r"^#{1,6}[ \t]+(.+)$", text, re.MULTILINE)
    missing = [topic for topic, words in SECTIONS.items() if not _is_headed(headings, words)]
    seen = f"no heading for: {', '.join(missing)}" if text else "no file README.md"
    return Row.of("README.md has its sections", not missing, seen if missing else "all five")


def _is_headed(headings: list[str], words: str) -> bool:
    return any(re.search(rf"\b(?:{words})", heading, re.IGNORECASE) for heading in headings)


def _attachments(delivery: GradedDelivery) -> Iterator[Row]:
    """Compare the attachments of all rounds; of one name the newest counts."""
    newest = {
        attachment.name: (asked.round, attachment)
        for asked in delivery.rounds
        for attachment in asked.attachments
    }
    for number, attachment in newest.values():
        row = _attachment(delivery, attachment)
        is_earlier = number != delivery.rounds[-1].round
        yield replace(row, check=f"round {number}: {row.check}") if is_earlier else row


def _attachment(delivery: GradedDelivery, attachment: Attachment) -> Row:
    name, content = attachment.name, attachment.decode()
    places = {"in the commit": delivery.clone.site.get(name), "on Pages": delivery.served.get(name)}
    wrong = [place for place, found in places.items() if found != content]
    seen = f"other bytes, or none, {' and '.join(wrong)}"
    return Row.of(
        f"{name} arrives byte for byte", not wrong, seen if wrong else f"{len(content)} bytes"
    )


def _pages(delivery: GradedDelivery) -> Row:
    site = delivery.clone.site
    wanted = {path: site[path] for path in site.served}
    if "index.html" in wanted:
        wanted[FRONT_PAGE] = wanted["index.html"]
    wrong = [path for path, content in wanted.items() if delivery.served.get(path) != content]
    seen = ", ".join(f"{path or 'the front page'}: {_seen(delivery, path)}" for path in wrong)
    ok = bool(wanted) and not wrong
    return Row.of("Pages serves every file of the commit", ok, seen or f"{len(wanted)} addresses")


def _seen(delivery: GradedDelivery, path: str) -> str:
    found = delivery.served.get(path, "not fetched")
    return found if isinstance(found, str) else "other bytes"


def _secrets(delivery: GradedDelivery, secrets: Mapping[str, str]) -> Row:
    # What the sender put into the brief or an attachment is delivered as it was asked for.
    given = b"\n".join(map(_given, delivery.rounds))
    known = {name: _whole(value) for name, value in secrets.items() if value}
    found = [
        name
        for name, pattern in {**TOKENS, **known}.items()
        if any(match not in given for match in re.findall(pattern, delivery.clone.history))
    ]
    return Row.of("No secret in the repository", not found, ", ".join(found) or "none in history")


def _whole(value: str) -> bytes:
    return rb"(?<![\w-])" + re.escape(value.encode()) + rb"(?![\w-])"


def _given(request: Request) -> bytes:
    checks = "\n".join(check.source for check in request.checks)
    attached = b"\n".join(attachment.decode() for attachment in request.attachments)
    return f"{request.task}\n{request.brief}\n{checks}\n".encode() + attached
