"""What tests of every area share: a request, a clock that never waits, a log in memory, servers."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from builder.ports import Clock
from builder.request import Request
from local.hub.bare import git
from tests.scripted_server import ScriptedServer, serving

# A busy machine is no failure: what has to be fast is held by the time that it computes.
settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50
)
settings.load_profile("busy")

SHELL = "chromium-headless-shell"
LIGHT_CHROMIUM = {"CHROMIUM": SHELL} if shutil.which(SHELL) else {}
"""The same engine without windows computes half as long. Where a test is about the browser itself,
about the fence or the demo, it is opened as people have it.
"""


@dataclass
class FakeTime:
    """A clock that a sleep moves on."""

    now: datetime = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.now, sleep=self.sleep)


@dataclass
class MemoryLog:
    """The port `Log` in memory."""

    lines: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def warn(self, text: str) -> None:
        self.lines.append(f"warning: {text}")

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        self.lines.append(f"group: {title}")
        yield


RequestOf = Callable[..., Request]


@pytest.fixture
def request_of() -> RequestOf:
    """Make a request; keyword arguments replace its fields, in wire form."""

    def make(**fields: Any) -> Request:
        wire = {
            "email": "ada@example.com",
            "task": "sum-of-rain",
            "round": 1,
            "nonce": "n-4711",
            "brief": "Publish a page titled “Rain”.",
            "checks": [],
            "evaluation_url": "http://127.0.0.1:9/evaluation",
            "attachments": [],
        }
        return Request.from_wire(json.loads(json.dumps(wire | fields)))

    return make


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def memory_log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    """A real server on a free port."""
    with serving(ScriptedServer()) as server:
        yield server


@dataclass
class Remote:
    """Bare repositories below a folder, which git reaches by a file URL."""

    folder: Path

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def create(self, full_name: str) -> None:
        git("init", "--quiet", "--bare", "-b", "main", str(self.folder / f"{full_name}.git"))

    def git(self, full_name: str, *arguments: str) -> str:
        """Ask git on the remote."""
        return git("-C", str(self.folder / f"{full_name}.git"), *arguments).decode()


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    """A server of repositories without HTTP."""
    return Remote(tmp_path / "remote")


def workbook(sheet: str, strings: str = "") -> bytes:
    """Return an XLSX file with the one sheet `Sales` of this XML, and these shared strings."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def relation(kind: str, target: str) -> str:
        return (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/{kind}" Target="{target}"/></Relationships>'
        )

    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": relation("officeDocument", "xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": relation("worksheet", "worksheets/sheet1.xml"),
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        '<sheet name="Sales" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}>{sheet}</worksheet>",
        "xl/sharedStrings.xml": f"<sst {main}>{strings}</sst>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return buffer.getvalue()
