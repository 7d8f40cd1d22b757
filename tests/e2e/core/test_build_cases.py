"""build.yml under act: requests for real data and real code, answered by recorded models."""

import csv
import io
import json
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from builder.findings import failures
from builder.site import Site
from tests.build_cases import CASES, SENSORS, STATIONS, DataServer, data_server
from tests.e2e.conftest import Chain, Finished, StartChain


def played(start_chain: StartChain, name: str) -> tuple[Chain, Finished, DataServer]:
    """Play what is recorded for a case; its data server is up until the run is over."""
    case = CASES[name]
    with data_server() as server:
        chain = start_chain(case.model, DATA_HOSTS=server.hosts, BROWSER_SECONDS="120")
        finished = chain.run(case.request)
    assert finished.callback["status"] == "success"
    assert finished.callback["pages_status"] == "live"
    assert failures(finished.report.findings) == []
    assert sum(step.name == "build script" for step in finished.report.steps) >= 1
    return chain, finished, server


def published(finished: Finished, path: str) -> bytes:
    """Return a file as Pages serves it."""
    answer = httpx.get(finished.callback["pages_url"] + path)
    assert answer.status_code == 200
    return answer.content


def cloned(told: Mapping[str, Any], folder: Path) -> Site:
    """Return the files of the app's repository."""
    subprocess.run(["git", "clone", "-q", told["repo_url"], folder / "app"], check=True)
    return Site.read(folder / "app")


def test_build_case__figures_from_several_pages(start_chain: StartChain) -> None:
    """The coldest and the warmest of all stations are published, from every page of the service."""
    _, finished, server = played(start_chain, "station-extremes")
    told = json.loads(published(finished, "extremes.json"))
    by_temperature = sorted(STATIONS, key=lambda one: float(one["temperature"]))
    for name, station in (("min", by_temperature[0]), ("max", by_temperature[-1])):
        assert told[name] == {**station, "temperature": float(station["temperature"])}
    assert told["stations"] == len(STATIONS)
    assert {line for line, _ in server.heard} >= {
        f"GET /v1/stations{query}" for query in ("", "?cursor=c50", "?cursor=c100")
    }


def test_build_case__script_repaired_by_its_traceback(start_chain: StartChain) -> None:
    """The last page has another shape: the first script fails on it, the second one counts all."""
    _, finished, _ = played(start_chain, "sensor-report")
    is_repaired_by_traceback(finished)
    rooms: dict[str, list[int]] = defaultdict(list)
    for sensor in SENSORS:
        rooms[str(sensor["room"])].append(int(str(sensor["ppm"])))
    rows = [*csv.reader(io.StringIO(published(finished, "rooms.csv").decode()))]
    assert rows[0] == ["room", "sensors", "mean_ppm", "max_ppm"]
    assert [(row[0], int(row[1]), float(row[2]), int(row[3])) for row in rows[1:]] == [
        (room, len(all_), round(sum(all_) / len(all_), 1), max(all_))
        for room, all_ in sorted(rooms.items())
    ]


def test_build_case__workbook_as_csv(start_chain: StartChain) -> None:
    """Each cell of the sheet is in the CSV, value by value."""
    _, finished, _ = played(start_chain, "orders-to-csv")
    (attachment,) = CASES["orders-to-csv"].request.attachments
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(attachment.decode())).get_sheet_by_name(
        "Orders"
    )
    header, *cells = sheet.to_python()
    text = published(finished, "orders.csv").decode("utf-8-sig")
    rows = [*csv.reader(io.StringIO(text, newline=""))]
    assert rows[0] == header
    assert rows[1:] == [
        [order, f"{date:%Y-%m-%d}", customer, f"{net:.2f}", str(paid).lower(), note]
        for order, date, customer, net, paid, note in cells
    ]


def test_build_case__program_repaired_and_run_by_a_workflow(
    start_chain: StartChain, tmp_path: Path
) -> None:
    """The program is committed repaired; ruff and it run in the app's workflow, whose result is on
    Pages and not in the repository."""
    chain, finished, _ = played(start_chain, "repair-stats")
    program, table = (one.decode() for one in CASES["repair-stats"].request.attachments)
    told = finished.callback
    site = cloned(told, tmp_path)
    assert site["measurements.csv"] == table
    assert site["stats.py"] != program
    assert "stats.json" not in site
    stations: dict[str, list[float]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(table.decode())):
        stations[row["station"]].append(float(row["celsius"]))
    stats = json.loads(published(finished, "stats.json"))
    assert stats.keys() == stations.keys()
    for name, values in stations.items():
        assert stats[name]["count"] == len(values)
        assert stats[name]["max"] == max(values)
        assert stats[name]["mean"] == pytest.approx(sum(values) / len(values), abs=0.006)
    full_name = "/".join(told["repo_url"].split("/")[-2:])
    [run] = [run for run in chain.parts.hub.runs(full_name) if run.head_sha == told["commit_sha"]]
    assert run.conclusion == "success"
    assert "ruff" in run.log.read_text()


def test_build_case__dates_typed_by_hand(start_chain: StartChain) -> None:
    """Three dates of the sheet are text in another form: the first script fails on the first of
    them, and its traceback is enough to convert all."""
    _, finished, _ = played(start_chain, "ledger-to-csv")
    is_repaired_by_traceback(finished)
    (attachment,) = CASES["ledger-to-csv"].request.attachments
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(attachment.decode())).get_sheet_by_name(
        "Ledger"
    )
    _, *cells = sheet.to_python()
    text = published(finished, "ledger.csv").decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["voucher", "booked", "account", "text", "amount"]
    assert rows == [
        [voucher, f"{day(booked):%Y-%m-%d}", f"{account:.0f}", words, f"{amount:.2f}"]
        for voucher, booked, account, words, amount in cells
    ]


def day(cell: Any) -> date:
    """Return the date of a cell, of one that was typed by hand too."""
    return datetime.strptime(cell, "%d.%m.%Y").date() if isinstance(cell, str) else cell


def test_build_case__program_by_strict_rules(start_chain: StartChain, tmp_path: Path) -> None:
    """The first script finds that ruff is not content with the repaired program; the second one
    passes, and so does the app's workflow."""
    chain, finished, _ = played(start_chain, "tides-to-our-rules")
    is_repaired_by_traceback(finished)
    _, levels, rules = (one.decode() for one in CASES["tides-to-our-rules"].request.attachments)
    told = finished.callback
    full_name = "/".join(told["repo_url"].split("/")[-2:])
    [run] = [run for run in chain.parts.hub.runs(full_name) if run.head_sha == told["commit_sha"]]
    assert run.conclusion == "success"
    site = cloned(told, tmp_path)
    assert site["ruff.toml"] == rules
    assert b"noqa" not in site["tides.py"]
    assert "tides.json" not in site
    harbours: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(levels.decode()), delimiter=";"):
        harbours[row["harbour"]].append((int(row["cm"]), row["time"]))
    tides = json.loads(published(finished, "tides.json"))
    assert tides.keys() == harbours.keys()
    for name, readings in harbours.items():
        high, at = max(readings, key=lambda reading: reading[0])
        low = min(readings)[0]
        seen = tides[name]
        assert (seen["readings"], seen["high"], seen["low"]) == (len(readings), high, low)
        assert seen["range"] == high - low
        assert (high, seen["high_at"][:16]) in readings or seen["high_at"][:16] == at


def is_repaired_by_traceback(finished: Finished) -> None:
    assert sum(step.name == "build script" for step in finished.report.steps) >= 2
    assert "expected: a program that ends well" in finished.prompts[1]
