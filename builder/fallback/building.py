"""The site of the fallback, file by file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape

from builder.contract.contract import LICENSE, PAGE, README, Contract
from builder.contract.starter_files import attachments, licence
from builder.fallback.expectations import expectations, title
from builder.fallback.views import View, heading, placed, views
from builder.rendering import render
from builder.request import Check, Request
from builder.rounds import Base, Round
from builder.site import Site

_NOTES = {PAGE: "the page", README: "about this app", LICENSE: "the MIT licence"}
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})</title>", re.IGNORECASE)


def build(request: Request, base: Base, contract: Contract, *, year: int) -> Site:
    """Return the whole site of this round; a new licence has `year`.

    What earlier rounds made stays unless this one replaces it; round 1 starts from nothing. The
    same request gives the same bytes. Raises InvalidAttachment, UnsafePath.
    """
    attached = attachments(request, contract)
    standing = base.site if request.round > 1 else Site({})
    site = standing | {".nojekyll": b""} | attached
    site = site.without(*filter(contract.forbids, site))
    if LICENSE not in site:
        site |= {LICENSE: licence(year).encode()}
    rounds = _rounds(request, base)
    expected = expectations(_checks(rounds))
    shown = placed([heading(_title(rounds)), *_views(request, rounds, site, contract)], expected)
    site |= {PAGE: b"", README: b""}
    there = {view.id for view in shown}
    gaps = list(_gaps(site, [one.id for one in expected if one.id not in there], contract))
    page = render(
        "site/index.html.j2",
        title=shown[0].text,
        heading=shown[0],
        views=shown[1:],
        rounds=rounds,
        gaps=gaps,
        files=[(path, note) for path, note in _file_notes(site, contract) if path != PAGE],
    )
    paper = readme(request, base, site | {PAGE: page.encode()}, contract, gaps=gaps)
    return site | {PAGE: page.encode(), README: paper.encode()} | attached


def readme(
    request: Request,
    base: Base,
    site: Site,
    contract: Contract,
    *,
    gaps: Sequence[str] | None = None,
) -> str:
    """Return README.md for the app in `site`: its title, its files, what each round asked for.

    `gaps` is what a fallback has not built, None for an app that is not a fallback.
    """
    found = _TITLE.search(site.get(PAGE, b"")[:100_000].decode("utf-8", "replace"))
    rounds = _rounds(request, base)
    return render(
        "README.md.j2",
        title=" ".join(unescape(found[1]).split()) if found else _title(rounds),
        gaps=gaps,
        files=_file_notes(site, contract),
        attachments=[path for path in (*contract.verbatim, *contract.replaceable) if path in site],
        rounds=rounds,
    )


def _rounds(request: Request, base: Base) -> list[Round]:
    return [past for past in base.rounds if past.round < request.round] + [Round.of(request)]


def _title(rounds: Sequence[Round]) -> str:
    """Return the title that a check demands, else the task's name in words."""
    words = re.sub(r"[-_\s]+", " ", rounds[0].task).strip()
    return title(_checks(rounds)) or words[:1].upper() + words[1:]


def _checks(rounds: Iterable[Round]) -> list[Check]:
    return [check for past in rounds for check in past.checks]


def _views(request: Request, rounds: Sequence[Round], site: Site, contract: Contract) -> list[View]:
    """Return views of the attachments, in the order in which they came."""
    names = dict.fromkeys(name for past in rounds for name in past.attachments)
    charsets = {attachment.name: attachment.charset for attachment in request.attachments}
    present = [name for name in names if name in site and not contract.forbids(name)]
    return views(site, present, charsets)


def _gaps(site: Site, ids: Iterable[str], contract: Contract) -> Iterator[str]:
    """Yield what is asked for and not built; `ids` are those of missing elements."""
    yield from (f"the file {rule.path}" for rule in contract.required if rule.path not in site)
    yield from (f"the element #{name}" for name in dict.fromkeys(ids))
    yield "everything else that the brief asks the page to do or to look like"


def _file_notes(site: Site, contract: Contract) -> list[tuple[str, str]]:
    """Return the files that Pages serves, each with a note on what it is."""
    attached = {*contract.verbatim, *contract.replaceable}
    return [
        (path, _NOTES.get(path) or ("attachment" if path in attached else "part of the app"))
        for path in site.served
    ]
