"""What a Pages site serves, by httpx."""

import asyncio
from collections.abc import Iterable
from urllib.parse import quote

import httpx

AT_ONCE = 8
FETCH_SECONDS = 20.0


async def fetch(
    http: httpx.AsyncClient, pages_url: str, paths: Iterable[str]
) -> dict[str, bytes | str]:
    """Return for each path the bytes that are served, or in words why there are none.

    The path "" is the site's front page.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(path: str) -> bytes | str:
        async with gate:
            return await _get(http, f"{pages_url.rstrip('/')}/{quote(path)}")

    wanted = list(paths)
    return dict(zip(wanted, await asyncio.gather(*map(one, wanted)), strict=True))


async def _get(http: httpx.AsyncClient, url: str) -> bytes | str:
    try:
        answer = await http.get(url, follow_redirects=True, timeout=FETCH_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no answer ({type(error).__name__})"
    return answer.content if answer.status_code == 200 else f"answers {answer.status_code}"
