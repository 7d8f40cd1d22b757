"""An OpenAI-compatible server that answers from a script, faults included."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.script import Answer, Script
from local.streaming import LIMITS, Delivery, prompt_of, words_of

_MESSAGES = {
    400: ("invalid_request_error", "", "The request is not valid."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided: {key}."),
    403: ("invalid_request_error", "", "Your key has no access to this model."),
    404: ("invalid_request_error", "model_not_found", "The model `{model}` does not exist."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for `{model}`."),
    500: ("server_error", "", "The server had an error while processing your request."),
}
"""Type, code and message of OpenAI's errors by status."""

READER = "You read a request for a small static web app"
TESTER = "You test small web apps"
"""How the prompts for a reading and for scenarios begin."""
NO_READING = Answer('```json\n{"requirements": []}\n```')
NO_SCENARIOS = Answer('```json\n{"scenarios": []}\n```')


class ScriptedModel:
    """The server as an ASGI application under `/v1`; `requests` holds the bodies received.

    Prompts for a reading and for scenarios are kept in `readings` and `tests`, and answered by
    `reading` and `scenarios` (None: by the answer that fits, like any other). With `models`, it
    knows no other model; with `key`, no other key.
    """

    def __init__(
        self,
        *answers: Answer | str,
        models: Sequence[str] = (),
        key: str = "",
        reading: Answer | None = NO_READING,
        scenarios: Answer | None = NO_SCENARIOS,
    ) -> None:
        listed = [Answer(answer) if isinstance(answer, str) else answer for answer in answers]
        self.requests: list[dict[str, Any]] = []
        self.readings: list[dict[str, Any]] = []
        self.tests: list[dict[str, Any]] = []
        self.answers: list[ASGIApp] = []
        self._asides = {
            READER: (self.readings, reading),
            TESTER: (self.tests, scenarios),
            "": (self.requests, None),
        }
        self._script = Script(listed)
        self._models = tuple(models)
        self._key = key
        route = Route("/v1/chat/completions", self._complete, methods=["POST"])
        self._app = Starlette(routes=[route])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def _complete(self, request: Request) -> ASGIApp:
        body = await request.json()
        prompt = str(body["messages"][0]["content"])
        kept, aside = next(self._asides[word] for word in self._asides if prompt.startswith(word))
        kept.append(body)
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._key and key != self._key:
            return _refusal(Answer(status=401), body["model"], key)
        if self._models and body["model"] not in self._models:
            return _refusal(Answer(status=404), body["model"], key)
        if aside:
            return self._noted(Delivery(aside, aside.text, body))
        return self._noted(self._answer(body, key))

    def _noted(self, answer: ASGIApp) -> ASGIApp:
        self.answers.append(answer)
        return answer

    def _answer(self, body: Mapping[str, Any], key: str) -> ASGIApp:
        went_on = self._script.going_on(_said_before(body["messages"]))
        if went_on is not None:
            answer, text = went_on
            return Delivery(answer, text, body)
        fitting = self._script.fitting(prompt_of(body["messages"]))
        if fitting is None:
            return _refusal(Answer(status=404, message="No answer fits."), body["model"], key)
        refused = _refused_parameters(fitting, body)
        if refused is not None:
            return refused
        self._script.note_given(fitting)
        if fitting.status != 200:
            return _refusal(fitting, body["model"], key)
        return Delivery(fitting, fitting.text, body)


def _refusal(answer: Answer, model: str, key: str) -> Response:
    kind, code, message = _MESSAGES.get(answer.status, ("server_error", "", "An error."))
    said = answer.message or message.format(model=model, key=key)
    headers = {"Retry-After": answer.retry_after} if answer.retry_after else None
    return _error(answer.status, said, answer.code or code or None, kind=kind, headers=headers)


def _refused_parameters(answer: Answer, body: Mapping[str, Any]) -> Response | None:
    """Refuse a parameter, or a limit that is too large; the answer remains to be given."""
    for name in answer.refuses:
        if name in body:
            said = f"Unsupported parameter: '{name}' is not supported with this model."
            return _error(400, said, "unsupported_parameter", parameter=name)
    limit = max((body[name] for name in LIMITS if name in body), default=65_536)
    if answer.affords is not None and limit > answer.affords:
        asked = f"You requested up to {limit} tokens, but can only afford {answer.affords}."
        return _error(402, f"This request requires more credits, or fewer max_tokens. {asked}", 402)
    return None


def _error(
    status: int,
    message: str,
    code: str | int | None,
    *,
    kind: str = "invalid_request_error",
    parameter: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    error = {"message": message, "type": kind, "param": parameter, "code": code}
    return JSONResponse({"error": error}, status, headers)


def _said_before(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the assistant's words right before the last message."""
    if len(messages) < 2 or messages[-2]["role"] != "assistant":
        return ""
    return words_of(messages[-2]["content"])
