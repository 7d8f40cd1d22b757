"""`status`, `logs` and `rerun`: what an operator sees and does at night."""

import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace

from briefship.context import Context
from briefship.runs import BuildRun, Runs

GOOD = {"success", "verified"}
LOOK_EVERY = 5.0
"""Seconds between two looks at a run that goes on: 720 of the 5,000 calls of an hour."""
REPORTED = ("repo_url", "commit_sha", "pages_url", "pages_status", "verdict_reasons")
COLOURED = ("state", "verdict")
HEADER = ("run", "task", "round", "state", "verdict", "seconds", "build", "link")


def status(
    options: Namespace, context: Context, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Show the newest runs, or one with its report; return 1 where that one has failed."""
    runs = Runs(context.github, context.settings)
    if options.id is None:
        _show(context, [_judged(runs, run) for run in runs.newest(options.count)], options.json)
        return 0
    run = runs.find(options.id)
    while options.watch and not run.is_over:
        context.say(f"{run.task} round {run.round}: {run.state}, {run.seconds:.0f} s")
        sleep(LOOK_EVERY)
        run = runs.find(str(run.run))
    return _tell(context, runs, run, options.json)


def logs(options: Namespace, context: Context) -> int:
    """Print the log of a run."""
    runs = Runs(context.github, context.settings)
    context.say(runs.log(runs.find(options.id)))
    return 0


def rerun(options: Namespace, context: Context) -> int:
    """Start a run again."""
    runs = Runs(context.github, context.settings)
    run = runs.find(options.id)
    runs.rerun(run, force=options.force)
    told = {"run": run.run, "attempt": run.attempt + 1, "url": run.url}
    again = f"{run.task} round {run.round} runs again: {run.url}"
    context.tell(told) if options.json else context.say(again)
    return 0


def _judged(runs: Runs, run: BuildRun) -> BuildRun:
    return replace(run, verdict=runs.verdict(run)) if run.is_over else run


def _show(context: Context, found: Sequence[BuildRun], as_json: bool) -> None:
    if as_json:
        context.tell([run.to_json() for run in found])
        return
    rows = [
        [
            *(str(run.run), run.task, str(run.round or "-"), run.state, run.verdict or "-"),
            *(f"{run.seconds:.0f}", run.build or "-", run.url),
        ]
        for run in found
    ]
    context.table(HEADER, rows)


def _tell(context: Context, runs: Runs, run: BuildRun, as_json: bool) -> int:
    """Tell all that is known of one run."""
    report = runs.report(run) if run.is_over else {}
    verdict = report.get("verdict") or (runs.verdict(run) if run.is_over else "")
    told = replace(run, verdict=verdict).to_json()
    told |= {name: report[name] for name in REPORTED if report.get(name)}
    told["stages"] = {step["name"]: step["seconds"] for step in report.get("steps", ())}
    if as_json:
        context.tell(told)
    else:
        stages = ", ".join(f"{name} {spent:.0f} s" for name, spent in told["stages"].items())
        reasons = "; ".join(told.get("verdict_reasons", ()))
        coloured = {word: context.coloured(told[word], _colour(told[word])) for word in COLOURED}
        for name, value in (
            told | coloured | {"stages": stages, "verdict_reasons": reasons}
        ).items():
            context.say(f"{name.replace('_', ' '):16} {value}") if value else None
    return int(run.is_over and run.state != "success")


def _colour(word: str) -> str:
    return "green" if word in GOOD else "red" if word in {"failure", "failing"} else "yellow"
