"""Labelled requests: what a contract has to say about each file, and how a contract is scored."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from builder.contract.contract import Contract
from builder.contract.reading import Reading
from builder.request import Request
from builder.rounds import Round

FOLDER = Path(__file__).parent
CASES: list[dict[str, Any]] = json.loads((FOLDER / "labelled_requests.json").read_text("utf-8"))
"""`names` holds the right verdict on each file, `a|b` where both are right. `json` holds values
that fit a file's shape and values that don't, `retired` the ids of earlier entries that change."""


class Labelled(NamedTuple):
    """A case as the product sees it."""

    request: Request
    rounds: tuple[Round, ...]


def labelled(case: Mapping[str, Any]) -> Labelled:
    """Return the request of a case and the rounds before it."""
    earlier = case.get("earlier", [])
    rounds = [_round(past, number) for number, past in enumerate(earlier, start=1)]
    return Labelled(_request(case, len(rounds) + 1), tuple(rounds))


def _round(case: Mapping[str, Any], number: int) -> Round:
    reading = Reading.model_validate(case["reading"]) if "reading" in case else None
    return Round.of(_request(case, number), reading)


def _request(case: Mapping[str, Any], number: int) -> Request:
    attachments = case.get("attachments", {})
    return Request.from_wire(
        {
            "email": "ada@example.com",
            "task": f"labelled-{case.get('id', '')}",
            "round": number,
            "nonce": "n",
            "evaluation_url": "https://example.com/evaluate",
            "brief": case["brief"],
            "checks": case.get("checks", []),
            "attachments": [
                {"name": name, "url": f"data:,{quote(text)}"} for name, text in attachments.items()
            ],
        }
    )


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


def outcome(label: str, said: str) -> str:
    """Return `right`, `wrong` (enforced against the label) or `missed` (nothing is enforced)."""
    accepted = set(label.split("|"))
    if accepted & {"withheld", "left out"}:
        accepted |= {"withheld", "left out", "unwanted"}
    if said in accepted:
        return "right"
    return "missed" if said == "none" else "wrong"


def score(verdicts: Mapping[str, Mapping[str, str]]) -> Counter[str]:
    """Count the outcomes of verdicts by case and name."""
    return Counter(
        outcome(label, verdicts[case["id"]][name])
        for case in CASES
        for name, label in case["names"].items()
    )
