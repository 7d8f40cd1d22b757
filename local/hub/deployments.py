"""Pages sites that a workflow deploys: what its run handed over becomes what is served."""

from local.hub.records import Repository
from local.hub.run_folder import RunFolder
from local.hub.store import Store

REFUSED = (
    "Error: Failed to create deployment (status: 404) with build version {sha}. Ensure GitHub "
    "Pages has been enabled, and is built by a workflow.\n"
)


def deploy(store: Store, repository: Repository, folder: RunFolder, sha: str) -> bool:
    """Serve what a run handed over, if anything; return False where the site does not take it."""
    if not folder.pages.is_dir():
        return True
    site = repository.site
    if site is None or site.build_type != "workflow":
        with folder.log.open("a") as log:
            log.write(REFUSED.format(sha=sha))
        return False
    tree = store.git(repository).write_folder(folder.pages)
    with store.change():
        site.deployed, site.deployed_at = tree, store.clock()
    return True
