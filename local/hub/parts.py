"""What the routes of the hub work on, handed to each of them as one value."""

from collections.abc import Callable
from dataclasses import dataclass

from local.hub.bare import BareRepository
from local.hub.builds import Builds
from local.hub.downloads import Downloads
from local.hub.problems import not_found
from local.hub.records import Account, Repository
from local.hub.runs import Runs
from local.hub.store import Store


@dataclass(frozen=True)
class Parts:
    """The records, the builds of sites, and the runs of workflows."""

    store: Store
    builds: Builds
    runs: Runs
    downloads: Downloads
    rate_limit: int

    @property
    def clock(self) -> Callable[[], float]:
        return self.store.clock

    def git(self, repository: Repository) -> BareRepository:
        return self.store.git(repository)

    def account(self, login: str) -> Account:
        """Return an account. Raises Problem (404)."""
        account = self.store.account(login)
        if account is None:
            raise not_found()
        return account

    def owner(self, repository: Repository) -> Account:
        return self.account(repository.owner)
