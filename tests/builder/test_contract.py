"""The delivery contract, read from briefs and checks."""

from typing import Any

import pytest

from builder.brief.attachment_wording import asks_to_change
from builder.brief.contract import Contract, Rule, sha256
from builder.request import Request
from builder.rounds import Round
from tests.conftest import RequestOf

NOTE = {"name": "note.txt", "url": "data:text/plain,hello"}


def _certain(rules: tuple[Rule, ...]) -> dict[str, bool]:
    return {rule.path: rule.certain for rule in rules}


def _next_round(first: Request, second: Request) -> Contract:
    return Contract.of(second, [Round.of(first)])


def test_contract__of_a_bare_brief(request_of: RequestOf) -> None:
    """A page, a README and a licence are always delivered."""
    contract = Contract.of(request_of(brief="Show the rain."))
    assert _certain(contract.required) == {"index.html": True, "README.md": True, "LICENSE": True}
    assert contract.forbidden == ()


def test_contract__lists_files_with_their_evidence(request_of: RequestOf) -> None:
    """A list item is plain, a mention is a guess, and each shows its wording."""
    contract = Contract.of(
        request_of(
            brief="- poem.txt: three lines\n\nIt may use theme.css.", checks=["x.csv exists"]
        )
    )
    rules = {rule.path: rule for rule in contract.required}
    assert (rules["poem.txt"].certain, rules["poem.txt"].evidence) == (
        True,
        "poem.txt: three lines",
    )
    assert not rules["theme.css"].certain
    assert rules["x.csv"].evidence == "x.csv exists"


def test_contract__spells_our_files_as_they_are_delivered(request_of: RequestOf) -> None:
    """However a brief writes README and licence, they are the ones that are always there."""
    contract = Contract.of(request_of(brief="Create readme.md, License and README."))
    assert [rule.path for rule in contract.required] == ["index.html", "README.md", "LICENSE"]


def test_contract__forbids_what_must_not_be_committed(request_of: RequestOf) -> None:
    """Plain wording forbids a file."""
    contract = Contract.of(request_of(brief="Do not commit .env.", checks=["a.key.pem is absent"]))
    assert _certain(contract.forbidden) == {".env": True, "a.key.pem": True}
    assert contract.forbids(".env")
    assert not contract.forbids("index.html")


def test_contract__of_wording_at_odds(request_of: RequestOf) -> None:
    """A file that is plainly wanted and plainly forbidden is a guess either way."""
    contract = Contract.of(request_of(brief="Create old.html.", checks=["old.html does not exist"]))
    assert _certain(contract.required)["old.html"] is False
    assert not contract.forbids("old.html")


def test_contract__later_round_overrules_an_earlier_one(request_of: RequestOf) -> None:
    """What round 2 removes is no longer wanted, all else of round 1 still is."""
    first = request_of(brief="Create old.html and stay.html.")
    contract = _next_round(first, request_of(round=2, brief="Remove old.html. Improve stay.html."))
    assert contract.forbids("old.html")
    assert _certain(contract.required)["stay.html"] is True


@pytest.mark.parametrize(
    ("brief", "check"),
    [
        ("Replace a.md with a.txt and delete a.md.", "a.txt exists"),
        ("Rename a.md to b/a.md.", "js: (await fetch('b/a.md')).ok"),
        ("Improve it.", "a.md is gone (404)"),
        ("Improve it.", "js: (await fetch('a.md')).status === 404"),
        ("Improve it.", "a.md at the root no longer exists"),
    ],
)
def test_contract__of_a_file_that_a_later_round_deletes(
    request_of: RequestOf, brief: str, check: str
) -> None:
    """A deletion in a later brief or check outweighs what an earlier round required."""
    first = request_of(brief="- a.md: a poem", checks=["a.md has three lines"])
    contract = _next_round(first, request_of(round=2, brief=brief, checks=[check]))
    assert contract.forbids("a.md")
    assert "a.md" not in _certain(contract.required)


