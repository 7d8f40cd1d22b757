"""Pages builds of branches: queued, building, then served; no thread, the clock decides."""

from local.faults import BuildFault, FaultPlan
from local.hub.bare import BareRepository
from local.hub.records import PagesBuild, PagesSite, Repository
from local.hub.store import Store

FIRST_PUBLICATION = 60.0
LATER_BUILD = 30.0
"""Seconds that a site's first build and later ones take on GitHub (about a minute at first)."""
SUPERSEDED = "The build was cancelled because a newer one was requested."
OVERLAPPED = "Deployment failed due to an in progress deployment of this site."
FAILED = "Page build failed."


class Builds:
    """The builds of all sites, their times shortened by `time_scale`; 0 means at once.

    A push while a build is under way ends that one as errored, and only the newer one goes live.
    A build that is asked for meanwhile makes both fail. `faults` says which others go wrong.
    """

    def __init__(self, store: Store, time_scale: float, faults: FaultPlan) -> None:
        self._store = store
        self._scale = time_scale
        self._faults = faults

    def enable(
        self, repository: Repository, site: PagesSite, git: BareRepository, who: str
    ) -> None:
        """Give the repository a site, or other settings, and build its branch."""
        with self._store.change():
            repository.site = site
        if site.build_type == "legacy":
            self._build(repository, git, who, SUPERSEDED)

    def pushed(self, repository: Repository, git: BareRepository, pusher: str) -> None:
        """Build what a push brought, when it moved the site's branch."""
        site = repository.site
        if site is None or site.build_type != "legacy":
            return
        last = site.builds[-1].commit if site.builds else None
        if git.branches().get(site.branch) not in {None, last}:
            self._build(repository, git, pusher, SUPERSEDED)

    def request(
        self, repository: Repository, git: BareRepository, pusher: str
    ) -> PagesBuild | None:
        """Build the branch's tip, also when that tip is built already."""
        return self._build(repository, git, pusher, OVERLAPPED)

    def _build(
        self, repository: Repository, git: BareRepository, pusher: str, error: str
    ) -> PagesBuild | None:
        """Queue a build of the branch's tip; a build under way fails with `error`."""
        site = repository.site
        commit = git.branches().get(site.branch) if site else None
        if site is None or commit is None:
            return None
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
        return build

    def _new(self, site: PagesSite, commit: str, pusher: str) -> PagesBuild:
        now = self._store.clock()
        seconds = LATER_BUILD if site.deployed else FIRST_PUBLICATION
        return PagesBuild(
            id=self._store.new_id(),
            commit=commit,
            pusher=pusher,
            created_at=now,
            updated_at=now,
            ready_at=now + seconds * self._scale,
            fault=self._faults.take_build(),
        )

    def settle(self, repository: Repository) -> None:
        """Bring the builds up to the clock: those that are due begin, and go live."""
        site, now = repository.site, self._store.clock()
        if site is None or not any(_is_due(build, site, now) for build in site.builds):
            return
        with self._store.change():
            for build in site.builds:
                if _is_due(build, site, now):
                    _advance(build, site, now)


def _is_live(build: PagesBuild, site: PagesSite) -> bool:
    """Whether the build hangs at `building` although its commit is served."""
    return build.fault is BuildFault.LIVE_BUT_BUILDING and build.commit == site.deployed


def _is_under_way(build: PagesBuild, site: PagesSite) -> bool:
    """Whether another build would overlap; one that hangs for good is replaced without harm."""
    hangs = build.fault is BuildFault.STUCK or _is_live(build, site)
    return not build.finished and not hangs


def _is_due(build: PagesBuild, site: PagesSite, now: float) -> bool:
    """Whether the clock has passed the next change of the build."""
    if build.finished or build.status == "queued":
        return not build.finished
    return (
        now >= build.ready_at and build.fault is not BuildFault.STUCK and not _is_live(build, site)
    )


def _advance(build: PagesBuild, site: PagesSite, now: float) -> None:
    build.status = "building"
    if now < build.ready_at or build.fault is BuildFault.STUCK:
        return
    build.updated_at = build.ready_at
    if build.fault is BuildFault.ERRORED:
        build.fail(FAILED, build.ready_at)
        return
    if build.fault is not BuildFault.LIVE_BUT_BUILDING:
        build.status = "built"
    site.deployed, site.deployed_at = build.commit, build.ready_at
