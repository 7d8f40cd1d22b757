"""The steps of a scenario that expect something of the page; each is tried until it holds."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from builder.verify.browser_worker.app_page import AppPage, Unmet
from builder.verify.browser_worker.scenario_locators import locate
from builder.verify.scenarios.scenario import Action, Step

POLL_SECONDS = 0.05
READ_MILLISECONDS = 500
SHOWN = 5
"""Texts that a failure shows."""


async def expect(app: AppPage, step: Step) -> None:
    """Wait until the step holds. Raises Unmet with what was there last, PlaywrightError."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + app.seconds
    while True:
        try:
            return await EXPECTATIONS[step.do](app, step)
        except (Unmet, PlaywrightError):
            if loop.time() >= ends_at:
                raise
        await asyncio.sleep(POLL_SECONDS)


def _require(step: Step, held: bool, expected: str, seen: object) -> None:
    if held is step.negate:
        raise Unmet(f"{'not ' if step.negate else ''}{expected}", str(seen))


async def _count(app: AppPage, step: Step) -> None:
    count = await locate(app.page, step.target).count()
    least = step.at_least if step.count is None else step.count
    most = step.at_most if step.count is None else step.count
    held = (least is None or count >= least) and (most is None or count <= most)
    wanted = f"at least {least}" if most is None else f"at most {most}"
    wanted = wanted if step.count is None else f"exactly {step.count}"
    _require(step, held, f"{wanted} of {step.target}", count)


async def _visible(app: AppPage, step: Step) -> None:
    found = await locate(app.page, step.target).all()
    shown = [each for each in found if await each.is_visible()]
    _require(step, bool(shown), f"{step.target} visible", f"{len(shown)} of {len(found)} are")


async def _script(app: AppPage, step: Step) -> None:
    value = await app.page.evaluate(step.value or "")
    _require(step, bool(value), f"{step.value} to be true", repr(value))


async def _download(app: AppPage, step: Step) -> None:
    held = any((step.value or "") in name for name in app.downloads)
    _require(step, held, f"a download {step.value or ''}", app.downloads or "none")


async def _attribute(app: AppPage, step: Step) -> None:
    async def read(element: Locator) -> str | None:
        return await element.get_attribute(step.attribute or "", timeout=READ_MILLISECONDS)

    values = await _read(app, step, read)
    held = bool(values) if step.value is None else _holds(step, values)
    _require(step, held, f"{step.attribute} {step.value or ''} of {step.target}", _shown(values))


async def _value(app: AppPage, step: Step) -> None:
    async def read(element: Locator) -> str:
        return await element.input_value(timeout=READ_MILLISECONDS)

    values = await _read(app, step, read)
    held = _flat(step.value or "") in values
    _require(step, held, f"the value {step.value!r} in {step.target}", _shown(values))


async def _text(app: AppPage, step: Step) -> None:
    async def read(element: Locator) -> str:
        return await element.inner_text(timeout=READ_MILLISECONDS)

    texts = await _read(app, step, read)
    where = step.target or "the page"
    _require(step, _holds(step, texts), f"the text {step.value!r} in {where}", _shown(texts))


async def _read(
    app: AppPage, step: Step, read: Callable[[Locator], Awaitable[str | None]]
) -> list[str]:
    """Return what `read` gives of each match, its white space flattened."""
    found = await locate(app.page, step.target).all()
    return [_flat(text) for each in found if (text := await read(each)) is not None]


def _holds(step: Step, texts: list[str]) -> bool:
    wanted = _flat(step.value or "")
    return wanted in texts if step.exact else any(wanted in text for text in texts)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _shown(texts: list[str]) -> str:
    cut = [text[:300] for text in texts[:SHOWN]]
    return f"{cut}" if cut else "no such element"


EXPECTATIONS: dict[Action, Callable[[AppPage, Step], Awaitable[None]]] = {
    Action.EXPECT_TEXT: _text,
    Action.EXPECT_COUNT: _count,
    Action.EXPECT_VALUE: _value,
    Action.EXPECT_ATTRIBUTE: _attribute,
    Action.EXPECT_VISIBLE: _visible,
    Action.EXPECT_DOWNLOAD: _download,
    Action.EXPECT_JS: _script,
}
