"""Static findings: what the files of a site show without opening the page."""

from collections.abc import Iterator

from builder.contract.contract import LICENSE, README, Contract, sha256
from builder.contract.shapes import NotCompared, mismatches
from builder.files.formats import faults
from builder.files.workflows import is_workflow
from builder.findings import Finding, Severity, Source
from builder.site import Site
from builder.verify.links import broken_links

MAX_FILE_BYTES = 100 * 1024 * 1024
"""Largest object that GitHub takes in a push (docs: "About large files on GitHub")."""
MAX_SITE_BYTES = 1024 * 1024 * 1024
"""Largest site that Pages publishes (docs: "GitHub Pages limits")."""
LARGE_FILE_BYTES = 5 * 1024 * 1024
"""A file that makes a phone wait."""

_GRANT = (
    "permission is hereby granted, free of charge",
    "the above copyright notice and this permission notice shall be included",
    "without warranty of any kind",
)
"""Words of the MIT licence, from each of its paragraphs."""
_MAY_BE_EMPTY = (".nojekyll", ".gitkeep", "__init__.py")
_README_HEADINGS = 4
_SHOWN = 160


def inspect(site: Site, contract: Contract, name: str) -> list[Finding]:
    """Return what is wrong with the files of a site served under `/<name>/`."""
    findings = [
        *_missing(site, contract),
        *_unwanted(site, contract),
        *_undecided(contract),
        *_made_later(site, contract),
        *_altered(site, contract),
        *_unparsable(site, contract),
        *_attached_workflows(site, contract),
        *_misshapen(site, contract),
        *_broken_links(site, contract, name),
        *_papers(site),
        *_sizes(site, contract),
    ]
    return list(dict.fromkeys(findings))


def _missing(site: Site, contract: Contract) -> Iterator[Finding]:
    by_name = {path.rsplit("/", 1)[-1]: path for path in site}
    for rule in contract.required:
        if rule.path not in site and rule.path not in contract.made_by_workflow:
            elsewhere = by_name.get(rule.path.rsplit("/", 1)[-1])
            seen = f"only {elsewhere}" if elsewhere else "no such file"
            yield _finding(True, rule.path, f"the file ({rule.evidence})", seen)


def _unwanted(site: Site, contract: Contract) -> Iterator[Finding]:
    for path in filter(contract.forbids, site):
        rule = contract.ban_on(path)
        evidence = rule.evidence if rule else contract.withheld[path]
        yield _finding(True, path, f"no such file ({evidence})", "the file")


def _undecided(contract: Contract) -> Iterator[Finding]:
    """Yield what only a reading could have decided."""
    if contract.is_read:
        return
    for path, words in contract.withheld.items():
        seen = f"left out, since no model has read whether it is secret: {words!r}"
        yield _finding(False, path, "the attachment", seen)


def _altered(site: Site, contract: Contract) -> Iterator[Finding]:
    for path, sha in contract.verbatim.items():
        if path in site and sha256(site[path]) != sha:
            yield _finding(True, path, "the attachment byte for byte", "other bytes")


def _unparsable(site: Site, contract: Contract) -> Iterator[Finding]:
    for path, content in site.items():
        if path in contract.verbatim:
            continue
        for is_certain, fault in faults(path, content):
            yield _finding(is_certain, path, "bytes that fit the file's name", fault[:_SHOWN])


def _attached_workflows(site: Site, contract: Contract) -> Iterator[Finding]:
    """Yield what keeps an attached workflow from running; only whoever sent it can change it."""
    for path in filter(is_workflow, contract.verbatim):
        for _, fault in faults(path, site.get(path, b"")):
            expected = "a workflow that GitHub runs"
            yield _finding(False, path, expected, fault[:_SHOWN], Source.ATTACHMENT)


def _misshapen(site: Site, contract: Contract) -> Iterator[Finding]:
    for shape in contract.json_shapes:
        if shape.path not in site or shape.path in contract.verbatim:
            continue
        try:
            for where, fault in mismatches(site[shape.path], shape.schema):
                yield _finding(True, shape.path, f"{where} to fit ({shape.evidence})", fault)
        except NotCompared as why:
            expected = f"the JSON to fit ({shape.evidence})"
            yield _finding(False, shape.path, expected, f"not compared: {why}", Source.SHAPE)


def _broken_links(site: Site, contract: Contract, name: str) -> Iterator[Finding]:
    completed = contract.completed(site)
    for link, reason in broken_links(completed, name, passed_over=contract.verbatim):
        seen = f"{link.target[:_SHOWN]!r}: {reason}"
        yield _finding(True, link.path, "every link and asset to resolve", seen)


def _made_later(site: Site, contract: Contract) -> Iterator[Finding]:
    for path, quote in contract.made_by_workflow.items():
        if path not in site:
            expected = f"the app's workflow to make it ({quote})"
            yield _finding(False, path, expected, "not made yet", Source.WORKFLOW)


def _papers(site: Site) -> Iterator[Finding]:
    licence = " ".join(site.get(LICENSE, b"").decode("utf-8", "replace").lower().split())
    if LICENSE in site and not all(words in licence for words in _GRANT):
        yield _finding(True, LICENSE, "the whole text of the MIT licence", "parts of it missing")
    headings = site.get(README, b"").count(b"\n#")
    if README in site and headings < _README_HEADINGS:
        expected = "sections: summary, setup, usage, code explanation, licence"
        yield _finding(False, README, expected, f"{headings} headings below the title")


def _sizes(site: Site, contract: Contract) -> Iterator[Finding]:
    required = contract.required_paths | {shape.path for shape in contract.json_shapes}
    for path, content in site.items():
        size = len(content)
        if not size and path not in contract.verbatim and not path.endswith(_MAY_BE_EMPTY):
            yield _finding(path in required, path, "some content", "an empty file")
        if size > LARGE_FILE_BYTES:
            seen = f"{size / 1024 / 1024:.1f} MB"
            yield _finding(size > MAX_FILE_BYTES, path, "a file that loads quickly", seen)
    if sum(map(len, site.values())) > MAX_SITE_BYTES:
        yield _finding(True, "the site", "at most 1 GB in all", "more")


def _finding(
    is_failure: bool, subject: str, expected: str, seen: str, source: Source = Source.FILE
) -> Finding:
    severity = Severity.FAILURE if is_failure else Severity.WARNING
    return Finding(severity, source, subject, expected, seen)
