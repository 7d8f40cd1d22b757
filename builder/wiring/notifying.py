"""The command `notify`: the evaluation URL, the job summary."""

import httpx

from builder import stages
from builder.callback import CallbackClient
from builder.report import Report
from builder.request import Addressee, Dispatch
from builder.wiring.context import Context


def notify(context: Context) -> None:
    """Answer the evaluator, also after a failed stage, and sum up the run."""
    work = context.desk.work
    if not work.has_task:
        # Generate did not get as far as the event, which says whom to answer.
        context.begin()
    try:
        _answer(context, work.task())
    finally:
        _sum_up(context)


def _answer(context: Context, task: Dispatch) -> None:
    context.mask(task.addressee())
    remaining = context.deadline(task).remaining
    allow_private = context.settings.allow_private_callbacks

    with httpx.Client() as http:
        courier = CallbackClient(
            http,
            context.clock,
            remaining,
            allow_private=allow_private,
            request_seconds=context.settings.call_seconds,
        )

        def deliver(addressee: Addressee, report: Report) -> int:
            return courier.deliver(
                addressee.evaluation_url,
                report.callback_for(addressee),
                build_id=addressee.build_id,
                progress=context.log.line,
            )

        stages.notify(context.desk, deliver=deliver)


def _sum_up(context: Context) -> None:
    if context.log.has_summary:
        from builder.rendering import Renderer

        summary = Renderer().render("summary.md.j2", report=context.desk.work.report())
        context.log.summarize(summary)
