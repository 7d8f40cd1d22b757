"""The scripted model: its order of answers, and the protocol as a client sees it."""

from typing import Any

import httpx

from local.model import ScriptedModel
from local.script import Answer, Script
from local.server import serve


def chat(*words: str, **fields: Any) -> dict[str, Any]:
    """Make a request body; the words are said by user and assistant in turn."""
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": said} for n, said in enumerate(words)]
    return {"model": "m", "messages": messages} | fields


def post(server: ScriptedModel, *bodies: dict[str, Any], key: str = "k") -> list[httpx.Response]:
    with serve(server) as url, httpx.Client(base_url=f"{url}/v1", trust_env=False) as client:
        headers = {"Authorization": f"Bearer {key}"}
        return [client.post("/chat/completions", json=body, headers=headers) for body in bodies]


def texts(responses: list[httpx.Response]) -> list[str]:
    return [response.json()["choices"][0]["message"]["content"] for response in responses]


def test_script__answers_in_order_or_by_the_prompt() -> None:
    """Each answer is given once, the last one again; one with a pattern when a prompt holds it."""
    server = ScriptedModel(Answer("rain", match=r"rainfall.*csv"), "one", "two")
    asked = [chat("Rainfall\nfrom CSV"), *[chat("go")] * 3]
    assert texts(post(server, *asked)) == ["rain", "one", "two", "two"]


def test_script__goes_on_after_a_cut() -> None:
    """A cut answer ends with length, and goes on behind what the assistant has said."""
    server = ScriptedModel(Answer("abcdefgh", truncate_after=5, overlap=2), "next")
    first, second = post(server, chat("go"), chat("go", "abcde", "on"))
    assert texts([first, second]) == ["abcde", "defgh"]
    reasons = [answer.json()["choices"][0]["finish_reason"] for answer in (first, second)]
    assert reasons == ["length", "stop"]
    assert Script([Answer("abc", truncate_after=1, goes_on=False)]).going_on("a") is None


def test_server__stream_as_openai_sends_it() -> None:
    """A stream holds chunks, a finish reason, the usage where asked for, and [DONE]."""
    body = chat("go", stream=True, stream_options={"include_usage": True})
    (response,) = post(ScriptedModel(Answer("abc", chunk=2)), body)
    assert response.headers["content-type"] == "text/event-stream"
    events = response.text.strip().split("\n\n")
    assert [event[:6] for event in events] == ["data: "] * len(events)
    assert events[-1] == "data: [DONE]"
    assert '"content": "ab"' in events[1]
    assert '"content": "c"' in events[2]
    assert '"finish_reason": "stop"' in events[3]
    assert '"usage": {' in events[4]


def test_server__wrong_key_and_unknown_model() -> None:
    """A wrong key is a 401, a model that is not among those known a 404, as at OpenAI."""
    server = ScriptedModel("abc", models=["n"], key="right")
    (wrong,) = post(server, chat("go"), key="wrong")
    unknown, known = post(server, chat("go"), chat("go", model="n"), key="right")
    codes = [(answer.status_code, answer.json()["error"]["code"]) for answer in (wrong, unknown)]
    assert codes == [(401, "invalid_api_key"), (404, "model_not_found")]
    assert known.status_code == 200
    assert [request["model"] for request in server.requests] == ["m", "m", "n"]


def test_server__errors_as_openai_words_them() -> None:
    """A fault has its status, an error body, and Retry-After where given."""
    server = ScriptedModel(Answer(status=429, retry_after="2"), "ok")
    fault, answer = post(server, *[chat("go")] * 2)
    assert fault.status_code == 429
    assert fault.headers["retry-after"] == "2"
    assert fault.json()["error"].keys() == {"message", "type", "param", "code"}
    assert texts([answer]) == ["ok"]


def test_server__limits() -> None:
    """The output limit holds by the names that the model knows; a higher one may be refused."""
    answer = Answer("abcdefgh", endless="{n}.", ignores=("max_completion_tokens",), largest=3)
    bodies = [chat("go", stream=True, max_tokens=tokens) for tokens in (1, 3, 4)]
    one, three, four = post(ScriptedModel(answer), *bodies)
    assert [one.text.count('"content": "'), three.text.count('"content": "')] == [2, 4]
    assert '"finish_reason": "length"' in one.text
    assert (four.status_code, four.json()["error"]["param"]) == (400, "max_tokens")
    (poor,) = post(ScriptedModel(Answer("a", affords=3)), chat("go", max_completion_tokens=9))
    assert poor.status_code == 402
    assert poor.json()["error"]["message"].endswith("up to 9 tokens, but can only afford 3.")
