"""Scenarios in real Chromium, on a small app."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder.site import Site
from builder.verify.page_report import PageReport
from builder.verify.scenarios.scenario import Scenario
from tests.integration.verify.conftest import SharedBrowser

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>List</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>
<h1>List</h1>"""

LIST = """
<form id="form"><label>New item <input id="item" required></label><button>Add</button></form>
<ul id="items"></ul>
<label>Order <select id="order"><option>old</option><option>new</option></select></label>
<button id="clear" type="button">Clear</button><a href="#top">Top</a>
<ul id="done" style="min-height: 60px; border: 1px solid"></ul>
<label>File <input type="file" id="file"></label><output id="name"></output>
<script>
const items = JSON.parse(localStorage.items || "[]");
const draw = () => {
  document.querySelector("#items").replaceChildren(...items.map(text => {
    const li = Object.assign(document.createElement("li"), { textContent: text, draggable: true });
    li.ondragstart = event => event.dataTransfer.setData("text", text);
    return li;
  }));
  localStorage.items = JSON.stringify(items);
};
form.onsubmit = event => {
  event.preventDefault(); items.push(item.value); item.value = ""; draw();
};
order.onchange = () => { items.reverse(); document.body.dataset.order = order.value; draw(); };
clear.onclick = () => { if (confirm("Really?")) { items.length = 0; draw(); } };
done.ondragover = event => event.preventDefault();
done.ondrop = event => { done.append(event.dataTransfer.getData("text")); };
file.onchange = () => { document.querySelector("#name").textContent = file.files[0].name; };
draw();
</script>"""

ADD = [
    {"do": "fill", "target": {"label": "New item"}, "value": "Milk"},
    {"do": "click", "target": {"role": "button", "name": "Add"}},
]


def scenario(number: int, *steps: dict[str, Any]) -> Scenario:
    fields = {"id": f"s{number}", "requirement": "The list works", "steps": steps}
    return Scenario.model_validate(fields)


Use = Callable[..., PageReport]


@pytest.fixture
def use(shared_browser: SharedBrowser) -> Use:
    def run(body: str, *scenarios: Scenario, files: dict[str, bytes] | None = None) -> PageReport:
        site = Site({"index.html": f"{HEAD}{body}</main></body></html>".encode(), **(files or {})})
        return shared_browser.look(site, (), scenarios, smoke=False, budget=120)

    return run


def test_scenarios__app_that_works(use: Use) -> None:
    """Trusted input does what a person would do."""
    report = use(
        LIST,
        scenario(
            1,
            *ADD,
            {"do": "expect_text", "target": {"css": "#items li"}, "value": "Milk", "exact": True},
            {"do": "reload"},
            {"do": "expect_count", "target": {"css": "#items li"}, "count": 1},
        ),
        scenario(
            2,
            *ADD,
            {"do": "drag", "target": {"text": "Milk"}, "to": {"css": "#done"}},
            {"do": "expect_text", "target": {"css": "#done"}, "value": "Milk"},
        ),
        scenario(
            3,
            *ADD,
            {"do": "answer_dialog", "accept": False},
            {"do": "click", "target": {"role": "button", "name": "Clear"}},
            {"do": "expect_visible", "target": {"text": "Milk"}},
            {"do": "click", "target": {"role": "button", "name": "Clear"}},
            {"do": "expect_text", "value": "Milk", "not": True},
        ),
        scenario(
            4,
            {"do": "upload", "target": {"label": "File"}, "file": "rain.csv"},
            {"do": "expect_text", "target": {"css": "#name"}, "value": "rain.csv"},
            {"do": "select", "target": {"label": "Order"}, "value": "new"},
            {
                "do": "expect_attribute",
                "target": {"css": "body"},
                "attribute": "data-order",
                "value": "new",
                "exact": True,
            },
            {"do": "goto", "value": "#top"},
            {"do": "expect_js", "value": "location.hash === '#top'"},
        ),
        files={"rain.csv": b"1"},
    )
    assert [(each.id, each.passed, each.seen) for each in sorted(report.outcomes, key=str)] == [
        (f"s{number}", True, "") for number in range(1, 5)
    ]
    assert {"scenario-s1.png", "scenario-s4.png"} <= report.screenshots.keys()


def test_snapshot__whole_page(use: Use) -> None:
    """The tree that a tester sees has a line for each element, to the end of the page."""
    report = use("".join(f"<button>Number {number}</button>" for number in range(100)))
    buttons = [line.strip() for line in report.snapshot.splitlines() if "button" in line]
    assert buttons == [f'- button "Number {number}"' for number in range(100)]


def test_scenarios__failure(use: Use) -> None:
    """A failure tells the step, what was there instead, the page's errors and the HTML around."""
    broken = LIST.replace("items.push(item.value)", "items.push(item.valu.trim())")
    [outcome] = use(
        broken,
        scenario(1, *ADD, {"do": "expect_text", "target": {"css": "#items"}, "value": "Milk"}),
    ).outcomes
    assert (outcome.passed, outcome.ran, outcome.step) == (False, True, 2)
    assert "Milk" in outcome.expected
    assert outcome.seen == "['']"
    assert any("trim" in error for error in outcome.errors)
    assert '<ul id="items">' in outcome.html


def test_scenarios__no_file_outside_of_the_site(use: Use, tmp_path: Path) -> None:
    """A scenario uploads files of the site only."""
    (tmp_path / "secret.txt").write_text("x")
    name = f"../../{tmp_path.name}/secret.txt"
    upload = {"do": "upload", "target": {"label": "File"}, "file": name}
    [outcome] = use(LIST, scenario(1, upload, {"do": "expect_text", "value": "x"})).outcomes
    assert "no such file in the site" in outcome.seen
