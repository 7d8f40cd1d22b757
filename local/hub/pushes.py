"""What goes with a push: the rules that its hook applies, and what follows it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.hub.auth import permits
from local.hub.objects import Json, Links, full_repository, simple_user
from local.hub.records import Repository, Token
from local.hub.rest import Backend
from local.hub.workflows import Workflow, workflows_of

LOCAL = Path(__file__).resolve().parents[1]
GIT_SETTINGS = {
    # By the environment, so that every repository has them, those of an earlier hub too.
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.hooksPath",
    "GIT_CONFIG_VALUE_0": str(LOCAL / "push_rules" / "hooks"),
    "GIT_CONFIG_KEY_1": "receive.procReceiveRefs",
    "GIT_CONFIG_VALUE_1": "refs",
    "LOCAL_PYTHON": sys.executable,
    "PYTHONPATH": str(LOCAL.parent),
}
BRANCHES = "refs/heads/"
DEPLOYS = "actions/deploy-pages"


@dataclass(frozen=True)
class IncomingPush:
    """A push that a token was let in for; its hook writes the refs it moves to `updates`."""

    backend: Backend
    repository: Repository
    token: Token
    links: Links
    updates: Path

    def environment(self) -> Mapping[str, str]:
        """Return what the hooks of `git receive-pack` need."""
        server, name = self.links.server, self.repository.full_name
        flags = {
            "LOCAL_TOKEN_OF_APP": self.token.of_run is not None,
            "LOCAL_MAY_WRITE_WORKFLOWS": permits(self.token, {"workflows": "write"}),
        }
        return {
            **GIT_SETTINGS,
            "LOCAL_UPDATES": str(self.updates),
            "LOCAL_UNBLOCK": f"{server}/{name}/security/secret-scanning/unblock-secret",
            **{flag: "1" for flag, is_set in flags.items() if is_set},
        }

    def follow(self) -> None:
        """Note the push: the first branch becomes the default one; Pages and workflows follow."""
        store = self.backend.store
        git = store.git(self.repository)
        branches = git.branches()
        with store.change():
            self.repository.pushed_at = store.clock()
            if branches and self.repository.default_branch not in branches:
                self.repository.default_branch = next(iter(branches))
                git.set_head(self.repository.default_branch)
        # A push by the token of a workflow run starts no build (GitHub docs, "About GitHub
        # Pages") and no other run.
        if self.token.of_run is None:
            self.backend.builds.pushed(self.repository, git, self.token.user)
            self._start_runs()

    def _start_runs(self) -> None:
        """Start the workflows that deploy a Pages site; others are not carried out here."""
        git = self.backend.store.git(self.repository)
        for line in self.updates.read_text().splitlines():
            old, new, ref = line.split(" ", 2)
            branch = ref.removeprefix(BRANCHES)
            if branch == ref or not new.strip("0"):
                continue
            for workflow in workflows_of(git, new):
                if workflow.listens_to_push(branch) and _deploys_pages(workflow):
                    self._start(workflow, old, new, branch)

    def _start(self, workflow: Workflow, old: str, new: str, branch: str) -> None:
        commit = self.backend.store.git(self.repository).commit(new)
        if commit is None:
            return
        head = {"id": new, "message": commit.message, "timestamp": commit.date}
        event = self._event(old, new, f"{BRANCHES}{branch}") | {"head_commit": head}
        title = commit.message.partition("\n")[0]
        start, user = self.backend.runs.start, self.token.user
        start(self.repository, workflow, new, "push", event, user, branch=branch, title=title)

    def _event(self, old: str, new: str, ref: str) -> Json:
        store = self.backend.store
        owner = store.account(self.repository.owner)
        return {
            "ref": ref,
            "before": old,
            "after": new,
            "created": not old.strip("0"),
            "deleted": False,
            "pusher": {"name": self.token.user},
            "repository": full_repository(self.repository, owner, self.links),
            "sender": simple_user(store.account(self.token.user), self.links),
        }


def _deploys_pages(workflow: Workflow) -> bool:
    return any(used.partition("@")[0] == DEPLOYS for used in workflow.uses)
