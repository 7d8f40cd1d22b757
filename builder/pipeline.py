"""The stages of a run: from a request to a site, a live commit and an answer.

Read this first; `repair.py` has two more, for an app whose own workflow fails. A stage gets what
touches the outside world as parameters, and hands over to the next one through the work directory.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from builder.credentials import Credentials
from builder.errors import (
    BriefshipError,
    GitHubError,
    GitHubUnreachable,
    PagesNotLive,
    RepositoryNotOurs,
)
from builder.findings import Source
from builder.generate.attempts import Attempt
from builder.ports import AppRepository
from builder.publish.checkout import GitCheckout
from builder.publish.commits import Push, Standing, base_of
from builder.publish.deployment import Deployment, Published, wait_for_build
from builder.publish.pages import Pages, deploying_workflows
from builder.publish.run_log import before_failure
from builder.publish.workflow_rights import missing_right
from builder.report import Report, Score
from builder.request import Addressee, Request
from builder.rounds import Base
from builder.site import MARK, Site
from builder.verdict import LIVE, Verdict
from builder.work import Run

PREPARE = "prepare"
GENERATE = "generate"
PUBLISH = "publish"
NOTIFY = "notify"


class Maker(Protocol):
    """Makes the site of one round."""

    def make(self) -> Attempt:
        """Return the best site that time allows, and record in the report how it was made."""

    def verify(self, site: Site) -> Attempt:
        """Verify an existing site against the same request."""

    def repair(self, broken: Attempt) -> Attempt | None:
        """Return the site with a repair of its failures, if a model finds one in time."""


def generate(
    run: Run,
    request: Request,
    *,
    find: Callable[[], GitCheckout | None],
    maker: Callable[[Base, Report], Maker],
    force: bool = False,
) -> None:
    """Make the site of this round, unless the request already has a final commit.

    `find` returns the app repository as anybody sees it, None if there is none. The commit of a
    fallback or of a failing site is replaced by a better one; with `force`, any is replaced.
    """
    report = run.work.report()
    with run.step(report, GENERATE):
        run.log.line(
            f"Task {request.task}, round {request.round}, build {request.build_id}: "
            f"{len(request.checks)} checks, {len(request.attachments)} attachments"
        )
        past = find()
        standing = Standing.of(past, request.build_id)
        if standing and standing.is_final and not force:
            report.earlier = standing.judgement
            run.log.line("An earlier run has published this request: nothing to generate")
            return
        base, report.base_sha = base_of(past, request)
        report.reading = standing.reading if standing else None
        making = maker(base, report)
        chosen = making.make()
        if past and standing and not force:
            was_fallback = standing.judgement.verdict is Verdict.FALLBACK
            stands = making.verify(past.base().site)
            if _worth(chosen, report.is_fallback) <= _worth(stands, was_fallback):
                report.earlier = standing.judgement
                run.log.line("The new site is no better than the published one, which stays")
                return
        report.replaces = standing.sha if standing else None
        keep(run, report, chosen)


def _worth(attempt: Attempt, is_fallback: bool) -> tuple[int, bool, tuple[int, ...]]:
    """Rank by the request's own checks first; a model's site comes before a fallback."""
    passed, _ = attempt.score(Source.CHECK)
    return passed, not is_fallback, tuple(-count for count in attempt.rank)


def keep(run: Run, report: Report, chosen: Attempt) -> None:
    """Store the site for the next stage, and record what is known about it."""
    run.work.save_site(chosen.site, chosen.screenshots)
    report.author, report.page = chosen.author, chosen.page
    report.computed = dict(chosen.computed)
    report.findings = list(chosen.findings)
    report.scores = [
        Score(source=source, passed=passed, total=total)
        for source, (passed, total) in ((source, chosen.score(source)) for source in Source)
        if total
    ]
    report.judge()
    for path, content in chosen.site.items():
        run.log.line(f"  {path}  {len(content):,} bytes")


@dataclass(frozen=True)
class Host:
    """Where apps are hosted: each field is one thing that GitHub does for us."""

    find_or_create: Callable[[], AppRepository]
    clone: Callable[[AppRepository], GitCheckout]
    pages: Callable[[AppRepository, Sequence[str]], Pages]
    """Takes the workflow files by which the app deploys itself, if any."""
    visit: Callable[[str, Site, str], Published]
    """Takes the site's URL, its files and the commit."""
    download: Callable[[str], bytes]
    """Takes an address; raises OSError."""
    remaining: Callable[[], float]
    credentials: Credentials
    """What may occur in no commit."""


