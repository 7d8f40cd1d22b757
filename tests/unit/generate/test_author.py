"""Which files count as made by a build script, from reply to reply and from round to round."""

import pytest

from builder.contract.contract import Contract, sha256
from builder.generate.attempts import Attempt
from builder.generate.author import ModelAuthor
from builder.generate.build_script import BuildScripts
from builder.generate.prompts import Prompt
from builder.llm.messages import Reply
from builder.ports import Outcome
from builder.request import Request
from builder.rounds import NOTHING, Base, Round
from builder.site import Site
from tests.conftest import RequestOf

PAGE = '<file path="index.html">\n<!doctype html><p>3</p>\n</file>\n'
BUILD = "<build>\nwrite()\n</build>\n"
MADE = b'{"mm": 7}'
EDIT = """<edit path="rain.json">
<<<<<<< SEARCH
{"mm": 7}
=======
{"mm": 7.0}
>>>>>>> REPLACE
</edit>
"""


def author(
    request: Request, outcome: Outcome | None = None, base: Base = NOTHING
) -> tuple[ModelAuthor, Contract]:
    """Return an author whose build scripts write rain.json, unless they end otherwise."""
    contract = Contract.of(request)
    ended = outcome or Outcome({"rain.json": MADE})
    made = ModelAuthor(
        prompt=lambda contract: Prompt(request, base, contract),
        starter=lambda _: base.site,
        readme=lambda *_: "# Rain",
        scripts=lambda: BuildScripts(lambda *_: ended, lambda: 60.0),
    )
    return made, contract


def attempt(by: tuple[ModelAuthor, Contract], text: str, before: Attempt | None = None) -> Attempt:
    made, contract = by
    return made.attempt(Reply(text, "m", 1.0), before, contract)


def test_attempt__what_a_script_wrote(request_of: RequestOf) -> None:
    """It counts if the script ended well; what the reply itself brings does not."""
    assert attempt(author(request_of()), PAGE + BUILD).computed == {"rain.json": sha256(MADE)}
    assert attempt(author(request_of()), PAGE).computed == {}
    failed = Outcome({"rain.json": MADE}, error="it ended with 1")
    assert attempt(author(request_of(), failed), PAGE + BUILD).computed == {}


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (PAGE, MADE),
        (EDIT, b'{"mm": 7.0}'),
        (EDIT.replace("7.0", "8"), None),
        ('<file path="rain.json">\n{"mm": 8}\n</file>\n', None),
        ('<delete path="rain.json"/>\n', None),
    ],
    ids=["another file", "edit", "edit of a figure", "whole file", "deletion"],
)
def test_attempt__what_a_repair_leaves_of_it(
    request_of: RequestOf, text: str, content: bytes | None
) -> None:
    """An edit changes parts of what was made, but no figure; a whole file is a reply's own."""
    by = author(request_of())
    computed = {"rain.json": sha256(content)} if content else {}
    assert attempt(by, text, attempt(by, PAGE + BUILD)).computed == computed


def test_attempt__what_earlier_rounds_left(request_of: RequestOf) -> None:
    """A later round starts with the files of scripts of earlier ones that are as they were."""
    computed = {"rain.json": sha256(MADE), "gone.json": "00", "changed.json": "00"}
    past = Round.of(request_of(), computed=computed)
    base = Base(Site({"rain.json": MADE, "changed.json": b"{}"}), (past,))
    by = author(request_of(round=2), base=base)
    assert attempt(by, PAGE).computed == {"rain.json": sha256(MADE)}
