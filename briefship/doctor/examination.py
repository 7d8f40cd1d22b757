"""Runs all checks at once, and prints what they found in order."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from briefship.context import Context
from briefship.doctor import machine, repository, tokens
from briefship.doctor.callback import callback
from briefship.doctor.diagnosis import Check, Diagnosis, Patient, State, failed, unknown
from briefship.doctor.live import live
from briefship.doctor.models import models
from briefship.doctor.receiver import receiver
from builder.errors import GitHubRefused

CHECKS: dict[str, Check] = {
    "token": tokens.operator_token,
    "dispatch": tokens.dispatch_token,
    "builder": tokens.builder_token,
    "actions": repository.actions,
    "workflow": repository.workflow,
    "secrets": repository.secrets,
    "variables": repository.variables,
    "pages": repository.pages,
    "limits": repository.limits,
    "models": models,
    "browser": machine.browser,
    "sandbox": machine.sandbox,
    "receiver": receiver,
}
"""By the names that the command line takes."""
LIVE: dict[str, Check] = {"live": live, "callback": callback}
"""Only where it is asked for: it makes a public repository, and sends an answer."""
SEEN_BY_OWNERS = {"actions", "secrets", "variables"}
"""Checks for which a token may lack the permission although runs work."""
MARKS = {State.GOOD: "✓", State.WARNING: "!", State.FAULT: "✗", State.UNKNOWN: "?"}
COLOURS = {
    State.GOOD: "green",
    State.WARNING: "yellow",
    State.FAULT: "red",
    State.UNKNOWN: "yellow",
}


def doctor(options: Namespace, context: Context) -> int:
    """Look at everything; return 1 where a run would fail."""
    names = tuple(getattr(options, "checks", ()) or CHECKS)
    names += tuple(LIVE) if getattr(options, "live", False) else ()
    found: list[Diagnosis] = []
    patient = Patient(context, callback_url=getattr(options, "callback_url", None))
    for diagnosis in examine(patient, names):
        if not options.json:
            # What is to be done for several is said once.
            is_new = diagnosis.fix not in {one.fix for one in found}
            _print(context, diagnosis, fix=diagnosis.fix if is_new else "")
        found.append(diagnosis)
    if options.json:
        context.print_json([diagnosis.to_json() for diagnosis in found])
    if summary := context.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(markdown(found))
    return int(any(diagnosis.state is State.FAULT for diagnosis in found))


def examine(patient: Patient, names: Sequence[str]) -> Iterator[Diagnosis]:
    """Yield what each check finds, in the order of `names`."""
    with ThreadPoolExecutor(len(names)) as pool:
        for found in pool.map(lambda name: _examined(name, patient), names):
            yield from found


def _examined(name: str, patient: Patient) -> list[Diagnosis]:
    found: list[Diagnosis] = []
    try:
        found.extend((CHECKS | LIVE)[name](patient))
    except GitHubRefused as refused:
        is_hidden = name in SEEN_BY_OWNERS and refused.status in {403, 404}
        found.append(
            unknown(name, str(refused), refused.fix) if is_hidden else failed(name, refused)
        )
    except Exception as error:  # noqa: BLE001 - one check that fails is no reason to stop
        found.append(failed(name, error))
    return found


def _print(context: Context, diagnosis: Diagnosis, fix: str) -> None:
    mark = context.coloured(MARKS[diagnosis.state], COLOURS[diagnosis.state])
    context.say(f"{mark} {diagnosis.name:36} {diagnosis.seen}")
    if fix:
        context.say(f"  {'':36} → {fix}")


def markdown(found: Sequence[Diagnosis]) -> str:
    """Return the table of a job summary."""
    rows = ["## Doctor", "", "| | looked at | seen | what to do |", "| --- | --- | --- | --- |"]
    for one in found:
        cells = (MARKS[one.state], one.name, one.seen, one.fix)
        rows.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    """Keep text of others from ending the cell or becoming HTML."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
