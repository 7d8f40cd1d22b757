"""The builder with a scripted model, a mirror of the CDNs, and no GitHub."""

import contextlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from builder.cli import main
from builder.report import ModelUse, Report
from builder.site import Site
from local.cdn import NODE_MODULES, CdnFiles, mirror_app
from local.model import NO_READING, NO_SCENARIOS, ScriptedModel
from local.script import Answer
from local.server import serve
from tests.conftest import LIGHT_CHROMIUM

ROOT = Path(__file__).resolve().parents[3]
REPLIES = ROOT / "tests" / "replies"
REQUESTS = ROOT / "tests" / "requests"


def sample(name: str) -> dict[str, Any]:
    """Return a sample request as it is sent."""
    wire: dict[str, Any] = json.loads((REQUESTS / f"{name}.json").read_text())
    return wire


def reply(name: str) -> str:
    """Return a reply that was recorded for a sample request."""
    return (REPLIES / f"{name}.md").read_text()


@dataclass
class Bench:
    """Generates sites in a folder; `printed` is what the last call printed."""

    folder: Path
    environ: dict[str, str]
    model: ScriptedModel | None = None
    printed: str = ""
    arguments: list[str] = field(default_factory=list)

    def generate(
        self,
        request: dict[str, Any],
        *answers: Answer | str,
        reading: str = "",
        scenarios: str = "",
        **environ: str,
    ) -> int:
        """Generate with a model that gives `answers`, or without one; return the exit code."""
        if not answers:
            return self._generate(request, environ)
        self.model = ScriptedModel(
            *answers,
            reading=Answer(reading) if reading else NO_READING,
            scenarios=Answer(scenarios) if scenarios else NO_SCENARIOS,
        )
        with serve(self.model) as url:
            model = {"MODELS": "m", "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": "sk-a-key-12"}
            return self._generate(request, model | environ)

    def _generate(self, request: dict[str, Any], environ: dict[str, str]) -> int:
        path = self.folder / "request.json"
        path.write_text(json.dumps(request))
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            command = ["generate", "--request", str(path), "--work", str(self.folder / "work")]
            code = main([*command, *self.arguments], self.environ | environ)
        self.printed = out.getvalue()
        return code

    @property
    def site(self) -> Site:
        return Site.read(self.folder / "work" / "site")

    @property
    def page(self) -> str:
        return self.site["index.html"].decode()

    @property
    def calls(self) -> list[ModelUse]:
        """The calls for the app, without those for a reading."""
        return [call for call in self.report.model_calls if call.purpose == "app"]

    @property
    def report(self) -> Report:
        return Report.model_validate_json((self.folder / "work" / "report.json").read_bytes())


@pytest.fixture(scope="session")
def mirror_url() -> Iterator[str]:
    """A mirror of the CDNs from npm packages."""
    with serve(mirror_app(CdnFiles(NODE_MODULES))) as url:
        yield url


@pytest.fixture
def bench(tmp_path: Path, mirror_url: str) -> Bench:
    environ = {"PATH": os.environ["PATH"], "CDN_MIRROR_URL": mirror_url, "CHECK_SECONDS": "2"}
    return Bench(tmp_path, environ | LIGHT_CHROMIUM)


@pytest.fixture
def blind(bench: Bench) -> Bench:
    """Without a browser, where the test is about the model alone."""
    bench.environ["CHROMIUM"] = "none"
    return bench
