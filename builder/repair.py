"""The stages after a publication: a repair of an app whose own workflow has failed on GitHub.

The model's key and the token stay apart here too: one stage asks, the next one pushes.
"""

from collections.abc import Callable
from dataclasses import replace

from builder.findings import Finding, Severity, Source
from builder.generate.attempts import Attempt
from builder.pipeline import Host, Maker, keep, publish
from builder.publish.checkout import GitCheckout
from builder.publish.commits import base_of
from builder.publish.pages import deploying_workflows
from builder.report import Report
from builder.request import Request
from builder.rounds import Base
from builder.site import Site
from builder.work import Run

REPAIR = "repair"
REPUBLISH = "republish"
UNSEEN = "not known to be live: waiting for the repair was given up"
LOG_CHARACTERS = 1_900
"""Of a failed workflow's log that a model is shown."""


def repair(
    run: Run,
    request: Request,
    *,
    find: Callable[[], GitCheckout | None],
    maker: Callable[[Base, Report], Maker],
) -> None:
    """Have a model repair an app whose own workflow has failed, by the end of its log.

    The repair is set aside: the run's state stays that of the commit until the repair is pushed.
    """
    report = run.work.report()
    if not report.workflow_log or report.earlier or report.is_fallback:
        return
    with run.step(report, REPAIR):
        base, _ = base_of(find(), request)
        repaired = maker(base, report).repair(_with_log(report, run.work.site()))
    if repaired:
        aside = replace(run, work=run.work.repair)
        better = report.model_copy(update={"replaces": report.commit_sha}, deep=True)
        aside.work.begin(run.work.task())
        keep(aside, better, repaired)
        aside.note(better, "The app's own workflow failed: a model has repaired it by its log")
        aside.work.save(better)


def _with_log(report: Report, site: Site) -> Attempt:
    """Return the published site as an attempt whose workflow has failed."""
    flows = ", ".join(deploying_workflows(site))
    # A prompt shows the beginning of what was seen, and a log has the reason at its end.
    expected, seen = "a run that succeeds on GitHub", report.workflow_log[-LOG_CHARACTERS:]
    failed = Finding(Severity.FAILURE, Source.RUN, flows, expected, seen)
    findings = (*report.findings, failed)
    return Attempt(site, report.author or "", findings=findings, computed=report.computed)


def republish(run: Run, host: Host) -> None:
    """Publish the repair that was set aside, if there is one; it replaces the commit before."""
    aside = replace(run, work=run.work.repair)
    try:
        publish(aside, host)
    finally:
        settle(run)


def settle(run: Run) -> None:
    """Tell of a repair in place of the commit before, once it is pushed: however its stage ended.

    Nobody has seen it live where the stage did not get as far as that.
    """
    aside = run.work.repair
    if not aside.has_task:
        return
    repaired = aside.report()
    if repaired.commit_sha not in {None, run.work.report().commit_sha}:
        repaired.pages_status = repaired.pages_status or UNSEEN
        aside.save(repaired)
        run.work.adopt(aside)
