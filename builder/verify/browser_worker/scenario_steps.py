"""The steps of a scenario: actions with trusted input, and expectations."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Locator

from builder.verify.browser_worker.app_page import AppPage, poll
from builder.verify.scenarios.scenario import Step

READ_MILLISECONDS = 500
SHOWN = 5
"""Texts that a failure shows."""
OFF = {"", "false", "off", "no", "0"}
"""Values that leave a box unticked."""


async def take(app: AppPage, step: Step) -> None:
    """Take the step, unless it is about a file. Raises Unmet, PlaywrightError."""
    if step.do in EXPECTATIONS:
        await poll(lambda: EXPECTATIONS[step.do](app, step), app.seconds)
    elif step.do in ON_PAGE and not (step.do in ON_ELEMENT and step.target):
        await ON_PAGE[step.do](app, step)
    elif not step.is_file_probe:
        element = await app.usable(step.target)
        if step.do != "wait_for":
            await ON_ELEMENT[step.do](app, step, element)


async def _resize(app: AppPage, step: Step) -> None:
    await app.page.set_viewport_size({"width": step.width or 0, "height": step.height})


async def _answer_dialog(app: AppPage, step: Step) -> None:
    app.dialog_answers.append(step)


ON_PAGE: dict[str, Callable[[AppPage, Step], Awaitable[object]]] = {
    "goto": lambda app, step: app.page.goto(app.url(step.value or "")),
    "reload": lambda app, _: app.page.reload(),
    "press": lambda app, step: app.page.keyboard.press(step.value or ""),
    "resize": _resize,
    "answer_dialog": _answer_dialog,
}


async def _fill(element: Locator, value: str) -> None:
    """Fill a field as a person would: choose in a select, tick a box, type elsewhere."""
    kind = await element.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
    if kind == "select":
        await _choose(element, value)
    elif kind in {"checkbox", "radio"}:
        await element.set_checked(value.lower() not in OFF)
    else:
        await element.fill(value)


async def _choose(element: Locator, value: str) -> None:
    """Choose by value, else by visible label."""
    values = await element.locator("option").evaluate_all("all => all.map(e => e.value)")
    if value in values:
        await element.select_option(value=value)
    else:
        await element.select_option(label=value)


async def _drag(app: AppPage, step: Step, element: Locator) -> None:
    await element.drag_to(await app.usable(step.to))


ON_ELEMENT: dict[str, Callable[[AppPage, Step, Locator], Awaitable[None]]] = {
    "fill": lambda _, step, element: _fill(element, step.value or ""),
    "select": lambda _, step, element: _choose(element, step.value or ""),
    "check": lambda _, step, element: element.set_checked(step.checked),
    "click": lambda _, __, element: element.click(),
    "dblclick": lambda _, __, element: element.dblclick(),
    "hover": lambda _, __, element: element.hover(),
    "press": lambda _, step, element: element.press(step.value or ""),
    "drag": _drag,
    "upload": lambda app, step, element: element.set_input_files(app.file(step.file or "")),
}


async def _count(app: AppPage, step: Step) -> None:
    count = await app.all(step.target).count()
    step.require(step.allows(count), f"{step.amount} of {step.target}", count)


async def _visible(app: AppPage, step: Step) -> None:
    found = await app.all(step.target).all()
    shown = [each for each in found if await each.is_visible()]
    step.require(bool(shown), f"{step.target} visible", f"{len(shown)} of {len(found)} are")


async def _script(app: AppPage, step: Step) -> None:
    value = await app.page.evaluate(step.value or "")
    step.require(bool(value), f"{step.value} to be true", repr(value))


async def _download(app: AppPage, step: Step) -> None:
    held = any((step.value or "") in name for name in app.downloads)
    step.require(held, f"a download {step.value or ''}", app.downloads or "none")


async def _attribute(app: AppPage, step: Step) -> None:
    name = step.attribute or ""
    values = await _read(app, step, lambda e: e.get_attribute(name, timeout=READ_MILLISECONDS))
    held = bool(values) if step.value is None else _holds(step, values)
    step.require(held, f"{name} {step.value or ''} of {step.target}", _shown(values))


async def _value(app: AppPage, step: Step) -> None:
    values = await _read(app, step, lambda e: e.input_value(timeout=READ_MILLISECONDS))
    held = _flat(step.value or "") in values
    step.require(held, f"the value {step.value!r} in {step.target}", _shown(values))


async def _text(app: AppPage, step: Step) -> None:
    texts = await _read(app, step, lambda e: e.inner_text(timeout=READ_MILLISECONDS))
    where = step.target or "the page"
    step.require(_holds(step, texts), f"the text {step.value!r} in {where}", _shown(texts))


async def _read(
    app: AppPage, step: Step, read: Callable[[Locator], Awaitable[str | None]]
) -> list[str]:
    """Return what `read` returns for each match, with white space collapsed."""
    found = await app.all(step.target).all()
    return [_flat(text) for each in found if (text := await read(each)) is not None]


def _holds(step: Step, texts: list[str]) -> bool:
    wanted = _flat(step.value or "")
    return wanted in texts if step.exact else any(wanted in text for text in texts)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _shown(texts: list[str]) -> str:
    cut = [text[:300] for text in texts[:SHOWN]]
    return f"{cut}" if cut else "no such element"


EXPECTATIONS: dict[str, Callable[[AppPage, Step], Awaitable[None]]] = {
    "expect_text": _text,
    "expect_count": _count,
    "expect_value": _value,
    "expect_attribute": _attribute,
    "expect_visible": _visible,
    "expect_download": _download,
    "expect_js": _script,
}
