"""`status`, `logs` and `rerun`: what an operator needs when something is wrong."""

import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO

from briefship.context import Context, columns, plain
from briefship.runs import BuildRun, Runs
from briefship.screen import Screen

GOOD = {"success", "verified"}
LOOK_EVERY = 5.0
"""Seconds between two looks at a run in progress: 720 of the 5,000 calls of an hour."""
STEPS_SHOWN = 3
"""At most so many runs in progress show their step, since each costs a call at every look."""
REPORTED = ("repo_url", "commit_sha", "pages_url", "pages_status", "verdict_reasons")
COLOURED = ("state", "verdict")
HEADER = ("run", "task", "round", "state", "verdict", "seconds", "build", "link")


def status(
    options: Namespace, context: Context, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Show the newest runs, or one with its report; return 1 where that one has failed."""
    runs = Runs(context.github, context.settings)
    found = [runs.find(options.id)] if options.id else runs.newest(options.count)
    screen = Screen(StringIO() if options.json else context.out, context.environ)
    while options.watch and not all(run.is_over for run in found):
        _follow(screen, _judged(runs, found), sleep)
        found = [runs.find(str(found[0].run))] if options.id else runs.newest(options.count)
    judged = _judged(runs, found)
    if not judged and not options.json:
        context.say("no runs yet: briefship send REQUEST.json starts one")
    elif options.watch or not options.id:
        _draw(screen, judged)
    if options.id:
        return _show(context, runs, judged[0], options.json)
    if options.json:
        context.print_json([run.to_json() for run in judged])
    return 0


def _follow(screen: Screen, found: Sequence[BuildRun], sleep: Callable[[float], None]) -> None:
    """Show the runs until it is time to look again; on a terminal their seconds keep counting."""
    for second in range(int(LOOK_EVERY)):
        if screen.is_live or second == 0:
            _draw(screen, [run if run.is_over else run.later(second) for run in found])
        sleep(1)


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
    fields = {"run": run.run, "attempt": run.attempt + 1, "url": run.url}
    again = f"{plain(run.task)} round {run.round} runs again: {run.url}"
    context.print_json(fields) if options.json else context.say(again)
    return 0


def _judged(runs: Runs, found: Sequence[BuildRun]) -> list[BuildRun]:
    """Add the verdicts of finished runs, and the current step of the others."""
    going = [run for run in found if run.state == "in_progress"][:STEPS_SHOWN]
    return [
        replace(run, verdict=runs.verdict(run))
        if run.is_over
        else replace(run, step=runs.step(run) if run in going else "")
        for run in found
    ]


def _draw(screen: Screen, found: Sequence[BuildRun]) -> None:
    rows = [
        [
            *(str(run.run), run.task, str(run.round or "-"), run.step or run.state),
            *(run.verdict or "-", f"{run.seconds:.0f}", run.build or "-", run.url),
        ]
        for run in found
    ]
    screen.draw(columns(HEADER, rows))


def _show(context: Context, runs: Runs, run: BuildRun, as_json: bool) -> int:
    """Print all that is known about one run."""
    report = runs.report(run) if run.is_over else {}
    fields = replace(run, verdict=report.get("verdict") or run.verdict).to_json()
    fields |= {name: report[name] for name in REPORTED if report.get(name)}
    fields["stages"] = {step["name"]: step["seconds"] for step in report.get("steps", ())}
    if as_json:
        context.print_json(fields)
    else:
        stages = ", ".join(f"{name} {spent:.0f} s" for name, spent in fields["stages"].items())
        reasons = "; ".join(fields.get("verdict_reasons", ()))
        fields |= {"stages": stages, "verdict_reasons": reasons}
        for name, value in fields.items():
            shown = plain(str(value or ""))
            shown = context.coloured(shown, _colour(shown)) if name in COLOURED else shown
            context.say(f"{name.replace('_', ' '):16} {shown}") if value else None
    return int(run.is_over and run.state != "success")


def _colour(word: str) -> str:
    return "green" if word in GOOD else "red" if word in {"failure", "failing"} else "yellow"
