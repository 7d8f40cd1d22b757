"""Pages builds of branches: queued, building, then served; no thread, the clock decides."""

from local.faults import BuildFault
from local.hub.options import HubOptions
from local.hub.records import PagesBuild, PagesSite, Repository, Store

SUPERSEDED = "The build was cancelled because a newer one was requested."
OVERLAPPED = "Deployment failed due to an in progress deployment of this site."
FAILED = "Page build failed."


class Builds:
    """The builds of all sites, their times shortened by the time scale; 0 means at once.

    A push while a build is under way ends that one as errored, and only the newer one goes live.
    A build that is asked for meanwhile makes both fail. The fault plan says which others go wrong.
    """

    def __init__(self, store: Store, options: HubOptions) -> None:
        self._store = store
        self._options = options
        self._faults = options.faults

    def enable(self, repository: Repository, site: PagesSite, who: str) -> None:
        """Give the repository a site, or other settings, and build its branch."""
        repository.site = site
        if site.build_type == "legacy":
            self._build(repository, who, SUPERSEDED)

    def pushed(self, repository: Repository, pusher: str) -> None:
        """Build what a push brought, when it moved the site's branch."""
        site = repository.site
        if site is None or site.build_type != "legacy":
            return
        last = site.builds[-1].commit if site.builds else None
        if repository.tips.get(site.branch) not in {None, last}:
            self._build(repository, pusher, SUPERSEDED)

    def request(self, repository: Repository, pusher: str) -> None:
        """Build the branch's tip, also when that tip is built already."""
        self._build(repository, pusher, OVERLAPPED)

    def _build(self, repository: Repository, pusher: str, error: str) -> None:
        """Queue a build of the branch's tip; a build under way fails with `error`."""
        site = repository.site
        commit = repository.tips.get(site.branch) if site else None
        if site is None or commit is None:
            return
        self.settle(repository)
        with self._store.change():
            now = self._store.clock()
            under_way = [build for build in site.builds if _is_under_way(build, site)]
            for build in under_way:
                build.fail(error, now)
            build = self._new(site, commit, pusher)
            if under_way and error == OVERLAPPED:
                build.fail(error, now)
            if build.fault is not BuildFault.MISSING:
                site.builds.append(build)

    def _new(self, site: PagesSite, commit: str, pusher: str) -> PagesBuild:
        now = self._store.clock()
        options, fault = self._options, self._faults.take_build()
        seconds = options.later_build if site.deployed else options.first_publication
        ready_at = now + options.time_scale * seconds
        return PagesBuild(self._store.new_id(), commit, pusher, now, now, ready_at, fault)

    def settle(self, repository: Repository) -> None:
        """Bring the builds up to the clock: those that are due begin, and go live."""
        site = repository.site
        with self._store.change():
            for build in site.builds if site else ():
                if site and not build.finished:
                    _advance(build, site, self._store.clock())


def _is_under_way(build: PagesBuild, site: PagesSite) -> bool:
    """Whether another build would overlap; one that hangs for good is replaced without harm."""
    is_live = build.fault is BuildFault.LIVE_BUT_BUILDING and build.commit == site.deployed
    return not build.finished and build.fault is not BuildFault.STUCK and not is_live


def _advance(build: PagesBuild, site: PagesSite, now: float) -> None:
    build.status = "building"
    if now < build.ready_at or not _is_under_way(build, site):
        return
    build.updated_at = build.ready_at
    if build.fault is BuildFault.ERRORED:
        build.fail(FAILED, build.ready_at)
        return
    if build.fault is not BuildFault.LIVE_BUT_BUILDING:
        build.status = "built"
    site.deployed, site.deployed_at = build.commit, build.ready_at
