"""The local GitHub's answers, and our bodies, against GitHub's own OpenAPI description."""

import functools
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from local.hub.rest import OPERATIONS
from tests.integration.local.conftest import PAGES_DELAY, World

DESCRIPTION = Path(sys.prefix) / "share/briefship/api.github.com.json"
BASE = "urn:api.github.com"
WORKFLOW = b"""
on: {repository_dispatch: {types: [never]}, workflow_dispatch: {inputs: {a: {required: true}}}}
jobs: {j: {runs-on: ubuntu-24.04, steps: [{run: "test $GITHUB_RUN_ATTEMPT = 2"}]}}
"""


@functools.cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DESCRIPTION.read_bytes())
    return found


@functools.cache
def registry() -> Registry[Any]:
    found: Registry[Any] = Registry().with_resource(BASE, DRAFT4.create_resource(description()))
    return found


def resolved(pointer: str) -> tuple[str, Any]:
    """Follow references: the pointer where the value itself stands, and the value."""
    value: Any = description()
    for part in pointer.lstrip("#/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return resolved(value["$ref"]) if "$ref" in value else (pointer, value)


def objections(value: object, pointer: str) -> list[str]:
    """Return in what `value` is not what the schema at `pointer` says."""
    validator = OAS30Validator({"$ref": f"{BASE}{pointer}"}, registry=registry())
    return [f"{list(error.path)}: {error.message[:300]}" for error in validator.iter_errors(value)]


def check(value: object, pointer: str) -> None:
    """Fail with the reasons when `value` is not what the schema at `pointer` says."""
    _, schema = resolved(pointer)
    # One of the error schemas requires nothing, so that "exactly one" cannot hold beside it.
    alternatives = [f"{pointer}/oneOf/{index}" for index in range(len(schema.get("oneOf", [])))]
    reasons = [objections(value, place) for place in alternatives or [pointer]]
    assert [] in reasons, reasons


def check_exchange(path: str, answer: httpx.Response) -> None:
    """Check the body that was sent and the one that came against the operation at `path`."""
    request = answer.request
    operation = f"#/paths/{path.replace('/', '~1')}/{request.method.lower()}"
    _, described = resolved(operation)
    if request.content and answer.is_success:
        place = f"{operation}/requestBody/content/application~1json/schema"
        check(json.loads(request.content), place)
    assert str(answer.status_code) in described["responses"], answer.text
    place, response = resolved(f"{operation}/responses/{answer.status_code}")
    content = response.get("content", {})
    if "application/json" in content:
        check(answer.json(), f"{place}/content/application~1json/schema")
    elif not content:
        assert answer.content == b""


class Recorder:
    """An API client that checks each exchange, and notes which operations it saw succeed."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.seen: set[tuple[str, str]] = set()

    def __call__(
        self, method: str, path: str, body: object = None, **fields: Any
    ) -> httpx.Response:
        names = {"owner": "ada", "repo": "app", **fields}
        url = path.format(**names)
        answer = (
            self.client.request(method, url, json=body)
            if body
            else self.client.request(method, url)
        )
        check_exchange(path, answer)
        if answer.status_code < 400:
            self.seen.add((method, path))
        return answer


@pytest.fixture
def call(api: httpx.Client) -> Recorder:
    return Recorder(api)


def test_contract__every_call_that_succeeds(world: World, call: Recorder) -> None:
    """Each operation's success is what GitHub describes, and none is left out."""
    world.hub.add_token("lab", "lab", {"administration": "write"})
    with world.client("lab") as client:
        lab = Recorder(client)
        lab("POST", "/orgs/{org}/repos", {"name": "other"}, org="lab")
    call("GET", "/user")
    call("POST", "/user/repos", {"name": "app", "description": "d", "private": False})
    world.push("ada/app", {"index.html": b"x", ".github/workflows/w.yml": WORKFLOW})
    call("GET", "/repos/{owner}/{repo}")
    sees_blobs(call)
    sees_pages(world, call)
    sees_runs(world, call)
    expected = {(operation.method, operation.path) for operation in OPERATIONS}
    assert call.seen | lab.seen == expected


def sees_blobs(call: Recorder) -> None:
    blob = {"content": "aGk=", "encoding": "base64"}
    sha = call("POST", "/repos/{owner}/{repo}/git/blobs", blob).json()["sha"]
    call("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", file_sha=sha)


def sees_pages(world: World, call: Recorder) -> None:
    pages = "/repos/{owner}/{repo}/pages"
    source = {"branch": "main", "path": "/"}
    call("POST", pages, {"build_type": "legacy", "source": source})
    for _ in range(2):
        call("GET", pages)
        call("GET", f"{pages}/builds")
        world.clock.now += PAGES_DELAY
    call("PUT", pages, {"build_type": "legacy", "source": source})
    call("POST", f"{pages}/builds")


def sees_runs(world: World, call: Recorder) -> None:
    call(
        "POST", "/repos/{owner}/{repo}/dispatches", {"event_type": "e", "client_payload": {"a": 1}}
    )
    start = "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches"
    call("POST", start, {"ref": "main", "inputs": {"a": "1"}}, workflow_id="w.yml")
    runs = "/repos/{owner}/{repo}/actions/runs"
    started = call("GET", runs).json()["workflow_runs"][0]["id"]
    world.hub.wait_for_run(started, 60)
    call("GET", "/repos/{owner}/{repo}/actions/workflows")
    for again in ("rerun-failed-jobs", "rerun"):
        call("POST", f"{runs}/{{run_id}}/{again}", run_id=started)
        world.hub.wait_for_run(started, 60)


def test_contract__refusals(world: World, call: Recorder) -> None:
    """What GitHub refuses has the status and the body that GitHub describes."""
    world.hub.add_repository("ada/empty")
    call("POST", "/user/repos", {"name": "app"})
    world.push("ada/app", {"index.html": b"x"})
    repo = "/repos/{owner}/{repo}"
    source = {"source": {"branch": "main", "path": "/"}}
    call("POST", f"{repo}/pages", source)
    many = {str(number): number for number in range(11)}
    refused = [
        call("GET", repo, repo="nothing"),
        call("POST", "/user/repos", {"name": "app"}),
        call("POST", "/user/repos", {"name": "x", "description": "\n"}),
        call("POST", f"{repo}/dispatches", {"event_type": "e", "client_payload": many}),
        call("POST", f"{repo}/dispatches", {"event_type": "e"}, repo="nothing"),
        call("POST", f"{repo}/git/blobs", {"content": "x"}, repo="empty"),
        call("POST", f"{repo}/git/blobs", {"content": 1}),
        call("GET", f"{repo}/git/blobs/{{file_sha}}", file_sha="0" * 40),
        call("GET", f"{repo}/pages", repo="empty"),
        call("POST", f"{repo}/pages", source, repo="empty"),
        call("POST", f"{repo}/pages", source),
        call("PUT", f"{repo}/pages", {"source": {"branch": "no", "path": "/"}}),
    ]
    statuses = [404, 422, 422, 422, 404, 409, 422, 404, 404, 422, 409, 422]
    assert [answer.status_code for answer in refused] == statuses


@pytest.mark.parametrize(("token", "status"), [("nonsense", 401), ("reads", 403)])
def test_contract__tokens_that_do_not_do(world: World, token: str, status: int) -> None:
    """Bad credentials and missing permissions have GitHub's bodies."""
    world.hub.add_token("reads", "ada", {"metadata": "read"})
    with world.client(token) as client:
        answer = Recorder(client)("POST", "/user/repos", {"name": "x"})
    assert answer.status_code == status
