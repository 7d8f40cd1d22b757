"""Evaluates expressions on a page and takes screenshots of it, over the DevTools protocol.

As in the browser's console, neither a content security policy nor changed globals of the page get
in the way, and `await` may be used.
"""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from builder.verify.browser_worker.scripts import describe, mentions, readings

POLL_SECONDS = 0.1
LOOP_MILLISECONDS = 3_000
"""How long an expression may run without a break."""
WORDS_SECONDS = 1.0


@dataclass(frozen=True)
class Value:
    """The result of an expression: `holds` if it is truthy, and its value or error in words."""

    holds: bool
    seen: str
    value: Any = None
    is_final: bool = False
    """Whether another attempt cannot change it."""
    parses: bool = True


class Inspector:
    """The console of one page."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    async def evaluate(self, expression: str) -> Value:
        """Evaluate in the page; a promise is awaited."""
        try:
            parameters = {"expression": expression, "timeout": LOOP_MILLISECONDS, "replMode": True}
            answer = await self._session.send("Runtime.evaluate", parameters)
            if answer["result"].get("subtype") == "promise":
                promise = {"promiseObjectId": answer["result"]["objectId"]}
                answer = await self._session.send("Runtime.awaitPromise", promise)
        except PlaywrightError as error:
            return _broken_off(error)
        return _value_of(answer)

    async def hold(self, expression: str, ends_at: float) -> Value:
        """Evaluate repeatedly until it holds or the loop's time is `ends_at`."""
        value = Value(False, "it does not end")
        try:
            async with asyncio.timeout_at(ends_at):
                while not (value.holds or value.is_final):
                    value = await self.evaluate(expression)
                    await asyncio.sleep(0 if value.holds else POLL_SECONDS)
        except TimeoutError:
            pass
        return value

    async def check(self, source: str, ends_at: float) -> Value:
        """Like `hold`, for a check: what is not an expression is run as a function body."""
        complaints = []
        for script in readings(source):
            value = await self.hold(script, ends_at)
            if value.parses:
                return value
            complaints.append(value)
        *_, as_it_stands, as_a_body = complaints
        return as_a_body if "Illegal return" in as_it_stands.seen else as_it_stands

    async def words(self, expression: str) -> str:
        """Describe the parts of the page that `expression` looks up."""
        parts = mentions(expression)
        try:
            async with asyncio.timeout(WORDS_SECONDS):
                values = [await self.evaluate(describe(part)) for part in parts]
        except TimeoutError:
            return ""
        return "".join(f"; {part} is {was.value}" for part, was in zip(parts, values, strict=True))

    async def screenshot(self) -> bytes:
        """Return what the window shows, as PNG. Raises PlaywrightError."""
        answer = await self._session.send("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(answer["data"])


def _value_of(answer: Mapping[str, Any]) -> Value:
    result, thrown = answer["result"], answer.get("exceptionDetails")
    if thrown:
        error = thrown.get("exception", result)
        text = str(error.get("description", error.get("value", thrown["text"])))
        # Only an expression that does not parse fails without a stack.
        parses = not text.startswith("SyntaxError") or "\n" in text
        return Value(False, text.split("\n")[0], is_final=not parses, parses=parses)
    return _value(result)


def _value(result: Mapping[str, Any]) -> Value:
    if "value" in result:
        value = result["value"]
        return Value(bool(value), _in_words(value), value)
    if "unserializableValue" in result:
        text = result["unserializableValue"]
        return Value(text not in {"NaN", "-0", "0n"}, text)
    text = result.get("description", result["type"])
    return Value(result["type"] != "undefined", text)


def _in_words(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value) if isinstance(value, str) else str(value)


def _broken_off(error: PlaywrightError) -> Value:
    message = error.message.split("\n")[0]
    # What Chromium answers when an evaluation times out.
    if "Internal error" in message:
        return Value(False, "it does not end", is_final=True)
    return Value(False, message.rpartition("): ")[2])
