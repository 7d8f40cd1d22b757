"""Starts a browser, then does a job; both come on standard input.

Each observation is written to standard output as soon as it is made.
"""

import asyncio
import sys

from builder.site import Site
from builder.verify.browser_worker.egress import Egress
from builder.verify.browser_worker.recorder import Recorder
from builder.verify.browser_worker.visit import visit
from builder.verify.hosting import Hosting
from builder.verify.worker_protocol import SITE, Job, Kind, Launch


def main() -> None:
    launch = Launch.model_validate_json(sys.stdin.readline())
    record = Recorder(sys.stdout)
    proxy = Egress(Hosting("", {}), refused=lambda host: record(Kind.REFUSED, subject=host))

    async def job() -> Job:
        given = Job.model_validate_json(await asyncio.to_thread(sys.stdin.read))
        proxy.site = Hosting(given.name, Site.read(given.path(SITE)))
        return given

    with proxy.running():
        asyncio.run(visit(launch, job, proxy, record))


main()
