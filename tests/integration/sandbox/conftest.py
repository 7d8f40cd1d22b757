"""A sandbox, and scripts that tell what came of each of their tries."""

import json
from collections.abc import Callable

import pytest

from builder.sandbox.bubblewrap import Sandbox

TRY = """
import json, os, socket, subprocess, sys, time
told = {}
def attempt(name, act):
    try:
        told[name] = repr(act())
    except BaseException as error:
        told[name] = type(error).__name__
"""
TELL = "\nprint(json.dumps(told))\n"

Attack = Callable[..., dict[str, str]]


def attack_in(sandbox: Sandbox, script: str, **values: object) -> dict[str, str]:
    """Run a script between `TRY` and `TELL`; return what it tells of its tries."""
    head = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    outcome = sandbox.run(TRY + head + script + TELL, {"index.html": b"<p>"}, {}, 30)
    assert outcome.error is None, outcome
    told: dict[str, str] = json.loads(outcome.output.splitlines()[-1])
    return told


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    made = Sandbox()
    assert made.unavailable is None, "bubblewrap has to be installed: tools/setup.sh does it"
    return made


@pytest.fixture
def attack(sandbox: Sandbox) -> Attack:
    return lambda script, **values: attack_in(sandbox, script, **values)
