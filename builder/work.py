"""The work directory, through which one stage hands over to the next."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from builder.errors import NothingToDo, WorkflowsRefused
from builder.ports import Clock, Log
from builder.report import Failure, Report, Step
from builder.request import Dispatch
from builder.site import Site


class Work:
    """`request.json`, `site/`, `screenshots/` and `report.json` below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout = folder / "repository"
        self._task = folder / "request.json"
        self._report = folder / "report.json"
        self._summary = folder / "report.md"
        self._site = folder / "site"
        self._screenshots = folder / "screenshots"
        self._repair = folder / "repair"

    def clear(self) -> None:
        """Delete what an earlier task left, so that nobody is answered in its name."""
        for file in (self._task, self._report, self._summary):
            file.unlink(missing_ok=True)
        for folder in (self._site, self._screenshots, self._repair):
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def repair(self) -> "Work":
        """What a repair of the published site is kept in until it is published too."""
        return Work(self._repair)

    def adopt(self, other: "Work") -> None:
        """Put the site of another work directory, and what is known of it, in the place of ours."""
        pairs = ((other._site, self._site), (other._screenshots, self._screenshots))
        for theirs, ours in pairs:
            shutil.rmtree(ours, ignore_errors=True)
            shutil.copytree(theirs, ours)
        self.save(other.report())

    def begin(self, task: Dispatch) -> Report:
        """Store `task`, whose request may still have to be fetched; return a new report."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keep(task)
        report = Report.of(task)
        self.save(report)
        return report

    def keep(self, task: Dispatch) -> None:
        """Store `task` in place of the one that was begun."""
        self._task.write_text(task.model_dump_json(exclude_none=True), encoding="utf-8")

    @property
    def has_task(self) -> bool:
        return self._report.exists()

    def is_at(self, step: str) -> bool:
        """Whether a run is here whose last step was `step`."""
        return self.has_task and [each.name for each in self.report().steps][-1:] == [step]

    def task(self) -> Dispatch:
        """Return the task. Raises NothingToDo."""
        return Dispatch.model_validate_json(self._begun(self._task))

    def report(self) -> Report:
        """Return the report as the last stage left it. Raises NothingToDo."""
        return Report.model_validate_json(self._begun(self._report))

    def save(self, report: Report) -> None:
        """Store `report`; if the run is killed meanwhile, the previous one stays."""
        draft = self._report.with_suffix(".new")
        draft.write_text(report.model_dump_json(indent=2), encoding="utf-8")
        draft.replace(self._report)

    def save_summary(self, text: str) -> str:
        """Keep what the run's page shows, as `report.md`; return it."""
        self._summary.write_text(text, encoding="utf-8")
        return text

    def record(self, stage: str, error: BaseException) -> None:
        """Record the first failure as the reason; without a task there is nobody to answer."""
        if self.has_task and (report := self.report()).failure is None:
            report.failure = Failure.of(stage, error)
            self.save(report)

    def save_site(self, site: Site, screenshots: Mapping[str, bytes]) -> None:
        """Store the site, and the screenshots by their file names."""
        shutil.rmtree(self._site, ignore_errors=True)
        site.write(self._site)
        self._screenshots.mkdir(exist_ok=True)
        for name, content in screenshots.items():
            (self._screenshots / name).write_bytes(content)

    def site(self) -> Site:
        """Return the site. Raises NothingToDo."""
        if not self._site.is_dir():
            raise NothingToDo("site/ is missing: generate made none")
        return Site.read(self._site)

    def _begun(self, file: Path) -> bytes:
        if not file.exists():
            raise NothingToDo(f"{file.name} is missing: no task was started here")
        return file.read_bytes()


@dataclass(frozen=True)
class Run:
    """What every stage works with."""

    work: Work
    log: Log
    clock: Clock

    @contextmanager
    def step(self, report: Report, name: str) -> Iterator[None]:
        """Group the log under `name`, record the duration, and store the report."""
        try:
            with self.log.group(name.capitalize()), self.timed(report, name):
                yield
        finally:
            self.work.save(report)

    @contextmanager
    def timed(self, report: Report, name: str) -> Iterator[None]:
        """Record how long something takes, even if it fails."""
        start = self.clock.now()
        try:
            yield
        finally:
            report.steps.append(Step(name=name, seconds=round(self.clock.since(start), 2)))

    def leave_out(self, report: Report, workflows: Iterable[str]) -> None:
        """Note which workflow files are not delivered, those that are not noted yet."""
        more = [path for path in workflows if path not in report.left_out]
        report.left_out += more
        if more:
            why = f"{report.no_workflows}. {WorkflowsRefused.fix}"
            self.note(report, f"Left out {', '.join(more)}: {why}")

    def note(self, report: Report, text: str) -> None:
        """Warn of something, and keep it for the summary."""
        report.notes.append(text)
        self.log.warn(text)
