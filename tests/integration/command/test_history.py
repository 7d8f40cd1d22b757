"""`history`: the page of all runs, pushed with git to a local GitHub."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from briefship.command import main
from briefship.history import LONGEST, entry_of
from local.hub.records import Permissions
from tests.integration.command.conftest import REPORT, Desk
from tests.receiver_parts import REPOSITORY

RUN = "the-token-of-a-run"
RUNNERS = 4
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7 * 7 }}\u202e|</td>'
PRIVATE = {"email": "ada@example.com", "nonce": "nonce-0815", "evaluation_url": "http://eval"}


class Page(HTMLParser):
    """The elements, attributes and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def runner(desk: Desk) -> Desk:
    """The desk with a run's own token, which starts no build of Pages by a push."""
    permissions: Permissions = {"contents": "write", "pages": "write"}
    desk.hub.add_token(RUN, "ada", permissions, [REPOSITORY], of_run=True)
    desk.environ |= {"GH_TOKEN": "", "GITHUB_TOKEN": RUN}
    return desk


def report(folder: Path, number: int = 0, **fields: Any) -> str:
    """Write the report of the build with this number."""
    file = folder / f"report-{number}.json"
    told = {**REPORT, "build_id": f"{number:016x}", **PRIVATE, **fields}
    file.write_text(json.dumps(told))
    return str(file)


def pushed(desk: Desk) -> dict[str, bytes]:
    """Return the files of the branch, as whoever clones it has them."""
    url = f"{desk.at.server_url}/{REPOSITORY}.git"
    with TemporaryDirectory() as name:
        desk.world.git("clone", "-q", "--branch=gh-pages", url, name, token="token-of-ada")
        files = [path for path in Path(name).iterdir() if path.is_file()]
        return {path.name: path.read_bytes() for path in files}


def test_history__an_entry_per_build_and_nothing_private(runner: Desk) -> None:
    """A build is on the page once, as its last run went; of a report only what the page shows is
    kept, in its data too."""
    assert runner("history", report(runner.folder, 1, verdict="failing")).code == 0
    assert runner("history", report(runner.folder, 2, round=2)).code == 0
    assert runner("history", report(runner.folder, 1)).code == 0
    files = pushed(runner)
    assert set(files) == {"history.json", "index.html", ".nojekyll"}
    entries = json.loads(files["history.json"])
    assert [one["build_id"] for one in entries] == [f"{1:016x}", f"{2:016x}"]
    assert [one["verdict"] for one in entries] == ["partly verified"] * 2
    page = Page(files["index.html"].decode())
    assert "sum-of-rain" in page.texts
    assert {"http://site/", "http://repo", "http://repo/commit/c0ffee"} <= set(page.links)
    everything = b"".join(files.values()).decode()
    for private in PRIVATE.values():
        assert private not in everything


def test_history__runs_that_end_at_once(runner: Desk) -> None:
    """Of runs that push at the same time none loses its entry."""
    calls = [["history", report(runner.folder, number)] for number in range(RUNNERS)]
    with ThreadPoolExecutor(RUNNERS) as pool:
        codes = pool.map(lambda call: main(call, runner.environ, runner.folder), calls)
        assert set(codes) == {0}
    entries = json.loads(pushed(runner)["history.json"])
    assert {one["build_id"] for one in entries} == {f"{number:016x}" for number in range(RUNNERS)}


def test_history__text_of_requests_is_text(runner: Desk) -> None:
    """A task's name is shown as it is; it makes no element, and no address but http is linked."""
    assert runner("history", report(runner.folder, task=HOSTILE)).code == 0
    command = report(runner.folder, 2, task="::add-mask::a\n::error::\033]0;x")
    lines = runner("history", command).out.splitlines()
    assert not any("\033" in line or line.startswith("::") for line in lines)
    page = Page(pushed(runner)["index.html"].decode())
    assert HOSTILE in page.texts
    assert not page.tags & {"script", "img"}
    assert not any(name.startswith("on") for name in page.attributes)
    bad = report(runner.folder, 1, pages_url="javascript:alert(1)")
    assert "no entry" in runner("history", bad).out


