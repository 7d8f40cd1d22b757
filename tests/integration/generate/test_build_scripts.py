"""Build scripts of replies, run for real: what they make is checked on the page and published."""

import json
from pathlib import Path
from typing import Any

import pytest

from builder.findings import Source
from builder.verdict import Verdict
from tests.integration.generate.conftest import Bench, sample
from tests.scripted_server import Scripted, ScriptedServer

ROWS = [{"day": number, "mm": number * 1.5} for number in range(1, 41)]
PAGE = """<file path="index.html">
<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Rain</title><h1>Rain</h1><p>Wettest: <span id="max"></span></p><script>
fetch("rain.json").then(got => got.json()).then(rain => {
  document.querySelector("#max").textContent = rain.max;
});
</script></html>
</file>
"""
SCRIPT = """<build>
import json, os
from pathlib import Path
import requests

first = json.loads(Path("../inputs/rain.json").read_text())
mm = [row["mm"] for row in first["rows"]]
while url := first["next"]:
    first = requests.get(url, headers={"User-Agent": os.environ["USER_AGENT"]}, timeout=9).json()
    mm += [row["mm"] for row in first["rows"]]
Path("rain.json").write_text(json.dumps({"max": max(mm), "days": len(mm)}))
print(len(mm), "days")
</build>
"""


@pytest.fixture
def wire(scripted_server: ScriptedServer) -> dict[str, Any]:
    """A request for figures from an address whose answer comes in two pages."""
    pages = [
        {"rows": ROWS[:25], "next": "http://rain.example/rain.json?page=2"},
        {"rows": ROWS[25:], "next": None},
    ]
    scripted_server.script = [Scripted(body=page) for page in pages]
    return sample("rainfall-2026.round1") | {
        "brief": "Show the wettest day's mm of http://rain.example/rain.json in #max.",
        "checks": ["js: document.querySelector('#max').textContent === '60'"],
        "attachments": [],
    }


READING = """```json
{"requirements": [{"kind": "from data", "path": "rain.json", "quote": "the wettest day's mm of",
  "source": "http://rain.example/rain.json", "statement": "The wettest day comes from the data."}]}
```"""
MADE_UP = '<file path="rain.json">\n{"max": 60, "days": 31}\n</file>\n'
SAYS = """```json
{"scenarios": [{"requirement": 2, "steps": [{"do": "expect_text", "value": "not be fetched"}]}]}
```"""


def hosts(server: ScriptedServer) -> str:
    return f"rain.example={server.url.partition('//')[2]}"


def test_generate__figures_from_an_address(
    bench: Bench, wire: dict[str, Any], scripted_server: ScriptedServer
) -> None:
    """The first page is shown to the model, the script fetches the rest, and the check holds."""
    assert bench.generate(wire, PAGE + SCRIPT, DATA_HOSTS=hosts(scripted_server)) == 0
    assert json.loads(bench.site["rain.json"]) == {"max": 60.0, "days": 40}
    assert [one.path for one in scripted_server.received] == ["/rain.json", "/rain.json?page=2"]
    assert {one.method for one in scripted_server.received} == {"GET"}
    assert bench.report.findings == []
    assert not [path for path in bench.site if path.endswith(".py")]
    assert bench.model is not None
    prompt = str(bench.model.requests[0])
    assert "rows: list of 25" in prompt
    assert "`../inputs/rain.json`" in prompt
    assert "40 days" in bench.printed


def test_generate__a_script_that_is_repaired(
    bench: Bench, wire: dict[str, Any], scripted_server: ScriptedServer
) -> None:
    """Its traceback is in the question that asks for the repair, and the second one is run."""
    broken = SCRIPT.replace('["mm"]', '["millimetres"]')
    answers = PAGE + broken, SCRIPT
    assert bench.generate(wire, *answers, DATA_HOSTS=hosts(scripted_server)) == 0
    assert json.loads(bench.site["rain.json"])["max"] == 60.0
    assert bench.report.findings == []
    assert bench.model is not None
    repair = bench.model.requests[1]["messages"][-1]["content"]
    assert "KeyError: 'millimetres'" in repair
    assert 'row["millimetres"]' in repair


def test_generate__a_script_that_is_not_repaired(
    blind: Bench, wire: dict[str, Any], scripted_server: ScriptedServer
) -> None:
    """The site is published without what it should have made, as failing, and says why."""
    broken = PAGE + SCRIPT.replace("import json", "import jsonn as json")
    code = blind.generate(wire, broken, DATA_HOSTS=hosts(scripted_server), REPAIRS="0")
    assert code == 0
    assert blind.report.verdict is Verdict.FAILING
    build = [one for one in blind.report.findings if one.source is Source.BUILD]
    assert ["ModuleNotFoundError" in one.seen for one in build] == [True]


