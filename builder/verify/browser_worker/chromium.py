"""Starts Chromium: the first of several programs that opens an empty page."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Browser, Playwright
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.recorder import Record
from builder.verify.worker_protocol import Kind, Launch

CLOSE_SECONDS = 2.0

FENCE = (
    # Loopback goes through the proxy as well, which blocks it.
    "--proxy-bypass-list=<-loopback>",
    # Only the proxy has an address: no name is resolved without it.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    # No UDP without the proxy; older versions know the second name.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    # A page that eats memory ends before the runner does (in megabytes).
    "--js-flags=--max-old-space-size=512",
)

# Playwright's default, but a page that opens windows is up to no good.
UNWANTED = ["--disable-popup-blocking"]


@asynccontextmanager
async def started(
    playwright: Playwright, wanted: Launch, proxy: str, record: Record
) -> AsyncIterator[Browser | None]:
    """Run the first wanted browser that starts, its network behind `proxy`; None if none does."""

    def failed(program: str, reason: str) -> None:
        record(Kind.NOT_STARTED, subject=program, seen=reason)

    arguments = [*wanted.flags, *FENCE, f"--proxy-server={proxy}"]
    found = await launch(playwright, wanted.programs, arguments, failed, wanted.launch_seconds)
    if found is None:
        record(Kind.NO_BROWSER)
        yield None
        return
    program, browser = found
    record(Kind.STARTED, seen=f"{program} {browser.version}")
    try:
        yield browser
    finally:
        await _close(browser)


async def launch(
    playwright: Playwright,
    programs: Mapping[str, str],
    arguments: Sequence[str],
    failed: Callable[[str, str], None],
    seconds: float,
    environ: Mapping[str, str] | None = None,
) -> tuple[str, Browser] | None:
    """Return the name of the first of `programs` (paths by name) that starts, and the browser.

    `failed` is called with name and reason of each that does not within `seconds`. Its sandbox
    is on unless we are root, for whom Chromium has none.
    """
    for name, path in programs.items():
        try:
            browser = await playwright.chromium.launch(
                executable_path=path or None,
                args=arguments,
                ignore_default_args=UNWANTED,
                chromium_sandbox=os.geteuid() != 0,
                timeout=seconds * 1000,
                env=dict(environ) if environ else None,
            )
        except PlaywrightError as error:
            failed(name, reason(error.message))
            continue
        if await _shows_a_page(browser, seconds):
            return name, browser
        await _close(browser)
        failed(name, "it starts and opens no page")
    return None


async def _shows_a_page(browser: Browser, seconds: float) -> bool:
    """Open an empty page: this fails if the sandbox fails only for renderers."""
    try:
        async with asyncio.timeout(seconds):
            page = await browser.new_page()
            await page.context.close()
    except (PlaywrightError, TimeoutError):
        return False
    return True


async def _close(browser: Browser) -> None:
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await browser.close()


def reason(message: str) -> str:
    """Return the relevant part of Playwright's message about a browser that did not start.

    That is what the program printed (its fatal line if there is one), or how it ended; the message
    also has the long command line and a log.
    """
    lines = message.splitlines()
    printed = [line.partition("[err] ")[2] for line in lines if "[err] " in line]
    fatal = [line for line in printed if ":FATAL:" in line or "No usable sandbox" in line]
    ended = [line.partition("<process did exit: ")[2].rstrip(">") for line in lines]
    first = lines[0].removeprefix("BrowserType.launch: ") if lines else ""
    return next(filter(None, [*fatal, "; ".join(dict.fromkeys(printed)), *ended, first]), "unknown")
