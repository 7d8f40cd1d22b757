"""Looks at the site of the assignment on standard input; writes each thing that it sees."""

import asyncio
import sys

from builder.site import Site
from builder.verify.assignment import SITE, Assignment
from builder.verify.browser_worker.egress import Egress
from builder.verify.browser_worker.hosting import Hosting
from builder.verify.browser_worker.notebook import Notebook
from builder.verify.browser_worker.visit import visit
from builder.verify.observation import Kind


def main() -> None:
    """Do one visit."""
    assignment = Assignment.from_json(sys.stdin.read())
    note = Notebook(sys.stdout)
    site = Hosting(assignment.name, Site.read(assignment.path(SITE)))
    proxy = Egress(site, refused=lambda host: note(Kind.REFUSED, subject=host))
    with proxy.running():
        asyncio.run(visit(assignment, site.root, proxy.url, note))


main()
