"""The steps of a scenario that are about a file of the site: evaluated on its bytes."""

import hashlib
import json
from collections.abc import Callable, Mapping

from builder.contract.shapes import NotCompared, mismatches
from builder.files.formats import xml_fault
from builder.verify.scenarios.scenario import Outcome, Scenario, Step, Unmet

SHOWN = 160
MAX_BYTES = 5 * 1024 * 1024
"""Largest file that is parsed or counted."""

Files = Mapping[str, bytes]
Hashes = Mapping[str, str]
"""Names of attachments to the SHA-256 of their content, in hex."""


def probe(scenario: Scenario, files: Files, attached: Hashes) -> Outcome:
    """Return the outcome of the steps on files, up to the first that fails."""
    for number, step in enumerate(scenario.steps):
        try:
            if step.is_file_probe:
                PROBES[step.do](step, _content(step, files), attached)
        except NotCompared as why:
            seen = f"{step.file} not compared: {why}"
            return Outcome(id=scenario.id, passed=False, step=number, ran=False, seen=seen)
        except Unmet as unmet:
            return Outcome(
                id=scenario.id,
                passed=False,
                step=number,
                expected=f"{unmet.expected} in {step.file}",
                seen=unmet.seen[:SHOWN],
            )
    return Outcome(id=scenario.id, passed=True)


def _content(step: Step, files: Files) -> bytes:
    content = files.get(step.file or "")
    if content is None:
        raise Unmet("a file", "no such file")
    if len(content) > MAX_BYTES:
        raise Unmet(f"at most {MAX_BYTES:,} bytes", f"{len(content):,} bytes")
    return content


def _words(step: Step, content: bytes, _: Hashes) -> None:
    count = len(_text(content).split())
    step.require(step.allows(count), f"{step.amount} words", count)


def _json(step: Step, content: bytes, _: Hashes) -> None:
    try:
        json.loads(content)
    except (ValueError, RecursionError) as error:
        return step.require(False, "JSON", error)
    first = next(mismatches(content, step.json_schema or {}), None)
    where, fault = first or ("the value", "such JSON")
    return step.require(first is None, "JSON of the shape asked for", f"{where}: {fault}")


def _equals(step: Step, content: bytes, attached: Hashes) -> None:
    if step.value is not None:
        held = content.strip() == step.value.strip().encode()
        return step.require(held, repr(step.value), _text(content))
    name = step.attachment or step.file or ""
    expected = attached.get(name)
    seen = f"{len(content)} other bytes" if expected else f"no attachment {name}"
    held = hashlib.sha256(content).hexdigest() == expected
    return step.require(held, f"the bytes of the attachment {name}", seen)


def _contains(step: Step, content: bytes, _: Hashes) -> None:
    held = " ".join((step.value or "").split()) in " ".join(_text(content).split())
    step.require(held, repr(step.value), _text(content))


def _xml(step: Step, content: bytes, _: Hashes) -> None:
    fault = xml_fault(content)
    step.require(fault is None, "well-formed XML", fault or "well-formed XML")


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")


PROBES: dict[str, Callable[[Step, bytes, Hashes], None]] = {
    "expect_file_words": _words,
    "expect_file_json": _json,
    "expect_file_equals": _equals,
    "expect_file_contains": _contains,
    "expect_file_xml": _xml,
}
