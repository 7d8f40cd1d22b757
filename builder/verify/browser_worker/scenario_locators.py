"""From a scenario's target to an element of the page."""

import asyncio
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page

from builder.verify.scenarios.scenario import Target

POLL_SECONDS = 0.05
HTML_CHARACTERS = 1_500


def locate(page: Page, target: Target | None) -> Locator:
    """Return all elements that the target means, in the order of the page."""
    if target is None:
        return page.locator("body")
    scope: Any = page.locator(target.within) if target.within else page
    found = _matches(scope, target)
    return found if target.nth is None else found.nth(target.nth)


def _matches(scope: Any, target: Target) -> Locator:
    found: Locator
    if target.role is not None:
        found = (
            scope.get_by_role(target.role, name=target.name)
            if target.name
            else (scope.get_by_role(target.role))
        )
    elif target.label is not None:
        found = scope.get_by_label(target.label)
    elif target.placeholder is not None:
        found = scope.get_by_placeholder(target.placeholder)
    elif target.text is not None:
        found = scope.get_by_text(target.text)
    elif target.test_id is not None:
        found = scope.get_by_test_id(target.test_id)
    else:
        found = scope.locator(target.css)
    return found


async def usable(page: Page, target: Target | None, seconds: float) -> Locator:
    """Return the first match that is visible, the exact name before longer ones.

    A file input may be hidden behind its label: after the wait the first match is taken.
    Raises PlaywrightError.
    """
    found = locate(page, target)
    ends_at = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends_at:
        visible = [each for each in await found.all() if await each.is_visible()]
        if visible:
            return await _closest(visible, target)
        if await found.count() and await found.first.evaluate("e => e.type === 'file'"):
            return found.first
        await asyncio.sleep(POLL_SECONDS)
    if await found.count():
        raise PlaywrightError(f"{target}: {await found.count()} in the page, none visible")
    raise PlaywrightError(f"{target}: no such element")


async def _closest(visible: list[Locator], target: Target | None) -> Locator:
    """Prefer an element whose whole text is the name asked for: "Add" before "Add list"."""
    name = (target.name or target.text) if target else None
    if name is None or len(visible) == 1:
        return visible[0]
    texts = [(await each.inner_text()).strip().casefold() for each in visible]
    exact = [each for each, text in zip(visible, texts, strict=True) if text == name.casefold()]
    return (exact or visible)[0]


AROUND = """
(element, most) => {
  const copy = (element === document.body ? element : element.parentElement).cloneNode(true);
  copy.querySelectorAll("script, style, svg > *").forEach(each => each.remove());
  return copy.outerHTML.replace(/\\s+/g, " ").slice(0, most);
}
"""


async def around(page: Page, target: Target | None) -> str:
    """Return the HTML of the element's parent, or of the body where there is no such element."""
    found = locate(page, target)
    element = found.first if target and await found.count() else page.locator("body")
    return str(await element.evaluate(AROUND, HTML_CHARACTERS))
