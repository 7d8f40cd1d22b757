"""Measures the verification of a small app: load, checks, ten scenarios, smoke test, screenshots.

`python -m tests.bench.use [rounds]`; the browser is started anew each time, as in a run.
"""

import sys
from statistics import median
from typing import Any

from builder.findings import Source
from builder.site import Site
from builder.verify.browser import Browser, programs
from builder.verify.page_report import PageCheck, PageReport
from builder.verify.scenarios.scenario import Scenario

ROUNDS = 5
TARGET = 12.0
"""Seconds on two cores."""

APP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tasks</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>
<h1>Tasks</h1><p><output id="count"></output> open</p>
<form id="form"><label>New task <input id="text" required></label>
<label>Due <input type="date" id="due"></label><button>Add</button></form>
<label>Show <select id="show"><option>all</option><option>open</option></select></label>
<button id="sort" type="button">Sort</button><button id="clear" type="button">Clear done</button>
<button id="export" type="button">Export</button><ul id="tasks"></ul><script>
const tasks = JSON.parse(localStorage.tasks || "[]");
const find = name => document.querySelector(`#${name}`);
const draw = () => {
  localStorage.tasks = JSON.stringify(tasks);
  find("count").textContent = tasks.filter(task => !task.done).length;
  const shown = tasks.filter(task => find("show").value === "all" || !task.done);
  find("tasks").replaceChildren(...shown.map(task => {
    const item = document.createElement("li"), box = document.createElement("input");
    box.type = "checkbox"; box.checked = task.done; box.ariaLabel = `Done: ${task.text}`;
    box.onchange = () => { task.done = box.checked; draw(); };
    item.append(box, ` ${task.text} ${task.due}`);
    return item;
  }));
};
find("form").onsubmit = event => {
  event.preventDefault();
  tasks.push({ text: find("text").value, due: find("due").value, done: false });
  find("form").reset(); draw();
};
find("show").onchange = draw;
find("sort").onclick = () => { tasks.sort((a, b) => a.text.localeCompare(b.text)); draw(); };
find("clear").onclick = () => {
  tasks.splice(0, tasks.length, ...tasks.filter(task => !task.done)); draw();
};
find("export").onclick = () => {
  const url = URL.createObjectURL(new Blob([JSON.stringify(tasks)]));
  Object.assign(document.createElement("a"), { href: url, download: "tasks.json" }).click();
};
draw();
</script></main></body></html>"""

CHECKS = ["document.title === 'Tasks'", "document.querySelectorAll('#tasks li').length === 0"]


def add(*texts: str) -> list[dict[str, Any]]:
    """Return the steps that add tasks."""
    return [
        step
        for text in texts
        for step in (
            {"do": "fill", "target": {"label": "New task"}, "value": text},
            {"do": "click", "target": {"role": "button", "name": "Add"}},
        )
    ]


def press(name: str) -> dict[str, Any]:
    """Return the step that presses a button."""
    return {"do": "click", "target": {"role": "button", "name": name}}


def items(count: int) -> dict[str, Any]:
    """Return the step that expects as many tasks."""
    return {"do": "expect_count", "target": {"css": "#tasks li"}, "count": count}


TICK = {"do": "check", "target": {"label": "Done: Milk"}}
OPEN = {"do": "select", "target": {"label": "Show"}, "value": "open"}
SCENARIOS: list[list[dict[str, Any]]] = [
    [*add("Milk"), {"do": "expect_text", "target": {"css": "#tasks"}, "value": "Milk"}],
    [*add("Milk", "Bread", "Tea"), items(3)],
    [*add("Milk"), {"do": "reload"}, items(1)],
    [*add("Milk", "Bread"), TICK, OPEN, items(1)],
    [*add("Milk", "Bread"), TICK, press("Clear done"), items(1)],
    [
        *add("Milk", "Bread"),
        press("Sort"),
        {"do": "expect_text", "target": {"css": "#tasks li", "nth": 0}, "value": "Bread"},
    ],
    [*add("Milk"), press("Export"), {"do": "expect_download", "value": "tasks.json"}],
    [press("Add"), items(0)],
    [*add("Milk"), TICK, {"do": "expect_text", "target": {"css": "#count"}, "value": "0"}],
    [*add("Milk"), {"do": "resize", "width": 390}, {"do": "expect_text", "value": "Milk"}],
]


def verified() -> PageReport:
    """Verify the app once."""
    scenarios = [
        Scenario.model_validate({"id": f"s{number}", "requirement": "It works", "steps": steps})
        for number, steps in enumerate(SCENARIOS)
    ]
    checks = [PageCheck(check, Source.CHECK) for check in CHECKS]
    site = Site({"index.html": APP.encode()})
    return Browser(programs()).look(site, "tasks", checks, scenarios)


def main(rounds: int = ROUNDS) -> int:
    """Print the seconds; return 0 when the median is within the target and nothing was missed."""
    reports = [verified() for _ in range(rounds)]
    seconds = sorted(report.seconds for report in reports)
    whole = all(
        report.findings == []
        and report.passed == len(CHECKS)
        and sum(outcome.passed for outcome in report.outcomes) == len(SCENARIOS)
        and report.page.used_elements == report.page.usable_elements
        for report in reports
    )
    middle = median(seconds)
    used = reports[-1].page.used_elements
    print(f"| verification: {len(CHECKS)} checks, {len(SCENARIOS)} scenarios, {used} elements | |")
    print("| --- | ---: |")
    print(f"| seconds, median of {rounds} (target {TARGET:.0f}) | {middle:.1f} |")
    print(f"| seconds, least and most | {seconds[0]:.1f} to {seconds[-1]:.1f} |")
    print(f"| nothing missed, nothing wrongly found | {'yes' if whole else 'NO'} |")
    for report in reports:
        for finding in report.findings:
            print(finding, file=sys.stderr)
    return 0 if middle <= TARGET and whole else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
