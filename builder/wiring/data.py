"""Data and build scripts of one round: a sandbox, fetched data, what scripts find."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

from builder.generate.build_script import BuildScripts
from builder.generate.fetched import Fetched, addresses, missing, named
from builder.ports import Outcome
from builder.report import Report
from builder.request import Request
from builder.sandbox.bubblewrap import Sandbox
from builder.sandbox.fetching import fetch
from builder.sandbox.proxy import PUBLIC
from builder.site import Files
from builder.wiring.command import Command

LINES = 20
"""Last lines of a script's output that the log shows."""


@dataclass
class Data:
    """The data of a request; `seconds` returns how long a script may take now."""

    command: Command
    request: Request
    report: Report
    seconds: Callable[[], float]

    @property
    def matters(self) -> bool:
        """Whether a build script may be useful for the request."""
        return bool(self.request.attachments or addresses(self.request))

    @cached_property
    def fetched(self) -> list[Fetched]:
        """What the addresses that the request names answer; each is asked once."""
        urls = addresses(self.request)
        if urls and (reason := self._sandbox.unavailable):
            return missing(urls, f"nothing is fetched on this machine: {reason}")
        taken = {attachment.name for attachment in self.request.attachments}
        found = named(fetch(urls, partial(self._run, "data")), taken)
        for one in found:
            outcome = f"{len(one.content):,} bytes" if one.is_there else one.reason
            self.command.log.line(f"{one.url}: {outcome}")
        return found

    @cached_property
    def scripts(self) -> BuildScripts:
        """What runs build scripts; if none can be run, the report says why."""
        self.report.no_scripts = self._sandbox.unavailable
        return BuildScripts(
            partial(self._run, "build script"),
            self.seconds,
            self._sandbox.packages,
            {attachment.name: attachment.decode() for attachment in self.request.attachments}
            | {one.name: one.content for one in self.fetched if one.is_there},
            self._sandbox.unavailable,
        )

    @cached_property
    def _sandbox(self) -> Sandbox:
        network = replace(PUBLIC, hosts=self.command.settings.hosts)
        return Sandbox(network, self.command.environ.get("PATH"))

    def _run(self, name: str, script: str, site: Files, inputs: Files, seconds: float) -> Outcome:
        with self.command.run.timed(self.report, name):
            outcome = self._sandbox.run(script, site, inputs, seconds)
        took = self.report.steps[-1].seconds
        ended = outcome.error or f"{len(outcome.files)} files written"
        self.command.log.line(f"{name.capitalize()}: {ended} after {took} s")
        for line in outcome.output.splitlines()[-LINES:]:
            self.command.log.line(f"  {line}")
        return outcome
