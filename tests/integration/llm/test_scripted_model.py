"""The scripted model: its order of answers, and the protocol as a client sees it."""

from typing import Any

import httpx

from local.model import ScriptedModel
from local.script import Answer
from tests.integration.llm.conftest import Serve


def chat(*words: str, **fields: Any) -> dict[str, Any]:
    """Make a request body; the words are said by user and assistant in turn."""
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": said} for n, said in enumerate(words)]
    return {"model": "m", "messages": messages} | fields


def post(url: str, *bodies: dict[str, Any], key: str = "k") -> list[httpx.Response]:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(headers=headers, trust_env=False) as client:
        return [client.post(f"{url}/chat/completions", json=body) for body in bodies]


def texts(responses: list[httpx.Response]) -> list[str]:
    return [response.json()["choices"][0]["message"]["content"] for response in responses]


def test_scripted_model__answers_in_order_or_by_the_prompt(served: Serve) -> None:
    """Each answer is given once, the last one again; one with a pattern when a prompt holds it."""
    url = served(ScriptedModel(Answer("rain", match=r"rainfall.*csv"), "one", "two"))
    asked = [chat("Rainfall\nfrom CSV"), *[chat("go")] * 3]
    assert texts(post(url, *asked)) == ["rain", "one", "two", "two"]


def test_scripted_model__goes_on_after_a_cut(served: Serve) -> None:
    """A cut answer ends with length, and goes on behind what the assistant has said."""
    url = served(ScriptedModel(Answer("abcdefgh", truncate_after=5, overlap=2), "next"))
    answers = post(url, chat("go"), chat("go", "abcde", "on"))
    assert texts(answers) == ["abcde", "defgh"]
    reasons = [answer.json()["choices"][0]["finish_reason"] for answer in answers]
    assert reasons == ["length", "stop"]


def test_scripted_model__streams_as_openai_does(served: Serve) -> None:
    """A stream holds chunks, a finish reason, the usage where asked for, and [DONE]."""
    body = chat("go", stream=True, stream_options={"include_usage": True})
    (response,) = post(served(ScriptedModel(Answer("abc", chunk=2))), body)
    assert response.headers["content-type"] == "text/event-stream"
    events = response.text.strip().split("\n\n")
    assert [event[:6] for event in events] == ["data: "] * len(events)
    parts = ['"content": "ab"', '"content": "c"', '"finish_reason": "stop"', '"usage": {', "[DONE]"]
    assert [part for part, event in zip(parts, events[1:], strict=True) if part not in event] == []


def test_scripted_model__errors_as_openai_words_them(served: Serve) -> None:
    """A wrong key, an unknown model and a fault each have their status, code and headers."""
    busy = Answer(status=429, retry_after="2")
    url = served(ScriptedModel(busy, "abc", models=["n"], key="right"))
    (wrong,) = post(url, chat("go"), key="wrong")
    unknown, fault, _ = post(url, chat("go"), *[chat("go", model="n")] * 2, key="right")
    answers = (wrong, unknown, fault)
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [
        (401, "invalid_api_key"),
        (404, "model_not_found"),
        (429, "rate_limit_exceeded"),
    ]
    assert fault.headers["retry-after"] == "2"
    assert fault.json()["error"].keys() == {"message", "type", "param", "code"}
