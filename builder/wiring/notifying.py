"""The command `notify`: the evaluation URL, the job summary."""

import httpx

from builder import stages
from builder.callback import Courier
from builder.rendering import Renderer
from builder.report import Report
from builder.request import Request
from builder.wiring.context import Context


def notify(context: Context) -> None:
    """Answer the evaluator, also after a failed stage, and sum up the run."""
    work = context.desk.work
    if not work.has_task:
        # Generate did not get as far as the request: what the event says suffices to answer.
        context.begin()
    task = work.task()
    context.mask(task.inline())
    remaining = context.deadline(task).remaining
    allow_private = context.settings.allow_private_callbacks

    with httpx.Client() as http:
        courier = Courier(
            http,
            context.clock,
            remaining,
            allow_private=allow_private,
            request_seconds=context.settings.call_seconds,
        )

        def deliver(request: Request, report: Report) -> int:
            return courier.deliver(
                request.evaluation_url,
                report.callback_for(request),
                build_id=request.build_id,
                progress=context.log.line,
            )

        try:
            stages.notify(context.desk, deliver=deliver)
        finally:
            summary = Renderer().render("summary.md.j2", report=work.report())
            context.log.summarize(summary)
