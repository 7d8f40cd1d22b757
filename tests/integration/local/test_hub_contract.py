"""The local GitHub's answers, and our bodies, against GitHub's own OpenAPI description."""

import base64
import functools
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from nacl.public import PublicKey, SealedBox
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from local.hub.options import FIRST_PUBLICATION
from local.hub.rest import OPERATIONS
from tests.integration.local.conftest import World

DESCRIPTION = Path(sys.prefix) / "share/briefship/api.github.com.json"
BASE = "urn:api.github.com"
WORKFLOW = b"""
on: {repository_dispatch: {types: [never]}, workflow_dispatch: {inputs: {a: {required: true}}}}
jobs:
  j:
    runs-on: ubuntu-24.04
    steps:
      - run: echo hi >hi.txt
      - uses: actions/upload-artifact@v7
        with: {name: hi, path: hi.txt}
      - {run: "test $GITHUB_RUN_ATTEMPT != 1"}
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
        self, method: str, path: str, body: object = None, /, **fields: Any
    ) -> httpx.Response:
        url = path.format(**{"owner": "ada", "repo": "app", **fields})
        content = json.dumps(body) if body else None
        answer = self.client.request(method, url, content=content)
        check_exchange(path, answer)
        if answer.status_code < 400:
            self.seen.add((method, path))
        return answer


REPO = "/repos/{owner}/{repo}"
FILE = f"{REPO}/contents/{{path}}"
CHANGE = {"message": "Change", "content": "eQ=="}
SOURCE = {"source": {"branch": "main", "path": "/"}}


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
    call("GET", REPO)
    blob = {"content": "aGk=", "encoding": "base64"}
    sha = call("POST", f"{REPO}/git/blobs", blob).json()["sha"]
    call("GET", f"{REPO}/git/blobs/{{file_sha}}", file_sha=sha)
    call("POST", f"{REPO}/pages", SOURCE)
    for _ in range(2):
        call("GET", f"{REPO}/pages")
        call("GET", f"{REPO}/pages/builds")
        world.clock.now += FIRST_PUBLICATION
    call("PUT", f"{REPO}/pages", {"build_type": "legacy", **SOURCE})
    call("POST", f"{REPO}/pages/builds")
    call("POST", f"{REPO}/dispatches", {"event_type": "e", "client_payload": {"a": 1}})
    start = f"{REPO}/actions/workflows/{{workflow_id}}/dispatches"
    call("POST", start, {"ref": "main", "inputs": {"a": "1"}}, workflow_id="w.yml")
    call("GET", f"{REPO}/actions/workflows")
    (run,) = call("GET", f"{REPO}/actions/runs").json()["workflow_runs"]
    world.hub.wait_for_run(run["id"], 60)
    call("GET", f"{REPO}/actions/runs/{{run_id}}", run_id=run["id"])
    (job,) = call("GET", f"{REPO}/actions/runs/{{run_id}}/jobs", run_id=run["id"]).json()["jobs"]
    ended = [step["conclusion"] for step in job["steps"]]
    assert ended == ["success", "success", "failure"]
    call("POST", f"{REPO}/actions/runs/{{run_id}}/rerun-failed-jobs", run_id=run["id"])
    world.hub.wait_for_run(run["id"], 60)
    debug = {"enable_debug_logging": True}
    call("POST", f"{REPO}/actions/runs/{{run_id}}/rerun", debug, run_id=run["id"])
    world.hub.wait_for_run(run["id"], 60)
    call("GET", f"{REPO}/actions/runs/{{run_id}}/logs", run_id=run["id"])
    listed = call("GET", f"{REPO}/actions/runs/{{run_id}}/artifacts", run_id=run["id"])
    (artifact,) = listed.json()["artifacts"]
    where = {"artifact_id": artifact["id"], "archive_format": "zip"}
    call("GET", f"{REPO}/actions/artifacts/{{artifact_id}}/{{archive_format}}", **where)
    found = call("GET", FILE, path="index.html").json()
    call("PUT", FILE, {**CHANGE, "sha": found["sha"]}, path="index.html")
    call("GET", "/rate_limit")
    call("GET", "/users/{username}", username="ada")
    call("GET", "/orgs/{org}", org="lab")
    call("GET", f"{REPO}/actions/permissions")
    key = call("GET", f"{REPO}/actions/secrets/public-key").json()
    sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(b"s3cret")
    secret = {"key_id": key["key_id"], "encrypted_value": base64.b64encode(sealed).decode()}
    for _ in range(2):
        call("PUT", f"{REPO}/actions/secrets/{{secret_name}}", secret, secret_name="S")
    assert call("GET", f"{REPO}/actions/secrets").json()["secrets"][0]["name"] == "S"
    call("POST", f"{REPO}/actions/variables", {"name": "V", "value": "1"})
    call("PATCH", f"{REPO}/actions/variables/{{name}}", {"value": "2"}, name="V")
    assert call("GET", f"{REPO}/actions/variables").json()["variables"][0]["value"] == "2"
    call("PUT", f"{REPO}/actions/workflows/{{workflow_id}}/disable", workflow_id="w.yml")
    (workflow,) = call("GET", f"{REPO}/actions/workflows").json()["workflows"]
    assert workflow["state"] == "disabled_manually"
    call("DELETE", REPO)
    call("GET", REPO)
    expected = {
        (operation.method, operation.path.replace(":path}", "}")) for operation in OPERATIONS
    }
    assert call.seen | lab.seen == expected


def test_contract__refusals(world: World, call: Recorder) -> None:
    """What GitHub refuses has the status and the body that GitHub describes."""
    world.hub.add_repository("ada/empty")
    call("POST", "/user/repos", {"name": "app"})
    world.push("ada/app", {"index.html": b"x"})
    call("POST", f"{REPO}/pages", SOURCE)
    many = {str(number): number for number in range(11)}
    refused = [
        call("GET", REPO, repo="nothing"),
        call("POST", "/user/repos", {"name": "app"}),
        call("POST", "/user/repos", {"name": "x", "description": "\n"}),
        call("POST", f"{REPO}/dispatches", {"event_type": "e", "client_payload": many}),
        call("POST", f"{REPO}/git/blobs", {"content": "x"}, repo="empty"),
        call("POST", f"{REPO}/git/blobs", {"content": 1}),
        call("GET", f"{REPO}/git/blobs/{{file_sha}}", file_sha="0" * 40),
        call("GET", f"{REPO}/pages", repo="empty"),
        call("POST", f"{REPO}/pages", SOURCE, repo="empty"),
        call("POST", f"{REPO}/pages", SOURCE),
        call("PUT", f"{REPO}/pages", {"source": {"branch": "no", "path": "/"}}),
        call("PUT", FILE, CHANGE, path="index.html"),
        call("PUT", FILE, {**CHANGE, "sha": "0" * 40}, path="index.html"),
    ]
    statuses = [404, 422, 422, 422, 409, 422, 404, 404, 422, 409, 422, 422, 409]
    assert [answer.status_code for answer in refused] == statuses
    world.hub.add_token("reads", "ada", {"metadata": "read"})
    for token, status in (("nonsense", 401), ("reads", 403)):
        with world.client(token) as client:
            answer = Recorder(client)("POST", "/user/repos", {"name": "x"})
        assert answer.status_code == status
