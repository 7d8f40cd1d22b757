"""A Chromium that reaches the network through our proxy alone, and pages in it."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from playwright.async_api import (
    APIRequestContext,
    Page,
    Playwright,
    Route,
    ViewportSize,
    async_playwright,
)
from playwright.async_api import Error as PlaywrightError

from builder.verify.assignment import Assignment

NewPage = Callable[[], Awaitable[Page]]
"""Gives an empty page in a desk-sized window; no two of them share any storage."""

DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=844)

MIRROR_MILLISECONDS = 3_000
HTTPS = re.compile("^https://")
CLOSE_SECONDS = 2.0

FENCE = (
    # Loopback goes through the proxy as well, which does not let it out.
    "--proxy-bypass-list=<-loopback>",
    # Nothing but the proxy has an address: no name is looked up past it.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    # No UDP past the proxy; older versions know the second name.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    # A page that eats memory ends before the runner does (megabytes).
    "--js-flags=--max-old-space-size=512",
)

# What Playwright adds although a page that opens windows is up to no good.
UNWANTED = ["--disable-popup-blocking"]


@asynccontextmanager
async def opened(assignment: Assignment, proxy: str) -> AsyncIterator[NewPage]:
    """Run Chromium. Raises PlaywrightError."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=assignment.executable,
            args=[*assignment.flags, *FENCE, f"--proxy-server={proxy}"],
            ignore_default_args=UNWANTED,
            # Playwright's default is to switch the sandbox off; it does not work for root.
            chromium_sandbox=os.geteuid() != 0,
        )
        mirrored = await _mirrored(playwright, assignment.cdn_mirror)

        async def new_page() -> Page:
            context = await browser.new_context(viewport=DESK, accept_downloads=False)
            if mirrored:
                await context.route(HTTPS, mirrored)
            return await context.new_page()

        try:
            yield new_page
        finally:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await browser.close()


async def _mirrored(
    playwright: Playwright, mirror: str | None
) -> Callable[[Route], Awaitable[None]] | None:
    """Return what asks `mirror` first for what a page gets from other hosts."""
    if mirror is None:
        return None
    client = await playwright.request.new_context()

    async def answer(route: Route) -> None:
        if not await _answered(route, client, f"{mirror}/{route.request.url}"):
            await route.continue_()

    return answer


async def _answered(route: Route, client: APIRequestContext, url: str) -> bool:
    if route.request.method != "GET":
        return False
    try:
        found = await client.get(url, timeout=MIRROR_MILLISECONDS)
        if found.status != 200:
            return False
        content_type = found.headers.get("content-type", "application/octet-stream")
        headers = {"content-type": content_type, "access-control-allow-origin": "*"}
        await route.fulfill(status=200, headers=headers, body=await found.body())
    except PlaywrightError:
        return False
    return True
