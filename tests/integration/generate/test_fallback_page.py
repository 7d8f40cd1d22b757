"""The fallback in the browser: it opens, its ids hold, and it says what it is."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.generate.conftest import Bench, sample


def attached(name: str, text: str) -> dict[str, str]:
    return {"name": name, "url": "data:," + quote(text, safe="")}


@pytest.fixture
def wire() -> dict[str, Any]:
    wide = ",".join(f"a rather long heading {n}" for n in range(12))
    return sample("rainfall-2026.round1") | {
        "brief": "Show the rain <script>document.title = 'x'</script>",
        "checks": [
            "js: document.title === 'Rainfall 2026'",
            "js: document.querySelectorAll('#rain tbody tr').length === 2",
            "js: document.querySelector('#notes h2').textContent === 'Monday'",
            "js: JSON.parse(document.querySelector('#raw').textContent).a === 1",
            "js: document.querySelector('img#dot').complete",
            "js: document.querySelector('#total').textContent === '3'",
        ],
        "attachments": [
            attached("rain.csv", f"{wide}\n{wide}\n{wide}\n"),
            attached("log.md", "# Log\n\n## Monday\n\n[gone](no.html) ![gone](no.png) `x`\n"),
            attached("raw.json", '{"a": 1}'),
            attached(
                "dot.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
            ),
        ],
    }


def test_fallback__in_the_browser(bench: Bench, wire: dict[str, Any]) -> None:
    """All but what is not built holds on the page; nothing fails to load, and nothing overflows on
    a phone or is hard to reach; the verdict says fallback. What is missing is not waited for."""
    assert bench.generate(wire, CHECK_SECONDS="60") == 0
    report = bench.report
    assert report.page is not None
    assert report.page.opened
    assert [(score.passed, score.total) for score in report.scores] == [(5, 6)]
    # Chromium's own requests for updates are none of the page's.
    found = [one for one in report.findings if "googleapis.com" not in one.subject]
    assert [(one.source, "#total" in one.subject) for one in found] == [("check", True)]
    assert (report.author, report.verdict) == ("fallback", "fallback")
    assert "This is a fallback page." in bench.page
    assert sum(step.seconds for step in report.steps if step.name == "verification") < 60


def test_reading__is_asked_beside_the_draft_and_kept(blind: Bench, wire: dict[str, Any]) -> None:
    """A model reads the request at the same time; what it quotes is required, and handed on."""
    wire["brief"] = "Show the rain, and deliver rain.txt."
    page = '<file path="index.html">\n<!doctype html><title>x</title><p>x</p>\n</file>'
    entry = {"quote": "deliver rain.txt", "kind": "file wanted", "path": "rain.txt"}
    read = json.dumps({"requirements": [entry]})
    assert blind.generate(wire, page, page, REPAIRS="1", reading=f"```json\n{read}\n```") == 0
    assert blind.model is not None
    assert len(blind.model.readings) == 1
    assert "- `rain.txt`\n" in blind.model.requests[1]["messages"][-1]["content"]
    assert blind.report.reading is not None
    assert [one.path for one in blind.report.reading.requirements] == ["rain.txt"]
    assert "rain.txt" in {one.subject for one in blind.report.findings}
    assert {call.purpose for call in blind.report.model_calls} == {"app", "reading"}
