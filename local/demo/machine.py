"""Starts and stops every part of the chain on this machine: evaluator, GitHub, receiver."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from builder.errors import SettingsError
from local.cdn import NODE_MODULES, CdnFiles, mirror_app
from local.demo.author import NO_AUTHOR, SiteAuthor
from local.evaluator.callbacks import Ledger, create_app
from local.hub import Addresses, Hub, HubOptions
from local.provision import REPOSITORY, LocalCredentials, provision
from local.receiver_process import receiver
from local.server import serve

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Machine:
    """The running parts, and their addresses."""

    hub: Hub
    github: Addresses
    ledger: Ledger
    credentials: LocalCredentials
    evaluation_url: str
    receiver_url: str
    receiver_log: Path


@contextmanager
def machine(
    folder: Path,
    source: Path = PROJECT,
    hub_options: HubOptions | None = None,
    author: SiteAuthor = NO_AUTHOR,
) -> Iterator[Machine]:
    """Run the chain with the checkout `source` as the workflow repository, its state in `folder`.

    Raises SettingsError when `source` is no checkout, ProcessNotStarted.
    """
    _expect_checkout(source)
    ledger = Ledger()
    with (
        serve(create_app(ledger)) as evaluator_url,
        serve(mirror_app(CdnFiles(NODE_MODULES))) as mirror_url,
    ):
        hub = Hub(folder / "github", hub_options)
        credentials = provision(hub, source)
        for name, value in {"CDN_MIRROR_URL": mirror_url, **author.variables}.items():
            hub.set_variable(REPOSITORY, name, value)
        for name, value in author.secrets.items():
            hub.set_secret(REPOSITORY, name, value)
        log = folder / "receiver.log"
        with (
            hub.serve() as github,
            receiver(_settings(credentials, github), source, log) as running,
        ):
            addresses = (f"{evaluator_url}/evaluation", f"{running.url}/handle_task")
            yield Machine(hub, github, ledger, credentials, *addresses, log)


def _expect_checkout(source: Path) -> None:
    if not (source / ".git").exists() or not (source / ".github/workflows/build.yml").exists():
        raise SettingsError(
            "the workflow repository is made from a checkout of briefship, and there is none here",
            names=(),
            fix="Clone briefship and run make demo in it.",
        )


def _settings(credentials: LocalCredentials, github: Addresses) -> dict[str, str]:
    return {
        "TASK_SECRET": credentials.task_secret,
        "DISPATCH_TOKEN": credentials.dispatch_token,
        "DISPATCH_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": github.api_url,
    }
