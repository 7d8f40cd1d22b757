"""Does the job on standard input; writes each observation to standard output as it is made."""

import asyncio
import sys

from builder.site import Site
from builder.verify.browser_worker.egress import Egress
from builder.verify.browser_worker.recorder import Recorder
from builder.verify.browser_worker.visit import visit
from builder.verify.hosting import Hosting
from builder.verify.worker_protocol import SITE, Job, Kind


def main() -> None:
    job = Job.model_validate_json(sys.stdin.read())
    record = Recorder(sys.stdout)
    site = Hosting(job.name, Site.read(job.path(SITE)))
    proxy = Egress(site, refused=lambda host: record(Kind.REFUSED, subject=host))
    with proxy.running():
        asyncio.run(visit(job, site.root, proxy.url, record))


main()
