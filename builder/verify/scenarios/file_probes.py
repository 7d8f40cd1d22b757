"""The steps of a scenario that look at a file of the site: evaluated on its bytes."""

import json
from collections.abc import Callable, Mapping
from xml.parsers import expat

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from builder.verify.scenarios.scenario import Action, Outcome, Scenario, Step

SHOWN = 160
MAX_BYTES = 5 * 1024 * 1024
"""Largest file that is parsed or counted."""

Files = Mapping[str, bytes]


def probe(scenario: Scenario, files: Files, attachments: Files) -> Outcome:
    """Return how the steps on files came out, up to the first that fails."""
    for number, step in enumerate(scenario.steps):
        failure = _failure(step, files, attachments) if step.do.is_file_probe else None
        if failure:
            return Outcome(
                id=scenario.id, passed=False, step=number, expected=failure[0], seen=failure[1]
            )
    return Outcome(id=scenario.id, passed=True)


def _failure(step: Step, files: Files, attachments: Files) -> tuple[str, str] | None:
    """Return what was expected and seen where the step does not hold."""
    content = files.get(step.file or "")
    if content is None:
        return f"the file {step.file}", "no such file"
    if len(content) > MAX_BYTES:
        return f"{step.file} small enough to look at", f"{len(content):,} bytes"
    held, expected, seen = PROBES[step.do](step, content, attachments)
    if held is not step.negate:
        return None
    return f"{'not ' if step.negate else ''}{expected} in {step.file}", seen[:SHOWN]


Result = tuple[bool, str, str]
"""Whether it holds, what was expected, what was seen."""


def _words(step: Step, content: bytes, _: Files) -> Result:
    count = len(_text(content).split())
    least = step.at_least if step.count is None else step.count
    most = step.at_most if step.count is None else step.count
    held = (least is None or count >= least) and (most is None or count <= most)
    return held, f"{least or 0} to {'any number of' if most is None else most} words", f"{count}"


def _json(step: Step, content: bytes, _: Files) -> Result:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        return False, "JSON", str(error)
    try:
        faults = Draft202012Validator(step.json_schema or {}).iter_errors(value)
        first = next(faults, None)
    except (SchemaError, ValueError, KeyError, TypeError, AttributeError) as error:
        return not step.negate, "JSON", f"a schema that cannot be used: {type(error).__name__}"
    return first is None, "JSON of the shape asked for", first.message if first else "such JSON"


def _equals(step: Step, content: bytes, attachments: Files) -> Result:
    if step.value is not None:
        return content.strip() == step.value.strip().encode(), repr(step.value), _text(content)
    name = step.attachment or step.file or ""
    expected = attachments.get(name)
    seen = f"{len(content)} bytes" if expected is not None else f"no attachment {name}"
    return content == expected, f"the bytes of the attachment {name}", seen


def _contains(step: Step, content: bytes, _: Files) -> Result:
    held = " ".join((step.value or "").split()) in " ".join(_text(content).split())
    return held, repr(step.value), _text(content)


def _xml(_: Step, content: bytes, __: Files) -> Result:
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, EntitiesRefused) as error:
        return False, "well-formed XML", str(error) or "entity declarations"
    return True, "well-formed XML", "well-formed XML"


class EntitiesRefused(Exception):
    """A document that declares entities: a few lines of them expand to gigabytes."""


def _refuse_entities(*_: object) -> None:
    raise EntitiesRefused


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")


PROBES: dict[Action, Callable[[Step, bytes, Files], Result]] = {
    Action.EXPECT_FILE_WORDS: _words,
    Action.EXPECT_FILE_JSON: _json,
    Action.EXPECT_FILE_EQUALS: _equals,
    Action.EXPECT_FILE_CONTAINS: _contains,
    Action.EXPECT_FILE_XML: _xml,
}
