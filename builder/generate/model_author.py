"""Between the request and a model: what is asked, and what a reply makes of the site."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from builder.contract.contract import Contract
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

    `ground` is what a reply is put on at first: the files that stand, the attachments, the licence.
    `readme` makes the README that stands in where the reply brings none of use.
    """

    request: Request
    base: Base
    contract: Contract
    ground: Site
    readme: Callable[[Site], str]
    render: Render
    vision: bool = False

    def first(self) -> Sequence[Message]:
        """Return what is asked at first."""
        return prompts.first(
            self.request, self.contract, self.base, self.render, vision=self.vision
        )

    def repair(self, attempt: Attempt) -> Sequence[Message]:
        """Return what is asked to mend an attempt."""
        return prompts.repair(
            self.request,
            self.contract,
            attempt.site,
            attempt.findings,
            self.render,
            base=self.base,
            vision=self.vision,
        )

    def attempt(self, reply: Reply, before: Attempt | None) -> Attempt:
        """Apply a reply to the attempt that it repairs, or to the ground."""
        files = parse(reply.text, is_cut=not reply.complete)
        start = before.site if before else self.ground
        site, findings = merge.apply(start, files, self.contract, readme=self.readme)
        return Attempt(
            site,
            reply.model,
            is_usable=bool(files.files),
            findings=tuple(findings),
            model_checks={**(before.model_checks if before else {}), **files.checks},
        )
