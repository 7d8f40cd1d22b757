"""From the request to the callback through every real part, and what that leaves to be read."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.publish.checkout import Git
from local.hub import HubOptions
from local.provision import OWNER, REPOSITORY
from tests.conftest import FakeTime
from tests.e2e.conftest import Chain, StartChain

EMAIL = "ada.lovelace@example.com"
NONCES = ("nonce-0815-first", "nonce-0815-second")


@pytest.fixture
def chain(start_chain: StartChain) -> Chain:
    return start_chain(options=HubOptions())


def wire(chain: Chain, number: int, **fields: Any) -> dict[str, Any]:
    return {
        "email": EMAIL,
        "secret": chain.parts.credentials.task_secret,
        "task": "rain",
        "round": number,
        "nonce": NONCES[number - 1],
        "brief": 'Publish a page titled "Rain" that shows the sum of mm in rain.csv in #sum.',
        "checks": [{"js": "document.title === 'Rain'"}],
        "evaluation_url": chain.parts.evaluation_url,
        "attachments": [{"name": "rain.csv", "url": f"data:text/csv,day,mm%0A1,{number}%0A"}],
    } | fields


def start_by_hand(chain: Chain, request: dict[str, Any]) -> httpx.Response:
    """Start the workflow with a request as text, as a person who may."""
    chain.parts.hub.add_token("an-operators-token", OWNER, {"actions": "write", "contents": "read"})
    return httpx.post(
        f"{chain.parts.github.api_url}/repos/{REPOSITORY}/actions/workflows/build.yml/dispatches",
        json={"ref": "main", "inputs": {"request": json.dumps(request)}},
        headers={"Authorization": "Bearer an-operators-token"},
    )


def readable(chain: Chain, bodies: list[str], app: Path) -> dict[str, str]:
    """Return all that people may come to read of the runs."""
    parts = chain.parts
    told = {f"answer {number}": body for number, body in enumerate(bodies)}
    told["receiver.log"] = parts.receiver_log.read_text()
    told["overview"] = httpx.get(parts.github.server_url).text
    for run in parts.hub.runs(REPOSITORY):
        told[f"log of run {run.id}"] = run.log.read_text()
        for artifact in run.artifacts.rglob("*"):
            if artifact.is_file():
                told[f"artifact {artifact.name}"] = artifact.read_bytes().decode("latin-1")
    git = Git(parts.github.server_url, FakeTime().clock)
    assert git.clone(f"{OWNER}/tds-project1-rain", app)
    told["history"] = git.run(["log", "-p", "--format=fuller"], app).output.decode()
    fetched = git.run(["fetch", f"{parts.github.server_url}/{REPOSITORY}.git", "gh-pages"], app)
    assert fetched.code == 0, fetched.said
    told["page of all runs"] = git.run(["log", "-p", "FETCH_HEAD"], app).output.decode()
    return told


def test_whole_chain__two_rounds_and_nothing_private_to_read(chain: Chain, tmp_path: Path) -> None:
    """A round is delivered, and another that is started by hand; secret, tokens, email and nonces
    are nowhere that people read."""
    bodies = [
        chain.send(wire(chain, 1, secret="a-wrong-secret")).text,
        chain.send(wire(chain, 1, brief=None)).text,
        httpx.post(chain.parts.receiver_url, content=b"{").text,
    ]
    assert chain.send(wire(chain, 1)).status_code == 200
    assert chain.ended().conclusion == "success"
    chain.parts.hub.set_variable(REPOSITORY, "HISTORY", "1")
    by_hand = start_by_hand(chain, wire(chain, 2))
    assert by_hand.status_code == 204, by_hand.text
    assert chain.ended().conclusion == "success"
    first, second = (entry.body for entry in chain.parts.ledger.entries)
    assert (first["status"], second["status"]) == ("success", "success")
    assert (first["nonce"], second["nonce"]) == NONCES
    runs = [run.url for run in chain.parts.hub.runs(REPOSITORY)[-2:]]
    assert [first["run_url"], second["run_url"]] == runs
    assert httpx.get(second["pages_url"] + "rain.csv").text == "day,mm\n1,2\n"
    told = readable(chain, bodies, tmp_path / "app")
    assert f"{second['commit_sha']}" in told["history"]
    on_page = [f'href="{url}"' in told["page of all runs"] for url in runs]
    assert on_page == [False, True]
    credentials = chain.parts.credentials
    private = {
        "secret": credentials.task_secret,
        "dispatch token": credentials.dispatch_token,
        "builder token": credentials.builder_token,
        "email": EMAIL,
        "first nonce": NONCES[0],
        "second nonce": NONCES[1],
    }
    leaks = [
        (name, where)
        for where, text in told.items()
        for name, value in private.items()
        if value in text
    ]
    assert leaks == []
    assert {where for where in told if where.startswith("artifact")} >= {
        "artifact report.json",
        "artifact report.md",
    }
