"""GitHub Actions workflow files: whether GitHub would take them."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from builder.site import WORKFLOWS

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

DEPLOYMENT = "actions/deploy-pages"
_NEEDED = {"pages": "write", "id-token": "write"}
"""Permissions of a job that deploys (README of actions/deploy-pages)."""
_MESSAGES = 3
_SHOWN = 200


class _Yaml(yaml.SafeLoader):
    """YAML 1.2's booleans: `on` is a name."""


_Yaml.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"])


def is_workflow(path: str) -> bool:
    """Return whether GitHub looks for a workflow in a file of that path."""
    return path.startswith(WORKFLOWS) and path.endswith((".yml", ".yaml"))


def faults(text: str) -> Iterator[tuple[bool, str]]:
    """Yield what is wrong with a workflow: whether it would certainly fail, and what was seen."""
    try:
        # An alias is as large as what it refers to: a small text may become a huge one.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, _Yaml)):
            yield False, "YAML aliases: the workflow was not checked"
            return
        root = yaml.load(text, _Yaml)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        yield True, f"no YAML: {' '.join(str(error).split())}"
        return
    broken = [*_misfits(root)]
    yield from ((True, fault) for fault in broken)
    if not broken and isinstance(root, dict):
        yield from ((True, fault) for fault in _inconsistent(root))


def _misfits(root: Any) -> Iterator[str]:
    """Yield where a workflow does not fit the schema of workflows."""
    from jsonschema.exceptions import best_match

    for error in [*_schema().iter_errors(root)][:_MESSAGES]:
        deepest = best_match([error]) or error
        inner = sorted({one.message for one in deepest.context or ()}, key=len)
        reasons = "; ".join([*inner[:_MESSAGES]] or [deepest.message])
        at = deepest.instance
        keys = f" (it has {', '.join(map(str, at))})" if isinstance(at, dict) else ""
        yield f"{deepest.json_path.removeprefix('$.')}: {reasons[:_SHOWN]}{keys[:_SHOWN]}"


def _inconsistent(root: dict[str, Any]) -> Iterator[str]:
    """Yield the mistakes that no schema finds."""
    jobs: dict[str, Any] = root["jobs"]
    for name, job in jobs.items():
        needs = job.get("needs") or []
        for other in [needs] if isinstance(needs, str) else needs:
            if other not in jobs:
                yield f"jobs.{name}.needs: there is no job {other}"
        rights = job.get("permissions", root.get("permissions")) or {}
        used = " ".join(str(step.get("uses")) for step in job.get("steps", ()))
        granted = isinstance(rights, dict) and _NEEDED.items() <= rights.items()
        if DEPLOYMENT in used and not granted and rights != "write-all":
            yield f"jobs.{name}: {DEPLOYMENT} needs permissions pages: write and id-token: write"


@cache
def _schema() -> "Draft7Validator":
    # Imported late: few apps have a workflow.
    from jsonschema import Draft7Validator

    schema = files("check_jsonschema") / "builtin_schemas/vendor/github-workflows.json"
    return Draft7Validator(json.loads(schema.read_bytes()))