def test_contract__of_a_file_that_a_later_round_may_delete(request_of: RequestOf) -> None:
    """A hint that a file goes, or wording at odds, makes its absence no failure."""
    for brief in ("It must work without a.md.", "Delete a.md. Include a.md."):
        second = request_of(round=2, brief=brief, checks=["The page is blue"])
        contract = _next_round(request_of(brief="Create a.md."), second)
        assert _certain(contract.required)["a.md"] is False
        assert not contract.forbids("a.md")


def test_contract__forbids_folders_and_globs(request_of: RequestOf) -> None:
    """A banned folder covers what is in it, a glob each name that fits, wherever they lie."""
    contract = Contract.of(
        request_of(brief="Must not commit node_modules/, docs/*.tmp or any *.log file.")
    )
    for path in (
        "node_modules/a/b.js",
        "x/node_modules/a.js",
        "debug.log",
        "a/b.log",
        "docs/a.tmp",
    ):
        assert contract.forbids(path)
    for path in ("node_modules.md", "my_node_modules/a.js", "log", "a.logs", "a.tmp", "index.html"):
        assert not contract.forbids(path)


def test_contract__wants_a_named_file_in_a_forbidden_group(request_of: RequestOf) -> None:
    """A file that is plainly asked for by name is in no group, nor are README and licence."""
    contract = Contract.of(request_of(brief="Publish dist/app.js. Do not commit dist/ or *.md."))
    assert not contract.forbids("dist/app.js")
    assert not contract.forbids("README.md")
    assert contract.forbids("dist/b.js")


def test_contract__always_has_readme_and_licence(request_of: RequestOf) -> None:
    """A ban on a file that is always delivered is a guess."""
    contract = Contract.of(request_of(brief="Do not commit a LICENSE or README.md."))
    assert _certain(contract.forbidden) == {"LICENSE": False, "README.md": False}


def test_contract__passes_over_later_rounds(request_of: RequestOf) -> None:
    """A round that is sent again is not bound by what came after it."""
    later = Round.of(request_of(round=2, brief="Create b.html."))
    contract = Contract.of(request_of(round=1, brief="Create a.html."), [later])
    assert "b.html" not in _certain(contract.required)


def test_contract__keeps_attachments_as_they_came(request_of: RequestOf) -> None:
    """Attachments of all rounds are wanted byte for byte, the latest of each name."""
    newer = {"name": "note.txt", "url": "data:text/plain,bye"}
    first = request_of(attachments=[NOTE, {"name": "a.csv", "url": "data:text/csv,x"}])
    contract = _next_round(first, request_of(round=2, attachments=[newer]))
    assert contract.verbatim == {"note.txt": sha256(b"bye"), "a.csv": sha256(b"x")}
    assert _certain(contract.required)["a.csv"] is True


def test_contract__frees_an_attachment_that_is_to_be_changed(request_of: RequestOf) -> None:
    """An attachment that the brief asks to change may be replaced, also by a later brief."""
    now = Contract.of(request_of(brief="Fix the typos in note.txt.", attachments=[NOTE]))
    later = _next_round(
        request_of(attachments=[NOTE]), request_of(round=2, brief="Translate note.txt.")
    )
    for contract in (now, later):
        assert contract.replaceable == {"note.txt"}
        assert contract.verbatim == {}


def test_contract__does_not_want_a_forbidden_attachment(request_of: RequestOf) -> None:
    """An attachment that must not be committed is wanted no more."""
    contract = Contract.of(request_of(brief="Do not commit note.txt.", attachments=[NOTE]))
    assert contract.verbatim == {}
    assert "note.txt" not in _certain(contract.required)


