"""Stands between the request and a model: makes prompts, and applies replies to the site."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from builder.contract.contract import PAGE, Contract, sha256
from builder.findings import failures
from builder.generate import merge
from builder.generate.attempts import Attempt
from builder.generate.build_script import BuildScripts
from builder.generate.prompts import Prompt
from builder.generate.reply import parse
from builder.llm.messages import Message, Reply
from builder.site import Site

_DATA = (".csv", ".geojson", ".json", ".tsv")
"""Files whose numbers are figures; those of a page may be sizes."""
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class ModelAuthor:
    """Implements `Author`: prompts out, tagged files in."""

    prompt: Callable[[Contract], Prompt]
    starter: Callable[[Contract], Site]
    """Returns what a first reply is applied to: existing files, attachments and boilerplate."""
    readme: Callable[[Site, Contract], str]
    """Makes the README if the reply has none."""
    scripts: Callable[[], BuildScripts]
    """Returns what runs the build scripts of replies."""

    def first(self, contract: Contract) -> Sequence[Message]:
        """Return the messages that ask for the app, or for the change of a later round."""
        prompt = self.prompt(contract)
        return prompt.messages(prompt.base.site)

    def repair(self, attempt: Attempt, contract: Contract) -> Sequence[Message]:
        """Return the messages that ask to repair an attempt."""
        return self.prompt(contract).messages(attempt.site, attempt.findings, attempt.script)

    def attempt(self, reply: Reply, before: Attempt | None, contract: Contract) -> Attempt:
        """Apply a reply to the attempt that it repairs, or to the starter files."""
        parsed = parse(reply.text, is_cut=not reply.complete)
        start = before.site if before else self.starter(contract)
        site, findings = merge.apply(
            start, parsed, contract, readme=lambda site: self.readme(site, contract)
        )
        script = parsed.script or (before.script if before and not before.is_built else "")
        known = before.computed if before else self.prompt(contract).base.computed
        computed = _still_computed(known, start, site, {path for path, _ in parsed.edits})
        if script:
            built, problems = self.scripts().applied(script, site, contract)
            if not failures(problems):
                made = (path for path in built if built[path] != site.get(path))
                computed |= {path: sha256(built[path]) for path in made}
            site, findings = built, [*findings, *problems]
        return Attempt(
            site,
            reply.model,
            is_usable=PAGE in site and (site != start or bool(before and before.is_usable)),
            findings=tuple(findings),
            model_checks={**(before.model_checks if before else {}), **parsed.checks},
            disputes=parsed.disputes,
            script=script or (before.script if before else ""),
            computed=computed,
        )


def _still_computed(
    computed: Mapping[str, str], before: Site, now: Site, edited: Container[str]
) -> dict[str, str]:
    """Return which of the files that build scripts made are as they were, but for some edits.

    An edit that brings a number into a file of data has made it up.
    """
    unchanged = {path for path in computed if now.get(path) == before.get(path)}
    kept = {path for path in computed if path in edited and path in now} | unchanged
    kept -= {
        path
        for path in kept - unchanged
        if path.lower().endswith(_DATA)
        and not _numbers(now[path]) <= _numbers(before.get(path, b""))
    }
    return {
        path: sha256(now[path]) for path in kept if sha256(before.get(path, b"")) == computed[path]
    }


def _numbers(content: bytes) -> set[float]:
    return {float(number) for number in _NUMBER.findall(content)}
