"""The story: a request becomes a site, the site a commit that Pages serves, and that an answer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from builder.credentials import Credentials
from builder.errors import PushOvertaken, RepositoryNotOurs, WorkflowsRefused
from builder.findings import Source
from builder.generate.attempts import Attempt
from builder.naming import commit_message
from builder.ports import AppRepository, Checkout, Clock, Log
from builder.publish import deployment
from builder.publish.deployment import Deployment
from builder.publish.pages import Pages, deploying_workflows
from builder.report import FileEntry, Report, Score, Step
from builder.request import Addressee, Dispatch, Request
from builder.rounds import NOTHING, Base, Round
from builder.site import Site
from builder.work import Work

GENERATE = "generate"
PUBLISH = "publish"
NOTIFY = "notify"

PUSHES = 5
"""How often a push may come second before the run gives up."""
WORKFLOWS = ".github/workflows/"


@dataclass(frozen=True)
class RunContext:
    """What every stage works with."""

    work: Work
    log: Log
    clock: Clock

    @contextmanager
    def step(self, report: Report, name: str) -> Iterator[None]:
        """Fold the log under `name` and note the seconds, also of a step that fails."""
        start = self.clock.now()
        try:
            with self.log.group(name.capitalize()):
                yield
        finally:
            report.steps.append(Step(name=name, seconds=round(self.clock.since(start), 2)))
            self.work.save(report)


Find = Callable[[], Checkout | None]
"""Returns the app repository as everybody sees it; None where there is none yet."""
Make = Callable[[Request, Base, Report], Attempt]
"""Returns the best site for a request, and tells the report how it came about."""


def generate(desk: RunContext, task: Dispatch, request: Request, *, find: Find, make: Make) -> None:
    """Make the site of this round, unless an earlier run of the same request published it."""
    report = desk.work.report()
    with desk.step(report, GENERATE):
        desk.log.line(f"Task {task.task}, round {task.round}, build {task.id}")
        desk.log.line(
            f"{len(request.checks)} checks, {len(request.attachments)} attachments, "
            f"received at {task.received_at:%Y-%m-%d %H:%M:%S %Z}"
        )
        past = find()
        report.already_published = bool(past and past.commit_of(task.id))
        if report.already_published:
            desk.log.line("An earlier run has published this request: nothing to generate")
            return
        base = NOTHING
        if past and past.head and request.round > 1:
            base, report.base_sha = past.base(), past.head
        chosen = make(request, base, report)
        _keep(desk, report, chosen)


def _keep(desk: RunContext, report: Report, chosen: Attempt) -> None:
    """Hand the site over, and say what is known of it."""
    desk.work.save_site(chosen.site)
    desk.work.save_screenshots(chosen.screenshots)
    report.author = chosen.author
    report.findings = list(chosen.findings)
    report.scores = [
        Score(source=source, passed=passed, total=total)
        for source, (passed, total) in ((source, chosen.score(source)) for source in Source)
        if total
    ]
    for path, content in chosen.site.items():
        desk.log.line(f"  {path}  {len(content):,} bytes")


@dataclass(frozen=True)
class Host:
    """Where apps live: each call is one thing that GitHub does for us."""

    find_or_create: Callable[[], AppRepository]
    clone: Callable[[AppRepository], Checkout]
    pages: Callable[[AppRepository, Sequence[str]], Pages]
    """Takes the workflow files by which the app deploys itself, if any."""
    visit: Callable[[str, Site, str], deployment.Published]
    """Takes the site's URL, its files and the commit."""
    remaining: Callable[[], float]
    credentials: Credentials
    """What may stand in no commit."""


