"""Looks at the site of the assignment on standard input; writes each thing that it sees."""

import asyncio
import sys

from builder.site import Site
from builder.verification.assignment import SITE, Assignment
from builder.verification.look.egress import Egress
from builder.verification.look.hosting import Hosting
from builder.verification.look.notebook import Notebook
from builder.verification.look.visit import visit
from builder.verification.observation import Kind


def main() -> None:
    """Do one visit."""
    assignment = Assignment.from_json(sys.stdin.read())
    note = Notebook(sys.stdout)
    site = Hosting(assignment.name, Site.read(assignment.path(SITE)))
    proxy = Egress(site, refused=lambda host: note(Kind.REFUSED, subject=host))
    with proxy.running():
        asyncio.run(visit(assignment, site.root, proxy.url, note))


main()
