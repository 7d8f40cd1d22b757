"""What the routes of the hub work on, handed to each of them as one value."""

from collections.abc import Callable
from dataclasses import dataclass

from builder.local.hub.bare import BareRepository
from builder.local.hub.builds import Builds
from builder.local.hub.downloads import Downloads
from builder.local.hub.problems import not_found
from builder.local.hub.records import Account, Repository
from builder.local.hub.runs import Runs
from builder.local.hub.store import Store


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