def test_history__a_branch_of_somebody_else(runner: Desk) -> None:
    """A branch gh-pages without our data is left alone, and the failure says what to do."""
    runner.world.push(REPOSITORY, {"index.html": b"my page"}, branch="gh-pages")
    called = runner("history", report(runner.folder))
    assert called.code == 1
    assert "somebody else's. Delete the branch gh-pages, or unset" in called.err
    assert pushed(runner) == {"index.html": b"my page"}


def test_history__links_on_the_branch_lead_nowhere(runner: Desk, tmp_path: Path) -> None:
    """A link that somebody pushed is not written through; the page takes its place."""
    assert runner("history", report(runner.folder, 1)).code == 0
    victim, clone = tmp_path / "victim", tmp_path / "clone"
    victim.write_text("as it was")
    url = f"{runner.at.server_url}/{REPOSITORY}.git"
    git = partial(runner.world.git, token="token-of-ada")
    git("clone", "-q", "--branch=gh-pages", url, str(clone))
    (clone / "index.html").unlink()
    (clone / "index.html").symlink_to(victim)
    git("-C", str(clone), "add", "--all")
    git("-C", str(clone), "commit", "-qm", "Link")
    git("-C", str(clone), "push", "-q", url, "HEAD:refs/heads/gh-pages")
    assert runner("history", report(runner.folder, 2)).code == 0
    assert victim.read_text() == "as it was"
    assert b"<h1>Runs</h1>" in pushed(runner)["index.html"]


@pytest.mark.parametrize(
    "broken",
    [
        {"steps": [{"name": "x"}]},
        {"steps": "x"},
        {"steps": [{"name": "x", "seconds": float("inf")}]},
        {"round": 10**4000},
        {"run_url": f"https://x/{'y' * 99_999}"},
        {"commit_sha": '"><script>'},
    ],
)
def test_entry_of__a_broken_report(broken: dict[str, Any]) -> None:
    """What could not be read again, or would swell the page, is no entry."""
    assert entry_of(REPORT | broken, datetime.now(UTC)) is None


def test_entry_of__a_long_name() -> None:
    """A name is shortened, and can be stored whatever is in it."""
    entry = entry_of(REPORT | {"task": "\ud800" + "x" * 99_999}, datetime.now(UTC))
    assert entry is not None
    assert entry.task == "?" + "x" * (LONGEST - 1)


def test_history__a_run_without_a_report(runner: Desk) -> None:
    """The event says what a run was about that broke off early; without a task there is nothing."""
    event = runner.folder / "event.json"
    payload = {"id": f"{7:016x}", "task": "rain", "round": 1, "request": PRIVATE}
    event.write_text(json.dumps({"client_payload": payload}))
    broken = runner.folder / "broken.json"
    broken.write_text("[")
    assert runner("history", str(broken), GITHUB_EVENT_PATH=str(event)).code == 0
    (entry,) = json.loads(pushed(runner)["history.json"])
    assert (entry["task"], entry["verdict"]) == ("rain", "failing")
    event.write_text(json.dumps({"inputs": {"request": "requests/rain.json"}}))
    assert "no entry" in runner("history", "none", GITHUB_EVENT_PATH=str(event)).out


def test_history__is_served_once_pages_is_on(runner: Desk) -> None:
    """Without Pages the command says where to switch it on; then each push is built and served,
    though a run's own token starts no build."""
    called = runner("history", report(runner.folder, 1))
    assert (called.code, "Settings > Pages" in called.out) == (0, True)
    runner.hub.add_token("owner", "ada", {"pages": "write", "administration": "write"})
    with runner.world.client("owner") as api:
        source = {"branch": "gh-pages", "path": "/"}
        api.post(f"/repos/{REPOSITORY}/pages", json={"source": source}).raise_for_status()
    assert "Pages builds it" in runner("history", report(runner.folder, 2, task="snow")).out
    name = REPOSITORY.partition("/")[2]
    assert "snow" in runner.world.page(f"ada/{name}/").text
