"""What a model's reply has to look like to count, and what happens to the rest of it."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.contract.reading import MAX_ENTRIES, Kind, Reading, Requirement

BRIEF = "Write about.html.\nKeep  prices.csv “secret”, please. 两页"
ENTRY = {"kind": "file wanted", "path": "about.html", "quote": "Write about.html", "statement": "s"}


def _parse(*entries: object, around: str = "{}") -> tuple[list[Requirement], list[str]]:
    reply = around.replace("{}", json.dumps({"requirements": entries}))
    reading, wrong = Reading.parse(reply, [BRIEF])
    return list(reading.requirements) if reading else [], wrong


@pytest.mark.parametrize(
    "around",
    [
        '\ufeffSure! {"kind"} [1] {"a": {"b": 1}} ```json\n{}\n``` Anything else? }}}```',
        '<think>maybe {"requirements": []}</think>\n{}',
    ],
)
def test_parse__junk_around_the_json(around: str) -> None:
    """The last JSON object with requirements counts, whatever stands around it."""
    [entry], wrong = _parse(ENTRY, around=around)
    assert (entry.kind, entry.path, wrong) == (Kind.FILE_WANTED, "about.html", [])


def test_parse__quotes_that_count() -> None:
    """White space and quotation marks may differ; a word of another script is short."""
    quotes = ["about.html.  Keep\nprices.csv", 'prices.csv "secret"', "prices.csv “secret”", "两页"]
    entries, wrong = _parse(*({**ENTRY, "quote": quote} for quote in quotes))
    assert ([entry.quote for entry in entries], wrong) == (quotes, [])


def test_parse__entry_without_a_quote_does_not_count() -> None:
    """An entry whose words are not in the request is left out and told; the others count."""
    for quote in ("Write a page about us", "", " ", "e", "about.html is wanted", "x" * 100_000):
        entries, wrong = _parse(ENTRY, {**ENTRY, "quote": quote})
        assert [entry.quote for entry in entries] == ["Write about.html"]
        assert "requirements[1].quote" in wrong[0]
        assert len(wrong[0]) < 200


WRONG: list[dict[str, Any]] = [
    *({"path": path} for path in (None, "../a.html", ".builder/a.json", "*.html", "pages/", 3)),
    {"kind": "file maybe"},
    {"quote": None},
    {"kind": "JSON shape"},
    {"kind": "JSON shape", "json_schema": "array"},
    {"kind": "JSON shape", "json_schema": {"required": "name"}},
    {"kind": "made by a workflow", "path": "data/*.json"},
    {"kind": "from data"},
    {"kind": "from data", "source": "d.csv", "path": None},
]


def test_parse__entry_that_does_not_validate() -> None:
    """An entry with a wrong kind, path or schema is left out and told; the others count."""
    for change in WRONG:
        entries, wrong = _parse({**ENTRY, **change}, ENTRY)
        assert len(entries) == 1, change
        assert wrong[0].startswith("requirements[0]."), change


SPELLINGS: list[tuple[dict[str, Any], Kind, str | None]] = [
    ({"path": "./readme.md"}, Kind.FILE_WANTED, "README.md"),
    ({"path": "Licence"}, Kind.FILE_WANTED, "LICENSE"),
    ({"path": ".github/workflows/"}, Kind.FILE_WANTED, ".github/workflows/"),
    ({"kind": "file not wanted", "path": "dist/"}, Kind.FILE_NOT_WANTED, "dist/"),
    ({"kind": "file not wanted", "path": "*.log"}, Kind.FILE_NOT_WANTED, "*.log"),
    ({"kind": "behaviour", "path": None}, Kind.BEHAVIOUR, None),
    ({"kind": "from data", "source": "d.csv"}, Kind.FROM_DATA, "about.html"),
    ({"confidence": 0.9}, Kind.FILE_WANTED, "about.html"),
]


def test_parse__spellings_that_are_taken() -> None:
    """Paths are brought into one spelling; unknown fields are passed over."""
    for change, kind, path in SPELLINGS:
        [entry], wrong = _parse({**ENTRY, **change})
        assert (entry.kind, entry.path, wrong) == (kind, path, [])


NESTED = '{"kind": "content", "json_schema": ' + '{"a": ' * 300 + "1" + "}" * 301


NO_READING: list[str] = [
    "",
    "I cannot do that.",
    '{"requirements": [',
    "[]",
    "{}",
    '{"files": []}',
    "{" * 100_000,
    '{"requirements": ' * 3_000,
    "[" * 100_000 + '{"requirements": "x"',
    f'{{"requirements": [{NESTED}]}}',
]


def test_parse__reply_without_a_reading() -> None:
    """A reply without such JSON, or with JSON that is nested too deeply to be stored, is no
    reading, and is told so, in no time."""
    for reply in NO_READING:
        start = time.process_time()
        reading, wrong = Reading.parse(reply, [BRIEF])
        assert time.process_time() - start < 0.5
        assert reading is None
        assert wrong


def test_parse__ten_thousand_entries() -> None:
    """Of more entries than any request has, the first are read."""
    entries, wrong = _parse(*[ENTRY] * 10_000)
    assert (len(entries), wrong) == (MAX_ENTRIES, [])


def test_parse__requirements_of_another_type() -> None:
    """A reading whose list holds no entry is empty, and its faults are told."""
    lists: list[object] = ["x", {"a": 1}, [[]], [None], 3]
    for listed in lists:
        reading, wrong = Reading.parse(json.dumps({"requirements": listed}), [BRIEF])
        assert reading == Reading()
        assert wrong


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from([*ENTRY.values()]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ENTRY]), inner),
)


@given(VALUES, VALUES)
def test_parse__any_json(requirements: object, changes: object) -> None:
    """Whatever JSON a model answers with, what counts of it is sound, and nothing is raised."""
    reply = json.dumps({"requirements": requirements, "changes": changes})
    reading, _ = Reading.parse(reply, [BRIEF])
    assert reading is not None
    assert Reading.model_validate_json(reading.model_dump_json()) == reading


def test_parse__changes_of_earlier_rounds() -> None:
    """A change names an earlier entry by its id; another id is told."""
    changes = [{"quote": "Write about.html", "earlier": one} for one in ("r1.2", "c1.1", "2")]
    reading, wrong = Reading.parse(json.dumps({"requirements": [], "changes": changes}), [BRIEF])
    assert reading is not None
    assert [change.earlier for change in reading.changes] == ["r1.2", "c1.1"]
    assert len(wrong) == 1
