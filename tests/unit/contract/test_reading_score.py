"""The score of a model's readings on labelled requests.

The replies were given by models that saw nothing but the product's prompts; they are recorded word
for word. Of a labelled request `names` holds the right verdict on each file, `a|b` where both are
right; `data` which file has figures from which source, `data_too` where that may be said as well;
`json` holds values that fit a file's shape and values that don't, `retired` the ids of
earlier entries that change.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from builder.contract.contract import Contract
from builder.contract.reader import read_request
from builder.contract.reading import Reading
from builder.contract.shapes import mismatches
from builder.errors import NoModelAnswered
from builder.llm.messages import Reply
from builder.request import Request
from builder.rounds import Round

Case = Mapping[str, Any]
FOLDER = Path(__file__).parent
CASES: list[Case] = json.loads((FOLDER / "labelled_requests.json").read_text("utf-8"))
REPLIES: dict[str, str] = json.loads((FOLDER / "recorded_replies.json").read_text("utf-8"))
LEFT_OUT = {"withheld", "left out", "unwanted"}


def labelled(case: Case) -> tuple[Request, list[Round]]:
    """Return the request of a case and the rounds before it."""
    earlier = [_round(past, number) for number, past in enumerate(case.get("earlier", []), 1)]
    return _request(case, len(earlier) + 1), earlier


def _round(case: Case, number: int) -> Round:
    reading = Reading.model_validate(case["reading"]) if "reading" in case else None
    return Round.of(_request(case, number), reading)


def _request(case: Case, number: int) -> Request:
    files = case.get("attachments", {}).items()
    wire = {
        "email": "ada@example.com",
        "task": f"labelled-{case.get('id', '')}",
        "round": number,
        "nonce": "n",
        "evaluation_url": "https://example.com/evaluate",
        "brief": case["brief"],
        "checks": case.get("checks", []),
        "attachments": [{"name": name, "url": f"data:,{quote(text)}"} for name, text in files],
    }
    return Request.from_wire(wire)


def _reading(case: Case) -> Reading:
    """Return what the recorded reply of a case says; there is none to a second question."""
    replies = iter([REPLIES[case["id"]]])

    def ask(_: object, __: float) -> Reply:
        for text in replies:
            return Reply(text, model="recorded", seconds=1)
        raise NoModelAnswered([("recorded", "no second reply")])

    reading = read_request(*labelled(case), ask, 60)
    assert reading is not None, "the reply cannot be read"
    return reading


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    return {case["id"]: _reading(case) for case in CASES}


@pytest.fixture(scope="module")
def contracts(readings: Mapping[str, Reading]) -> dict[str, Contract]:
    return {case["id"]: Contract.of(*labelled(case), readings[case["id"]]) for case in CASES}


def verdict(contract: Contract, name: str) -> str:
    """Return what a contract enforces on a file, in the words of the labels."""
    if name in contract.withheld:
        return "withheld"
    if contract.forbids(name):
        return "unwanted"
    if name in contract.replaceable:
        return "changed"
    if name in contract.verbatim:
        return "as it is"
    if name in contract.made_by_workflow:
        return "made by a workflow"
    return "wanted" if any(rule.path == name for rule in contract.required) else "none"


def accepted(label: str) -> set[str]:
    """Return the verdicts that are right."""
    right = set(label.split("|"))
    return right | LEFT_OUT if right & {"withheld", "left out"} else right


def test_score__of_the_model(contracts: Mapping[str, Contract]) -> None:
    """The reading is right on every file."""
    labels = [(case["id"], *label) for case in CASES for label in case["names"].items()]
    said = {(case, name): verdict(contracts[case], name) for case, name, _ in labels}
    wrong = [one for one in labels if said[one[:2]] not in accepted(one[2])]
    assert (wrong, len(labels)) == ([], 124)


def test_score__of_json_shapes(contracts: Mapping[str, Contract]) -> None:
    """Values that fit the request are accepted, others are refused."""
    fits = [fit for case in CASES for fit in _fits(case, contracts[case["id"]])]
    assert [(right, fit) for right, fit in fits if right is not fit] == []
    assert len(fits) >= 8


def _fits(case: Case, contract: Contract) -> Iterator[tuple[bool, bool]]:
    """Yield of each value whether it should fit its file, and whether it does."""
    shapes = {shape.path: shape.schema for shape in contract.json_shapes}
    for path, values in case.get("json", {}).items():
        for value in (*values["valid"], *values["invalid"]):
            faults = mismatches(json.dumps(value).encode(), shapes.get(path, {}))
            yield value in values["valid"], not any(faults)


def test_score__of_changes(readings: Mapping[str, Reading]) -> None:
    """What a later round changes is named, what it only adds to is not."""
    labels = {case["id"]: set(case["retired"]) for case in CASES if "retired" in case}
    said = {name: {change.earlier for change in readings[name].changes} for name in labels}
    assert said == labels


def test_score__of_figures_from_data(contracts: Mapping[str, Contract]) -> None:
    """Where figures have to come from is named; links, own figures and shown files are not."""
    labels = {case["id"]: set(case["data"]) for case in CASES if "data" in case}
    may = {case["id"]: set(case.get("data_too", [])) for case in CASES}
    rules = {name: contracts[name].from_data for name in labels}
    said = {name: {f"{rule.path} {rule.source}" for rule in rules[name]} for name in labels}
    assert {name: said[name] - may[name] for name in labels} == labels