def test_generate__attachments_are_inputs(bench: Bench) -> None:
    """A script reads an attachment's bytes, and cannot put others in its place."""
    script = """<build>
from pathlib import Path
rows = Path("../inputs/d.csv").read_bytes().decode("utf-8-sig").split()
Path("out.txt").write_text("|".join(rows))
Path("d.csv").write_text("another")
</build>"""
    wire = sample("rainfall-2026.round1") | {
        "brief": "Publish out.txt.",
        "checks": [],
        "attachments": [{"name": "d.csv", "url": "data:text/csv;base64,77u/YSxiCjEsMgo="}],
    }
    assert bench.generate(wire, PAGE.replace("rain.json", "out.txt") + script, REPAIRS="0") == 0
    assert bench.site["out.txt"] == b"a,b|1,2"
    assert bench.site["d.csv"] == b"\xef\xbb\xbfa,b\n1,2\n"
    assert [one.subject for one in bench.report.findings if one.source is Source.REPLY] == ["d.csv"]


def test_generate__no_sandbox(
    blind: Bench, wire: dict[str, Any], scripted_server: ScriptedServer, tmp_path: Path
) -> None:
    """Without bubblewrap no program is run and no address asked: prompt and verdict say so."""
    nothing = tmp_path / "bin"
    nothing.mkdir()
    code = blind.generate(
        wire, PAGE + SCRIPT, DATA_HOSTS=hosts(scripted_server), PATH=str(nothing), REPAIRS="0"
    )
    assert code == 0
    assert scripted_server.received == []
    assert "rain.json" not in blind.site
    report = blind.report
    assert any("no build script could be run: bubblewrap" in one for one in report.verdict_reasons)
    assert blind.model is not None
    prompt = str(blind.model.requests[0])
    assert "Nothing can be computed at build time here" in prompt
    assert "could not be fetched just now" in prompt


def test_generate__figures_that_are_made_up(
    bench: Bench, wire: dict[str, Any], scripted_server: ScriptedServer
) -> None:
    """They hold every check and are repaired all the same: the next reply brings a build script."""
    answers = PAGE + MADE_UP, SCRIPT
    hosted = hosts(scripted_server)
    assert bench.generate(wire, *answers, reading=READING, DATA_HOSTS=hosted) == 0
    assert json.loads(bench.site["rain.json"]) == {"max": 60.0, "days": 40}
    assert bench.report.findings == []
    assert bench.report.computed.keys() == {"rain.json"}
    assert bench.model is not None
    repair = bench.model.requests[1]["messages"][-1]["content"]
    assert "the figures of `rain.json` come from http://rain.example/rain.json" in repair
    assert "seen: no build script wrote it" in repair


def test_generate__figures_that_stay_made_up(
    bench: Bench, wire: dict[str, Any], scripted_server: ScriptedServer
) -> None:
    """The site is published as failing, and the verdict names the file and the source."""
    answer, hosted = PAGE + MADE_UP, hosts(scripted_server)
    assert bench.generate(wire, answer, reading=READING, DATA_HOSTS=hosted, REPAIRS="0") == 0
    assert bench.report.verdict is Verdict.FAILING
    assert (
        "data rain.json: expected figures computed from http://rain.example/rain.json"
        in (bench.report.verdict_reasons[0])
    )


@pytest.mark.parametrize("says", [False, True])
def test_generate__data_out_of_reach(
    bench: Bench, wire: dict[str, Any], scripted_server: ScriptedServer, *, says: bool
) -> None:
    """The tester tries whether the page says so: figures without such words fail, and with them
    the verdict still names the address."""
    scripted_server.script = [Scripted(503, body={"error": "down"})]
    words = "http://rain.example/rain.json could not be fetched." if says else "Wettest: 60"
    page = f"{PAGE.partition('<p>')[0]}<p>{words}</p></html>\n</file>\n"
    wire["checks"] = []
    wire["brief"] += " Say what is missing."
    reading = READING.replace('{"kind"', '{"kind": "content", "quote": "what is missing"}, {"kind"')
    more = {"reading": reading, "scenarios": SAYS, "DATA_HOSTS": hosts(scripted_server)}
    assert bench.generate(wire, page, REPAIRS="0", **more) == 0
    report, told = bench.report, "data that could not be fetched: http://rain.example/rain.json"
    assert any(one.startswith(told) for one in report.verdict_reasons)
    [asked] = [one for one in report.requirements if "says visibly" in one.requirement]
    assert asked.state == ("held" if says else "failed")
    assert report.verdict is (Verdict.PARTLY_VERIFIED if says else Verdict.FAILING)
