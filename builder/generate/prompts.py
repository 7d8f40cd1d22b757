"""What a model is told: the request, the contract, the files that stand, what was found wrong.

Text from outside stands between fences that it cannot close.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from mimetypes import guess_type

from builder.contract.contract import LICENSE, PAGE, README, Contract
from builder.files.preview import preview
from builder.findings import Finding, Severity
from builder.llm.messages import Image, Message, fence, one_line
from builder.ports import Render
from builder.request import Request
from builder.rounds import NOTHING, Base
from builder.site import Site

FILES_CHARACTERS = 120_000
"""Characters of existing files in a prompt: about 30,000 tokens, which current models take."""
MAX_FINDINGS = 40
MAX_IMAGES = 6
MAX_IMAGE_BYTES = 4 * 1024 * 1024
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What vision models take."""
_FINDING_CHARACTERS = 2_000
_OURS = (LICENSE, ".nojekyll")


def first(
    request: Request, contract: Contract, base: Base, render: Render, *, vision: bool = False
) -> tuple[Message, ...]:
    """Return the messages that ask for the app, or for the change of a later round.

    With `vision` the pictures among the attachments go along. Raises InvalidAttachment.
    """
    values = _task(request, contract, base)
    files = list(_files(base.site, contract, request.brief))
    text = render("prompts/first.md.j2", **values, files=files)
    return _messages(text, request, render, vision=vision)


def repair(
    request: Request,
    contract: Contract,
    site: Site,
    findings: Iterable[Finding],
    render: Render,
    *,
    base: Base = NOTHING,
    vision: bool = False,
) -> tuple[Message, ...]:
    """Return the messages that ask to mend `site`. Raises InvalidAttachment."""
    values = _task(request, contract, base)
    files = list(_files(site, contract, request.brief))
    text = render("prompts/repair.md.j2", **values, files=files, findings=_foremost(findings))
    return _messages(text, request, render, vision=vision)


def _messages(text: str, request: Request, render: Render, *, vision: bool) -> tuple[Message, ...]:
    images = tuple(_images(request))[:MAX_IMAGES] if vision else ()
    return Message("system", render("prompts/system.md.j2")), Message("user", text, images)


def _task(request: Request, contract: Contract, base: Base) -> dict[str, object]:
    attachments = [
        {
            "name": one_line(attachment.name),
            "preview": preview(
                attachment.name, attachment.media_type, attachment.decode(), attachment.charset
            ),
        }
        for attachment in request.attachments
    ]
    return {
        "round": request.round,
        "brief": request.brief,
        "checks": request.checks,
        "attachments": attachments,
        "earlier": [past for past in base.rounds if past.round < request.round],
        "contract": contract,
        "fence": fence,
        "one_line": one_line,
    }


def _images(request: Request) -> Iterator[Image]:
    for attachment in request.attachments:
        if attachment.media_type in _IMAGES:
            content = attachment.decode()
            if len(content) <= MAX_IMAGE_BYTES:
                yield Image(attachment.media_type, content)


@dataclass(frozen=True)
class _File:
    path: str
    size: int
    text: str | None
    """None where the file is not shown."""


def _files(site: Site, contract: Contract, brief: str) -> Iterator[_File]:
    """Yield the files with their text, those that matter first, as far as the budget reaches."""
    left = FILES_CHARACTERS
    for path in sorted(site, key=lambda path: _importance(path, site, brief)):
        if path in _OURS:
            continue
        text = _text(path, site[path], contract)
        if text is not None and len(text) > left:
            text = None
        left -= len(text or "")
        yield _File(path, len(site[path]), text)


def _importance(path: str, site: Site, brief: str) -> tuple[bool, bool, bool, int, str]:
    """Sort the page first, then the README, what the brief names, and small files before large."""
    return path != PAGE, path != README, path not in brief, len(site[path]), path


def _text(path: str, content: bytes, contract: Contract) -> str | None:
    """Return the text of a file; of an attachment a preview; None for other bytes."""
    if path in contract.verbatim:
        media_type = guess_type(path)[0] or "application/octet-stream"
        return f"(an attachment, which stays as it is)\n{preview(path, media_type, content)}"
    try:
        return None if b"\0" in content else content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _foremost(findings: Iterable[Finding]) -> Sequence[Finding]:
    """Return the failures, then the warnings, as many as a prompt bears."""
    ranked = sorted(findings, key=lambda finding: finding.severity is not Severity.FAILURE)
    return [
        finding.model_copy(update={"seen": finding.seen[:_FINDING_CHARACTERS]})
        for finding in ranked[:MAX_FINDINGS]
    ]
