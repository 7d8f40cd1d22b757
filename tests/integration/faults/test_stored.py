"""A stored request that cannot be had: who sent it is answered all the same, and the way back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder.request import Request
from tests.integration.faults.arena import RUN_TOKEN, Arena, Source
from tests.integration.faults.running import Run

Change = Callable[[Arena, dict[str, Any]], None]
"""Changes the client_payload of an event."""


def gone(_: Arena, payload: dict[str, Any]) -> None:
    payload["blob"]["sha"] = "0" * 40


def other_bytes(arena: Arena, payload: dict[str, Any]) -> None:
    body = {"content": "something else", "encoding": "utf-8"}
    answer = arena.api("POST", "/repos/ada/briefship/git/blobs", body, RUN_TOKEN)
    payload["blob"]["sha"] = answer["sha"]


def of_another_build(arena: Arena, payload: dict[str, Any]) -> None:
    other = arena.new_folder()
    arena.stored(arena.request("another-build"), other)
    payload["blob"] = json.loads((other / "event.json").read_text())["client_payload"]["blob"]


def of_an_older_receiver(_: Arena, payload: dict[str, Any]) -> None:
    del payload["answer_to"]


def stored(arena: Arena, *changes: Change) -> Source:
    """Store the request and change what the event says of it."""

    def source(request: Request, folder: Path) -> list[str]:
        arguments = arena.stored(request, folder)
        path = folder / "event.json"
        event = json.loads(path.read_text())
        for change in changes:
            change(arena, event["client_payload"])
        path.write_text(json.dumps(event))
        return arguments

    return source


def as_given(arguments: list[str]) -> Source:
    """Store nothing more: the event lies there already."""
    return lambda *_: arguments


def notified(arena: Arena, request: Request, folder: Path, source: Source) -> Run:
    """Run notify as the workflow's step does, without any token."""
    return arena.run(
        request,
        source,
        command="notify",
        folder=folder,
        environ={"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": "", "BUILDER_TOKEN": ""},
    )


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (gone, "GitHub finds no such object"),
        (other_bytes, "its SHA-256 differs"),
        (of_another_build, "is not that of build"),
    ],
)
def test_stored__unusable_is_answered_with_the_cause(
    arena: Arena, change: Change, cause: str
) -> None:
    """Nothing is published, the reason is told once; sent again, the request is delivered."""
    request = arena.request(f"stored-{change.__name__.replace('_', '-')}")
    run = arena.run(request, stored(arena, change))
    assert run.code == 1
    assert cause in run.printed
    assert cause in run.summary
    (told,) = arena.answers(request)
    assert told.reason is None
    assert cause in told.body["error"]
    assert told.body["error"].startswith("generate: ")
    assert not arena.has_published(request)
    assert arena.run(request, arena.stored).code == 0
    arena.assert_delivered(request, after=1)


def test_stored__without_permission_to_read(arena: Arena) -> None:
    """A step without a token is answered with what it takes."""
    request = arena.request("stored-no-token")
    run = arena.run(request, arena.stored, environ={"GITHUB_TOKEN": ""})
    assert run.code == 2
    (told,) = arena.answers(request)
    assert "GITHUB_TOKEN" in told.body["error"]


def test_stored__the_steps_of_a_runner(arena: Arena) -> None:
    """Notify answers without a token and without a call to GitHub; nothing private is told."""
    request, folder = arena.request("stored-steps"), arena.new_folder()
    event = stored(arena, gone)(request, folder)
    on_runner = {"GITHUB_ACTIONS": "true"}
    generate, publish = (
        arena.run(request, as_given(event), command=command, folder=folder, environ=on_runner)
        for command in ("generate", "publish")
    )
    before = len(arena.hub.requests)
    notify = notified(arena, request, folder, as_given(event))
    assert len(arena.hub.requests) == before
    assert [generate.code, publish.code, notify.code] == [1, 1, 0]
    assert "is stored as a blob and was not fetched" in publish.printed
    (told,) = arena.answers(request)
    assert "GitHub finds no such object" in told.body["error"]
    for run in (generate, publish, notify):
        lines = [line for line in run.told.splitlines() if not line.startswith("::add-mask::")]
        for private in (request.email, request.nonce, request.evaluation_url):
            assert private not in "\n".join(lines)
    assert "::add-mask::" in generate.printed.partition("::error")[0]
    assert "::add-mask::" in notify.printed.partition("::group::")[0]


def test_stored__nothing_but_notify(arena: Arena) -> None:
    """Where generate was ended before it began, the event alone suffices to answer."""
    request = arena.request("stored-notify-only")
    assert notified(arena, request, arena.new_folder(), arena.stored).code == 0
    (told,) = arena.answers(request)
    assert told.body["error"] == "the run ended before the site was published"


def test_stored__the_event_of_an_older_receiver(arena: Arena) -> None:
    """It is built as ever; if its blob is lost, exit code and summary tell why nobody hears."""
    request = arena.request("stored-older")
    lost = arena.run(request, stored(arena, of_an_older_receiver, gone))
    assert lost.code == 1
    assert "GitHub finds no such object" in lost.summary
    assert "the event does not say who sent build" in lost.printed
    assert arena.answers(request) == []
    assert arena.run(request, stored(arena, of_an_older_receiver)).code == 0
    arena.assert_delivered(request)


def test_stored__prompt(arena: Arena) -> None:
    """What a model would be asked can be seen for a stored request too."""
    run = arena.run(arena.request("stored-prompt"), arena.stored, command="prompt")
    assert run.code == 0
    assert "the sum of rain in data.csv" in run.printed
