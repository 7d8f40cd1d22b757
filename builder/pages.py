"""GitHub Pages: switched on by the API, watched on the live site."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import httpx

from builder import github_policy
from builder.backoff import poll, within
from builder.errors import PagesNotLive
from builder.naming import BRANCH
from builder.ports import Answer, Clock, Rest
from builder.site import Site

SOURCE = {"build_type": "legacy", "source": {"branch": BRANCH, "path": "/"}}
REQUEST_SECONDS = 20.0


def enable(rest: Rest, full_name: str) -> str:
    """Publish the branch `main` by Pages, unless it is so already; return the site's URL.

    Raises GitHubRefused, GitHubUnreachable.
    """
    path = f"/repos/{full_name}/pages"
    found = rest("GET", path, accept={404})
    if found.status == 404:
        found = rest("POST", path, SOURCE, accept={409, 422}, again=_is_too_early)
        if found.status == 409:
            found = rest("GET", path)
        elif found.status == 422:
            raise github_policy.refusal(f"POST {path}", found)
    if not _is_wanted(found):
        rest("PUT", path, SOURCE)
    url = found.body.get("html_url") or rest("GET", path).body["html_url"]
    return str(url).rstrip("/") + "/"


def _is_wanted(found: Answer) -> bool:
    source = found.body.get("source") or {}
    return found.body.get("build_type", "legacy") == "legacy" and source == SOURCE["source"]


def _is_too_early(answer: Answer) -> bool:
    """Just after a push Pages may not see the branch yet."""
    return answer.status == 422 and "must exist" in github_policy.message_of(answer)


def wait_until_live(
    http: httpx.Client,
    url: str,
    site: Site,
    *,
    clock: Clock,
    budget: float,
    progress: Callable[[str], None] = lambda _: None,
) -> float:
    """Wait until every served file answers with its bytes; return the seconds it took.

    `budget` is in seconds. Raises PagesNotLive, which names the first file that differs.
    """
    start = clock.now()
    waiting = list(site.served)
    seen = "nothing yet"

    def is_live() -> bool:
        nonlocal seen
        while waiting:
            differs = _difference(http, url, waiting[0], site[waiting[0]])
            if differs:
                if differs != seen:
                    progress(differs)
                seen = differs
                # The next look begins elsewhere, so that one slow file holds up none.
                waiting.append(waiting.pop(0))
                return False
            waiting.pop(0)
        return True

    if poll(is_live, delays=within(budget, _delays()), sleep=clock.sleep):
        return clock.since(start)
    raise PagesNotLive(
        f"{url} does not serve the pushed files after {clock.since(start):.0f} s: {seen}"
    )


def _difference(http: httpx.Client, url: str, path: str, expected: bytes) -> str | None:
    """Say in words how the served file differs; None when it does not."""
    address = url if path == "index.html" else url + quote(path)
    try:
        answer = http.get(address, headers={"Cache-Control": "no-cache"}, timeout=REQUEST_SECONDS)
    except httpx.HTTPError as error:
        return f"{path}: no answer ({type(error).__name__})"
    if answer.status_code != 200:
        return f"{path}: status {answer.status_code}"
    if answer.content != expected:
        return f"{path}: still other bytes"
    return None


def _delays() -> Iterator[float]:
    """Look often at first: a build takes half a minute, the local one a moment."""
    yield from (0.2, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0)
    while True:
        yield 3.0