@pytest.mark.parametrize(
    "fields",
    [
        {"brief": "Count the lines of the attached note.txt. Do not publish it."},
        {"brief": "Show note.txt's length.", "checks": ["note.txt must stay private"]},
        {"brief": "The page needs note.txt. The file note.txt is confidential."},
        {"brief": "Fix the typos in note.txt. Never expose note.txt."},
    ],
)
def test_contract__keeps_a_confidential_attachment_out(
    request_of: RequestOf, fields: dict[str, Any]
) -> None:
    """An attachment that is confidential is forbidden, whatever else is said of it."""
    contract = Contract.of(request_of(**fields, attachments=[NOTE]))
    assert contract.forbids("note.txt")
    assert "note.txt" not in {*_certain(contract.required), *contract.verbatim}
    assert contract.replaceable == frozenset()


def test_contract__confidential_until_a_later_round(request_of: RequestOf) -> None:
    """A later brief may hide an attachment of an earlier round, or plainly publish it."""
    shown = request_of(attachments=[NOTE])
    hidden = request_of(brief="Do not publish the attached note.txt.", attachments=[NOTE])
    assert _next_round(shown, request_of(round=2, brief="note.txt must not be public.")).forbids(
        "note.txt"
    )
    assert _next_round(hidden, request_of(round=2, brief="Improve the page.")).forbids("note.txt")
    published = _next_round(hidden, request_of(round=2, brief="Publish note.txt now."))
    assert published.verbatim == {"note.txt": sha256(b"hello")}


def test_contract__knows_element_ids(request_of: RequestOf) -> None:
    """Ids come from prose and from the selectors of checks; colours are none."""
    contract = Contract.of(
        request_of(
            brief="Show the sum in #total on #fff000.",
            checks=[{"js": "document.querySelector('#list li')"}, "#status says ready"],
        )
    )
    assert contract.element_ids == ("total", "status", "list")


def test_contract__reads_json_shapes(request_of: RequestOf) -> None:
    """Fields in braces belong to the JSON file named before them."""
    contract = Contract.of(
        request_of(
            brief="- a.txt: {not: json}\n- b.json: fill in {open: str, days: [int]}",
            checks=["b.json has guests as a number"],
        )
    )
    assert [(rule.path, rule.shape) for rule in contract.json_rules] == [
        ("b.json", {"open": "string", "days": ["integer"]}),
        ("b.json", {"guests": "number"}),
    ]


@pytest.mark.parametrize(
    ("brief", "paths"),
    [
        ("Add `.github/workflows/ci.yml` that runs.", {".github/workflows/ci.yml"}),
        ("Add a GitHub Action that runs the tests.", set()),
        ("Do not commit .github/workflows/ci.yml.", set()),
        ("See https://github.com/a/b/.github/workflows/x.yml", set()),
    ],
)
def test_contract__takes_workflows_by_exact_path(
    request_of: RequestOf, brief: str, paths: set[str]
) -> None:
    """A workflow is allowed only where its path is named."""
    assert Contract.of(request_of(brief=brief)).workflow_paths == paths


@pytest.mark.parametrize(
    ("brief", "is_asked"),
    [
        ("Fix the typos in d.csv and publish it", True),
        ("Update d.csv with the new rows", True),
        ("Translate d.csv into French", True),
        ("Add a row for Oslo to d.csv", True),
        ("Fill in the attached `d.csv`", True),
        ("Improve the attached page d.csv", True),
        ("Translate d.csv into d.fr.csv", False),
        ("Update the page to read d.csv", False),
        ("Update the chart from d.csv", False),
        ("Update the total whenever d.csv changes", False),
        ("Add a link to d.csv", False),
        ("Show the change in d.csv", False),
        ("Replace d.csv by the new attachment", False),
        ("Fix d.csv but keep the original d.csv unchanged", False),
        ("d.csv: publish the attachment as it is", False),
    ],
)
def test_asks_to_change__reads_wording(brief: str, is_asked: bool) -> None:
    """Only an order that has the file for its object changes it."""
    assert asks_to_change("d.csv", brief) is is_asked
