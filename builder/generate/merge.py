"""Applies a reply to the existing files: what a model may decide, and what it may not."""

from collections.abc import Callable, Container

from builder.contract.contract import LICENSE, README, Contract, sha256
from builder.errors import UnsafePath
from builder.findings import Finding, Severity
from builder.generate import edits
from builder.generate.reply import ModelFiles, finding
from builder.site import WORKFLOWS, Files, Site

CUSTOM_DOMAIN = "CNAME"
"""Pages moves a site to the domain in this file."""
_OURS = frozenset({LICENSE.lower(), README.lower(), ".nojekyll"})


def apply(
    base: Site, reply: ModelFiles, contract: Contract, *, readme: Callable[[Site], str]
) -> tuple[Site, list[Finding]]:
    """Return `base` with the reply's changes, and findings on what is wrong or was refused.

    `base` already has the attachments and the licence. `readme` makes a README if neither the reply
    nor `base` has one. What the contract forbids is left out.
    """
    changed, findings = _edited(base, reply)
    site, refused = with_files(base, reply.files | changed, reply.deletions, contract)
    deleted = [path for path in reply.deletions if path in site]
    kept = [path for path in deleted if _is_protected(path, contract)]
    refused += [finding(path, "the file to stay", "a deletion, not made") for path in kept]
    forbidden = [path for path in site if contract.forbids(path)]
    site = site.without(*(set(deleted) - set(kept)), *forbidden)
    if not site.get(README, b"").strip():
        site |= {README: readme(site).encode()}
    return site, [*reply.findings, *findings, *refused]


def _edited(base: Site, reply: ModelFiles) -> tuple[dict[str, bytes], list[Finding]]:
    """Return the files that edits change, in full, and findings on edits that do not fit."""
    changed: dict[str, bytes] = {}
    findings = []
    for path, body in reply.edits:
        try:
            text = changed.get(path, base.get(path, b"")).decode("utf-8")
            changed[path] = edits.applied(text, edits.read(body)).encode()
        except (edits.Mismatch, UnicodeDecodeError) as error:
            expected = "edits that fit the file as it stands; send the whole file instead"
            findings.append(finding(path, expected, f"{error}", Severity.FAILURE))
    return changed, findings


def with_files(
    base: Site, files: Files, deletions: Container[str], contract: Contract
) -> tuple[Site, list[Finding]]:
    """Return `base` with `files`, except those that are refused, and findings on why."""
    site, findings = base, []
    for path, content in files.items():
        refusal = _refusal(path, content, contract)
        twin = site.case_twin(path)
        if refusal is None and twin and twin not in deletions:
            expected = f"no second file whose name differs from {twin} in case only"
            refusal = finding(path, expected, "one, left out", Severity.FAILURE)
        try:
            site = site if refusal else site | {path: content}
        except UnsafePath as error:
            expected = "a path where no other file is a folder"
            refusal = finding(path, expected, str(error), Severity.FAILURE)
        if refusal and site.get(path) != content:
            findings.append(refusal)
    return site, findings


def _refusal(path: str, content: bytes, contract: Contract) -> Finding | None:
    """Return why a file of the reply is refused, or None."""
    if path in contract.withheld:
        return finding(path, "a withheld attachment to stay out of the site", "the file")
    if contract.forbids(path):
        return finding(path, "no such file, as the request does not want it", "the file")
    if path in contract.verbatim and contract.verbatim[path] != sha256(content):
        return finding(path, "the attachment as it came", "an altered copy; the original stays")
    if path.lower() == LICENSE.lower():
        return finding(path, "the licence as it stands", "another text; the licence stays")
    return _refusal_of_settings(path, contract)


def _refusal_of_settings(path: str, contract: Contract) -> Finding | None:
    """Refuse what would affect the repository or the host, unless it was asked for."""
    if path.lower().startswith(WORKFLOWS) and not contract.permits_workflow(path):
        return finding(path, "a workflow only where brief or check names it", "a workflow")
    if path.upper() == CUSTOM_DOMAIN and path not in contract.required_paths:
        return finding(path, "a custom domain only where it is asked for", "a custom domain")
    return None


def _is_protected(path: str, contract: Contract) -> bool:
    attached = path in contract.verbatim or path in contract.replaceable
    return attached or path.lower() in _OURS
