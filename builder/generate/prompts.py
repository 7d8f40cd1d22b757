"""Prompts for the app: the request, the contract, the existing files, what was found wrong.

Text from outside is put between fences that it cannot close.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from mimetypes import guess_type

from builder.contract.contract import LICENSE, PAGE, README, Contract, sha256
from builder.contract.core import may_ask_for_workflow
from builder.files.decoding import charset_named
from builder.files.preview import MAX_CHARACTERS, preview
from builder.findings import Finding, Severity
from builder.generate.build_script import MAX_SECONDS, BuildScripts
from builder.generate.fetched import Fetched
from builder.llm.messages import Image, Message
from builder.rendering import render
from builder.request import Check, Request
from builder.rounds import Base, Round
from builder.site import Site

FILES_CHARACTERS = 120_000
"""Characters of existing files in a prompt: about 30,000 tokens, which current models accept."""
ATTACHMENTS_CHARACTERS = 60_000
"""Characters of previews in a prompt; beyond that, only statistics or the size are shown."""
MAX_FINDINGS = 40
MAX_IMAGES = 6
MAX_IMAGE_BYTES = 4 * 1024 * 1024
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What vision models accept."""
_FINDING_CHARACTERS = 2_000
_OURS = (LICENSE, ".nojekyll")
_NUMBERS = ("parseFloat", "Number(", "parseInt")
_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class Prompt:
    """Everything that a prompt for one round's app is made of."""

    request: Request
    base: Base
    contract: Contract
    vision: bool = False
    fetched: Sequence[Fetched] = ()
    """What the addresses that the request names answered."""
    scripts: BuildScripts | None = None
    """Runs build scripts; None if the request has no use for one."""

    def messages(
        self, site: Site, findings: Iterable[Finding] | None = None, script: str = ""
    ) -> tuple[Message, ...]:
        """Return the messages that ask for the app, given the existing files.

        With `findings`, they ask to repair these files, of which `script` made some. Raises
        InvalidAttachment.
        """
        files = list(self._files(site))
        values: dict[str, object] = {
            "request": self.request,
            "contract": self.contract,
            "earlier": [(past, self._standing_checks(past)) for past in self._earlier],
            "attachments": list(self._attachments()),
            "files": files,
            "findings": None if findings is None else _foremost(findings),
            "fetched": self.fetched,
            "has_inputs": self.scripts is not None and not self.scripts.unavailable,
            "script": script,
        }
        rules = render("prompts/system.md.j2", **self._features(bool(files)))
        text = render("prompts/task.md.j2", **values)
        images = tuple(self._images())[:MAX_IMAGES] if self.vision else ()
        return Message("system", rules), Message("user", text, images)

    def _features(self, is_change: bool) -> dict[str, object]:
        """Return which rules matter for this request."""
        names = [attachment.name.lower() for attachment in self.request.attachments]
        names += [name.lower() for past in self._earlier for name in past.attachments]
        checks = [*self.request.checks, *(check for past in self._earlier for check in past.checks)]
        return {
            "is_change": is_change,
            "has_attachments": bool(names),
            "has_table": any(name.endswith(_TABLES) for name in names),
            "has_withheld": bool(self.contract.withheld),
            "scripts": self.scripts,
            "seconds": MAX_SECONDS,
            "has_workflow": self.contract.asks_for_workflow or may_ask_for_workflow(self.request),
            "no_workflows": self.contract.no_workflows,
            "has_plain_checks": not all(check.is_javascript for check in self.request.checks),
            "reads_numbers": any(word in check.source for check in checks for word in _NUMBERS),
        }

    @property
    def _earlier(self) -> list[Round]:
        return [past for past in self.base.rounds if past.round < self.request.round]

    def _standing_checks(self, past: Round) -> list[Check]:
        """Return the checks of a round that still have to hold, each only in its last round."""
        later = {check.source for check in self.request.checks} | self.contract.retired_checks
        for other in self._earlier:
            if other.round > past.round:
                later |= {check.source for check in other.checks}
        return [check for check in past.checks if check.source not in later]

    def _attachments(self) -> Iterator[dict[str, str]]:
        known = {(name, sha) for past in self._earlier for name, sha in past.attachments.items()}
        return previews(self.request, known)

    def _images(self) -> Iterator[Image]:
        for one in self.request.attachments:
            if one.media_type in _IMAGES and len(one.decode()) <= MAX_IMAGE_BYTES:
                yield Image(one.media_type, one.decode())

    def _files(self, site: Site) -> Iterator[dict[str, object]]:
        """Yield the files, the most important first, with their text, within the budget.

        The attachments of this round are described elsewhere.
        """
        left = FILES_CHARACTERS
        described = {attachment.name for attachment in self.request.attachments}
        for path in sorted(site, key=lambda path: self._importance(path, site)):
            if path in _OURS or path in described & self.contract.verbatim.keys():
                continue
            text = self._text(path, site[path])
            if text is not None and len(text) > left:
                text = None
            left -= len(text or "")
            yield {"path": path, "size": len(site[path]), "text": text}

    def _importance(self, path: str, site: Site) -> tuple[bool, bool, bool, int, str]:
        """Sort the page first, then the README, what the brief names, small before large."""
        is_named = path in self.request.brief
        return path != PAGE, path != README, not is_named, len(site[path]), path

    def _text(self, path: str, content: bytes) -> str | None:
        """Return the text of a file, the statistics of an attachment, or None for other bytes."""
        if path in self.contract.verbatim:
            media_type = guess_type(path)[0] or "application/octet-stream"
            shown = preview(path, media_type, content, is_whole=False)
            return f"(an attachment of an earlier round, which stays as it is)\n{shown}"
        try:
            return None if b"\0" in content else content.decode("utf-8")
        except UnicodeDecodeError:
            return None


def previews(request: Request, known: Container[tuple[str, str]] = ()) -> Iterator[dict[str, str]]:
    """Yield the attachments, each with what a prompt shows of it, within the budget.

    The content of those `known` by name and SHA-256 is left out.
    """
    left = ATTACHMENTS_CHARACTERS
    for one in request.attachments:
        content = one.decode()
        charset = one.charset or charset_named(content, request.brief)
        is_whole = left > MAX_CHARACTERS and (one.name, sha256(content)) not in known
        shown = preview(one.name, one.media_type, content, charset, is_whole=is_whole)
        shown = shown if len(shown) <= left else f"{len(content):,} bytes, {one.media_type}"
        left -= len(shown)
        yield {"name": one.name, "preview": shown}


def _foremost(findings: Iterable[Finding]) -> Sequence[Finding]:
    """Return the failures, then the warnings, as many as fit into a prompt."""
    ranked = sorted(findings, key=lambda finding: finding.severity is not Severity.FAILURE)
    shown = ranked[:MAX_FINDINGS]
    return [replace(finding, seen=finding.seen[:_FINDING_CHARACTERS]) for finding in shown]
