"""The steps of a scenario that do something, with trusted input."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Locator

from builder.verify.browser_worker.app_page import AppPage
from builder.verify.browser_worker.scenario_locators import usable
from builder.verify.scenarios.scenario import Action, Step

OFF = {"", "false", "off", "no", "0"}
"""Values that leave a box unticked."""


async def act(app: AppPage, step: Step) -> None:
    """Do the step. Raises Unmet, PlaywrightError."""
    if step.do in ON_PAGE:
        await ON_PAGE[step.do](app, step)
    elif step.do is Action.PRESS and step.target is None:
        await app.page.keyboard.press(step.value or "")
    else:
        element = await usable(app.page, step.target, app.seconds)
        await ON_ELEMENT[step.do](app, step, element)


async def _goto(app: AppPage, step: Step) -> None:
    await app.page.goto(app.url(step.value or ""))


async def _reload(app: AppPage, _: Step) -> None:
    await app.page.reload()


async def _resize(app: AppPage, step: Step) -> None:
    await app.page.set_viewport_size({"width": step.width or 0, "height": step.height})


async def _answer_dialog(app: AppPage, step: Step) -> None:
    app.dialog_answers.append(step)


async def _fill(_: AppPage, step: Step, element: Locator) -> None:
    """Fill a field as a person does: choose in a select, tick a box, type elsewhere."""
    kind = await element.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
    if kind == "select":
        await _choose(element, step.value or "")
    elif kind in {"checkbox", "radio"}:
        await element.set_checked((step.value or "").lower() not in OFF)
    else:
        await element.fill(step.value or "")


async def _select(_: AppPage, step: Step, element: Locator) -> None:
    await _choose(element, step.value or "")


async def _choose(element: Locator, value: str) -> None:
    """Choose by value, else by the label that people read."""
    values = await element.locator("option").evaluate_all("all => all.map(e => e.value)")
    if value in values:
        await element.select_option(value=value)
    else:
        await element.select_option(label=value)


async def _click(_: AppPage, __: Step, element: Locator) -> None:
    await element.click()


async def _dblclick(_: AppPage, __: Step, element: Locator) -> None:
    await element.dblclick()


async def _hover(_: AppPage, __: Step, element: Locator) -> None:
    await element.hover()


async def _press(_: AppPage, step: Step, element: Locator) -> None:
    await element.press(step.value or "")


async def _check(_: AppPage, step: Step, element: Locator) -> None:
    await element.set_checked(step.checked)


async def _drag(app: AppPage, step: Step, element: Locator) -> None:
    await element.drag_to(await usable(app.page, step.to, app.seconds))


async def _upload(app: AppPage, step: Step, element: Locator) -> None:
    await element.set_input_files(app.file(step.file or ""))


async def _wait_for(_: AppPage, __: Step, ___: Locator) -> None:
    """The element is there: `act` has waited for it."""


ON_PAGE: dict[Action, Callable[[AppPage, Step], Awaitable[None]]] = {
    Action.GOTO: _goto,
    Action.RELOAD: _reload,
    Action.RESIZE: _resize,
    Action.ANSWER_DIALOG: _answer_dialog,
}
ON_ELEMENT: dict[Action, Callable[[AppPage, Step, Locator], Awaitable[None]]] = {
    Action.FILL: _fill,
    Action.CLICK: _click,
    Action.DBLCLICK: _dblclick,
    Action.HOVER: _hover,
    Action.PRESS: _press,
    Action.SELECT: _select,
    Action.CHECK: _check,
    Action.DRAG: _drag,
    Action.UPLOAD: _upload,
    Action.WAIT_FOR: _wait_for,
}