def prepare(run: Run, host: Host, first_files: Site) -> None:
    """Create the repository, push its first commit and enable Pages, before there is a site.

    So a token without the rights is reported in the first minute, and the first publication, which
    is slow, happens while the model works. What publish can retry or do without is only noted.
    """
    report = run.work.report()
    with run.step(report, PREPARE):
        try:
            repository, checkout = _opened(report, host)
            if checkout.head is None:
                report.prepared_sha = checkout.start(first_files)
            run.log.line(f"{repository.html_url} is there and ours")
        except GitHubUnreachable as error:
            run.note(report, f"Nothing is prepared: {error}")
            return
        try:
            workflows = deploying_workflows(checkout.base().site)
            report.pages_url = host.pages(repository, workflows).enable()
            run.log.line(f"Pages is on: {report.pages_url}")
        except GitHubError as error:
            run.note(report, f"Pages is not on yet: {error}. {error.fix}")
        request, site = run.work.task().request, checkout.base().site
        report.no_workflows = missing_right(repository, request, site, checkout.is_let_in)
        if report.no_workflows:
            run.log.line(f"No workflow file can be delivered: {report.no_workflows}")


def publish(run: Run, host: Host) -> None:
    """Push the site as one commit and wait until Pages serves it.

    A commit that is not live when time is up is still reported, as not live yet.
    """
    request, report = run.work.task().inline(), run.work.report()
    with run.step(report, "push"):
        repository, checkout = _opened(report, host)
        report.pages_status, report.workflow_log = None, ""
        if report.prepared_sha:
            first = host.pages(repository, ())
            wait_for_build(first, report.prepared_sha, run.clock, run.log.line)
        report.commit_sha = Push(run, request, report, checkout, host.credentials).pushed()
        site = checkout.base().site
        report.files = {path: len(site[path]) for path in site}
        run.log.line(f"{repository.html_url} at {report.commit_sha}, {len(site)} files")
    with run.step(report, "pages"):
        pages = host.pages(repository, deploying_workflows(site))
        report.pages_url = url = pages.enable()
        sha = checkout.head or report.commit_sha
        site_seen = host.visit(url, site, sha)
        deployment = Deployment(pages, sha, site_seen, site.served, run.clock, run.log.line)
        report.pages_status = _pages_status(run, report, deployment, host.remaining())
        if report.pages_status != LIVE:
            report.workflow_log = _workflow_log(pages, sha, host)
            for line in report.workflow_log.splitlines():
                run.log.line(f"  {line}")


def _opened(report: Report, host: Host) -> tuple[AppRepository, GitCheckout]:
    """Return the app repository, created if there is none, and a clone. Raises BriefshipError."""
    repository = host.find_or_create()
    checkout = host.clone(repository)
    if not (checkout.has_mark if checkout.head else repository.is_ours_when_empty):
        name = repository.full_name
        raise RepositoryNotOurs(f"{name} was not made by briefship (it has no {MARK}/)")
    report.repo_url = repository.html_url
    return repository, checkout


def _workflow_log(pages: Pages, sha: str, host: Host) -> str:
    """Return the last lines of the app's own workflow, if it failed and they can be had."""
    try:
        address = pages.failed_log(sha)
        return before_failure(host.download(address)) if address else ""
    except (GitHubError, OSError):
        return ""


def _pages_status(run: Run, report: Report, deployment: Deployment, seconds: float) -> str:
    try:
        live = deployment.wait(seconds)
    except PagesNotLive as error:
        run.note(report, f"{error}. {error.fix}")
        return f"not live yet: {error.reason}"
    run.log.line(f"{report.pages_url} serves the commit after {live.seconds:.1f} s")
    if live.remark:
        run.note(report, live.remark)
    return live.remark or LIVE


def notify(run: Run, *, deliver: Callable[[Addressee, Mapping[str, Any]], int]) -> None:
    """Answer the evaluator: with the site, or with the reason why there is none.

    `deliver` takes the body of the answer, and returns the HTTP status of its delivery.
    """
    addressee, report = run.work.task().addressee(), run.work.report()
    report.judge(is_over=True)
    with run.step(report, NOTIFY):
        outcome = "success" if report.is_delivered else f"error ({report.reason})"
        run.log.line(f"Answering with {outcome}")
        try:
            status = deliver(addressee, report.callback_for(addressee))
        except BriefshipError as error:
            report.callback = f"not accepted: {error}"
            raise
        report.callback = f"{outcome}, accepted with {status}"
        run.log.line(f"The evaluation URL accepted it with {status}")
