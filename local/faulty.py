"""Applies a fault plan in front of an ASGI application."""

import asyncio
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.faults import Call, Fault, FaultPlan
from local.server import RESET


class Faulty:
    """The application, with the faults that the plan has for each call."""

    def __init__(self, app: ASGIApp, plan: FaultPlan) -> None:
        self._app = app
        self._plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = self._plan.take(_call(scope)) if scope["type"] == "http" else None
        if rule is None:
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(self._app, scope, receive, send)
        answer = await exchange.carry_out() if rule.fault.carried_out else []
        rule.struck.set()
        if rule.fault.ending == "hold":
            await asyncio.to_thread(rule.released.wait)
        await exchange.end(rule.fault, answer)


def _call(scope: Scope) -> Call:
    query = scope["query_string"].decode("latin-1")
    target = scope["path"] + (f"?{query}" if query else "")
    return Call(
        scope["method"], target, any(name == b"authorization" for name, _ in scope["headers"])
    )


@dataclass(frozen=True)
class _Exchange:
    """One call that goes wrong."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send

    async def carry_out(self) -> list[Message]:
        """Carry out the call, and keep the answer back."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self.app(self.scope, self.receive, keep)
        return kept

    async def end(self, fault: Fault, answer: list[Message]) -> None:
        if fault.ending == "hold":
            await self.app(self.scope, self.receive, self.send)
            return
        if not fault.carried_out:
            while (await self.receive()).get("more_body"):
                pass
        match fault.ending:
            case "answer" if fault.response:
                await fault.response(self.scope, self.receive, self.send)
            case "half":
                await self._send_half(answer)
                await self._reset()
            case "cut":
                await self._reset()
            case "hang":
                await self._until_gone()

    async def _send_half(self, answer: list[Message]) -> None:
        for message in answer:
            body = message.get("body", b"")
            if body:
                await self.send({**message, "body": body[: len(body) // 2], "more_body": True})
                return
            await self.send(message)

    async def _reset(self) -> None:
        self.scope["state"][RESET]()
        await self._until_gone()

    async def _until_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
