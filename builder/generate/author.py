"""Between the request and a model: what is asked, and what a reply makes of the site."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from builder.contract.contract import PAGE, Contract
from builder.generate import merge, prompts
from builder.generate.attempts import Attempt
from builder.generate.reply import parse
from builder.llm.messages import Message, Reply
from builder.ports import Render
from builder.request import Request
from builder.rounds import Base
from builder.site import Site


@dataclass(frozen=True)
class ModelAuthor:
    """The port `Author`: prompts out, tagged files in.

    `starter` returns what a reply is put on at first: existing files, attachments and boilerplate.
    `readme` makes the README that stands in where the reply brings none of use. With `vision` the
    pictures among the attachments go along.
    """

    request: Request
    base: Base
    starter: Callable[[Contract], Site]
    readme: Callable[[Site, Contract], str]
    render: Render
    vision: bool = False

    def first(self, contract: Contract) -> Sequence[Message]:
        """Return the messages that ask for the app, or for the change of a later round."""
        return self._prompt(contract).messages(self.base.site)

    def repair(self, attempt: Attempt, contract: Contract) -> Sequence[Message]:
        """Return the messages that ask to repair an attempt."""
        return self._prompt(contract).messages(attempt.site, attempt.findings)

    def attempt(self, reply: Reply, before: Attempt | None, contract: Contract) -> Attempt:
        """Apply a reply to the attempt that it repairs, or to the starter files."""
        parsed = parse(reply.text, is_cut=not reply.complete)
        start = before.site if before else self.starter(contract)
        site, findings = merge.apply(
            start, parsed, contract, readme=lambda site: self.readme(site, contract)
        )
        return Attempt(
            site,
            reply.model,
            is_usable=PAGE in site and (site != start or bool(before and before.is_usable)),
            findings=tuple(findings),
            model_checks={**(before.model_checks if before else {}), **parsed.checks},
            disputes=parsed.disputes,
        )

    def _prompt(self, contract: Contract) -> prompts.Prompt:
        return prompts.Prompt(self.request, self.base, contract, self.render, self.vision)
