"""The story of a site from templates: attachments, named files, the page, its papers."""

from datetime import UTC, datetime

from builder.brief import prose as prose
from builder.brief.contract import Contract
from builder.ports import Render
from builder.request import Request
from builder.rounds import Base
from builder.site import Site
from builder.starter_files import attachments, licence
from builder.templated.page import page
from builder.templated.papers import readme_of
from builder.templated.planning import Plan, plan


def build(request: Request, base: Base, render: Render, *, year: int | None = None) -> Site:
    """Return the whole site of this round; the licence is of `year`, or of today's.

    What earlier rounds made stays unless this one replaces it; a round 1 begins anew. What the
    brief plainly forbids, such as a confidential attachment, is left out.
    Raises InvalidAttachment, UnsafePath.
    """
    contract = Contract.of(request, base.rounds)
    attached = attachments(request, contract)
    planned = plan(request, base)
    standing = base.site if request.round > 1 else Site({})
    site = standing | named_files(request.brief, planned) | {".nojekyll": b""} | attached
    site = site.without(*filter(contract.forbids, site))
    if "LICENSE" not in site:
        site |= {"LICENSE": licence(year or datetime.now(UTC).year, render).encode()}
    paths = tuple(site | {"index.html": b"", "README.md": b""})
    made = {
        "index.html": page(planned, request.brief, paths, render).encode(),
        "README.md": readme_of(planned, request, base, paths, render).encode(),
    }
    return site | made | attached


def named_files(brief: str, planned: Plan) -> dict[str, bytes]:
    """Return the files that a brief gives the content of: copies, and texts word for word."""
    contents = planned.sources.contents
    copied = {
        target: contents[source] for source, target in prose.copies(brief) if source in contents
    }
    return copied | {name: text.encode() for name, text in prose.literal_files(brief).items()}
