"""Pages builds of branches: queued, building, then served; no thread, the clock decides."""

from local.faults import BuildFault, FaultPlan
from local.hub.bare import BareRepository
from local.hub.records import Build, Repository, Site
from local.hub.store import Store

SUPERSEDED = "The build was cancelled because a newer one was requested."
FAILED = "Page build failed."


class Builds:
    """The builds of all sites; each takes `delay` seconds and the builds of one site queue up.

    `faults` says which of them go wrong.
    """

    def __init__(self, store: Store, delay: float, faults: FaultPlan) -> None:
        self._store = store
        self._delay = delay
        self._faults = faults

    def enable(self, repository: Repository, site: Site, git: BareRepository, who: str) -> None:
        """Give the repository a site, or other settings, and build its branch."""
        with self._store.change():
            repository.site = site
        if site.build_type == "legacy":
            self.request(repository, git, who)

    def request(self, repository: Repository, git: BareRepository, pusher: str) -> Build | None:
        """Queue a build of the branch's tip, also when that tip is built already."""
        site = repository.site
        commit = git.branches().get(site.branch) if site else None
        if site is None or commit is None:
            return None
        self.settle(repository)
        with self._store.change():
            return self._queue(site, commit, pusher)

    def pushed(self, repository: Repository, git: BareRepository, pusher: str) -> None:
        """Build what a push brought, when it moved the site's branch."""
        site = repository.site
        if site is None or site.build_type != "legacy":
            return
        last = site.builds[-1].commit if site.builds else None
        if git.branches().get(site.branch) not in {None, last}:
            self.request(repository, git, pusher)

    def _queue(self, site: Site, commit: str, pusher: str) -> Build:
        now = self._store.clock()
        waiting = [build for build in site.builds if not build.finished]
        for build in waiting:
            if build.commit != commit:
                build.status, build.error, build.updated_at = "errored", SUPERSEDED, now
        starts_at = max([now, *(build.ready_at for build in waiting if not build.finished)])
        build = Build(
            id=self._store.new_id(),
            commit=commit,
            pusher=pusher,
            status="queued",
            created_at=now,
            updated_at=now,
            starts_at=starts_at,
            ready_at=starts_at + self._delay,
            fault=self._faults.take_build(),
        )
        if build.fault is not BuildFault.MISSING:
            site.builds.append(build)
        return build

    def settle(self, repository: Repository) -> None:
        """Bring the builds up to the clock: those that are due begin, and go live."""
        site, now = repository.site, self._store.clock()
        if site is None or not any(_due(site, build, now) for build in site.builds):
            return
        with self._store.change():
            for build in site.builds:
                if _due(site, build, now):
                    _advance(site, build, now)


def _due(site: Site, build: Build, now: float) -> bool:
    """Whether the clock has passed the next change of the build."""
    if build.finished:
        return False
    if build.status == "queued":
        return now >= build.starts_at
    is_live = build.fault is BuildFault.LIVE_BUT_BUILDING and build.commit == site.deployed
    return now >= build.ready_at and not is_live and build.fault is not BuildFault.STUCK


def _advance(site: Site, build: Build, now: float) -> None:
    if now < build.ready_at or build.fault is BuildFault.STUCK:
        build.status, build.updated_at = "building", build.starts_at
        return
    build.updated_at = build.ready_at
    if build.fault is BuildFault.ERRORED:
        build.status, build.error = "errored", FAILED
        return
    build.status = "building" if build.fault is BuildFault.LIVE_BUT_BUILDING else "built"
    site.deployed, site.deployed_at = build.commit, build.ready_at