def publish(desk: RunContext, host: Host) -> None:
    """Push the site as one commit and wait until Pages serves it."""
    task, report = desk.work.task(), desk.work.report()
    with desk.step(report, "push"):
        repository = host.find_or_create()
        checkout = host.clone(repository)
        _refuse_somebody_elses(repository, checkout)
        report.repo_url = repository.html_url
        report.commit_sha = Push(desk, task, report, checkout, host.credentials).pushed()
        site = checkout.base().site
        report.files = [FileEntry(path=path, size=len(site[path])) for path in site]
        desk.log.line(f"{repository.html_url} at {report.commit_sha}, {len(site)} files")
    with desk.step(report, "pages"):
        pages = host.pages(repository, deploying_workflows(site))
        url = pages.enable()
        sha = checkout.head or report.commit_sha
        published = host.visit(url, site, sha)
        log = desk.log.line
        deployed = Deployment(pages, sha, published, site.served, desk.clock, log)
        live = deployed.wait(host.remaining())
        report.pages_url = url
        desk.log.line(f"{url} serves the commit after {live.seconds:.1f} s")
        if live.remark:
            report.notes.append(live.remark)
            desk.log.warn(live.remark)


def _refuse_somebody_elses(repository: AppRepository, checkout: Checkout) -> None:
    is_empty = checkout.head is None
    if not (repository.is_ours_when_empty if is_empty else checkout.has_mark):
        raise RepositoryNotOurs(repository.full_name)


@dataclass(frozen=True)
class Push:
    """How a request gets its one commit."""

    desk: RunContext
    task: Dispatch
    report: Report
    checkout: Checkout
    credentials: Credentials

    def pushed(self) -> str:
        """Return the SHA of the commit that stands, or of a new one on top of all others."""
        for _ in range(PUSHES):
            standing = self.checkout.commit_of(self.task.id)
            if standing:
                self.report.already_published = True
                self.desk.log.line("The commit of this request stands already")
                return standing
            try:
                return self._push()
            except PushOvertaken:
                self.desk.log.line("Another push came first: going on top of it")
                self.checkout.catch_up()
        raise PushOvertaken(f"other pushes came first {PUSHES} times")

    def _push(self) -> str:
        """Push with all files, or without a workflow file that nobody asked for."""
        site = self._without_credentials(self._on_top(self.desk.work.site()))
        try:
            return self._commit(site)
        except WorkflowsRefused:
            request = self.task.inline()
            unasked = [
                path for path in site if path.startswith(WORKFLOWS) and not request.names(path)
            ]
            if not unasked:
                raise
            self._note(f"Left out, since BUILDER_TOKEN may not write it: {', '.join(unasked)}")
            return self._commit(site.without(*unasked))

    def _commit(self, site: Site) -> str:
        built = Round.of(self.task.inline()).model_dump_json().encode()
        cut = Round.model_validate_json(self.credentials.cut_from(built))
        sha = self.checkout.commit(site, cut, commit_message(cut))
        self.checkout.push()
        return sha

    def _on_top(self, site: Site) -> Site:
        """Return the site to commit: where others have pushed since, with their files."""
        start_sha, head = self.report.base_sha, self.checkout.head
        if self.task.round == 1 or head in {None, start_sha}:
            return site
        start = self.checkout.site_at(start_sha) if start_sha else {}
        return site.moved(start, self.checkout.base().site)

    def _without_credentials(self, site: Site) -> Site:
        """Cut what the run holds, wherever it came from: this is the last door."""
        held = {path: names for path in site if (names := self.credentials.found_in(site[path]))}
        for path, names in held.items():
            self._note(f"Cut out of {path}: the value of {', '.join(names)}")
        return site | {path: self.credentials.cut_from(site[path]) for path in held}

    def _note(self, text: str) -> None:
        self.report.notes.append(text)
        self.desk.log.warn(text)


def notify(desk: RunContext, *, deliver: Callable[[Addressee, Report], int]) -> None:
    """Answer the evaluator: with the site, or with the reason why there is none."""
    addressee, report = desk.work.task().addressee(), desk.work.report()
    with desk.step(report, NOTIFY):
        outcome = "success" if report.is_delivered else f"error ({report.reason})"
        desk.log.line(f"Answering with {outcome}")
        status = deliver(addressee, report)
        report.callback = f"{outcome}, accepted with {status}"
        desk.log.line(f"The evaluation URL accepted it with {status}")
