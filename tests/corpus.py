"""Small apps of different kinds, the tester's scenarios for them, and bugs planted in them.

Each folder of `tests/data/corpus` holds `request.json`; `app.md`, `reading.md` and `scenarios.md`,
which models that saw only the product's prompts answered, word for word; and `bugs.json`: one edit
for each bug, planted by somebody who had not seen the scenarios.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from builder.contract.contract import Contract
from builder.contract.reading import Reading
from builder.contract.starter_files import attachments
from builder.generate.attempts import Attempt
from builder.generate.reply import parse
from builder.generate.tester import ModelTester
from builder.llm.messages import Message, Reply
from builder.request import Request
from builder.rounds import Round
from builder.site import Site
from builder.verify.scenarios.scenario import Scenario

FOLDER = Path(__file__).parent / "data" / "corpus"


@dataclass(frozen=True)
class Bug:
    """An edit of `index.html` that breaks something that the request asks for."""

    name: str
    search: str
    replace: str


@dataclass(frozen=True)
class App:
    """One app of the corpus."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @cached_property
    def request(self) -> Request:
        """What was asked for."""
        return Request.from_wire(json.loads((self.folder / "request.json").read_text()))

    @cached_property
    def site(self) -> Site:
        """The app as the model wrote it."""
        files = parse((self.folder / "app.md").read_text()).files
        attached = attachments(self.request, Contract.of(self.request))
        return Site({**attached, **files})

    @cached_property
    def bugs(self) -> list[Bug]:
        """The planted bugs."""
        return [Bug(**wire) for wire in json.loads((self.folder / "bugs.json").read_text())]

    def with_bug(self, bug: Bug) -> Site:
        """Return the app with one bug in it. Raises ValueError where the edit does not fit."""
        page = self.site["index.html"].decode()
        if page.count(bug.search) != 1:
            raise ValueError(f"{self.name}, {bug.name}: the text to replace is there not once")
        return self.site | {"index.html": page.replace(bug.search, bug.replace).encode()}

    @cached_property
    def requirements(self) -> list[str]:
        """The checks in plain words, and what a model read in the brief."""
        reply = (self.folder / "reading.md").read_text()
        plain = [check.source for check in self.request.checks if not check.is_javascript]
        reading, _ = Reading.parse(reply, [self.request.brief, *plain])
        return Round.of(self.request, reading).requirements()

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """Return the tester's scenarios, read as the product reads them."""

        def ask(_: Sequence[Message], __: float) -> Reply:
            return Reply((self.folder / "scenarios.md").read_text(), "recorded", 0.0)

        tester = ModelTester(self.request, ask)
        return tester.write(Attempt(self.site, "recorded"), self.requirements, 60.0)


def apps() -> Iterator[App]:
    """Yield the apps by name."""
    return (App(folder) for folder in sorted(FOLDER.iterdir()))
