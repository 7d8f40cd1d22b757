"""What goes with a push: the rules that its hook applies, and what follows it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.hub.objects import Addresses, Json, full_repository, simple_user
from local.hub.records import Repository, Token, Trigger
from local.hub.rest import Backend
from local.hub.workflows import workflows_of

LOCAL = Path(__file__).resolve().parents[1]
HOOKS = {
    # By the environment, so that no repository has to be set up.
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.hooksPath",
    "GIT_CONFIG_VALUE_0": str(LOCAL / "push_rules" / "hooks"),
    "GIT_CONFIG_KEY_1": "receive.procReceiveRefs",
    "GIT_CONFIG_VALUE_1": "refs",
    "LOCAL_PYTHON": sys.executable,
    "PYTHONPATH": str(LOCAL.parent),
}
NO_COMMIT = "0" * 40
DEPLOYS = "actions/deploy-pages"


@dataclass(frozen=True)
class IncomingPush:
    """A push that a token was let in for."""

    backend: Backend
    repository: Repository
    token: Token
    at: Addresses

    def environment(self) -> Mapping[str, str]:
        """Return what the hook of `git receive-pack` needs."""
        server, name = self.at.server_url, self.repository.full_name
        may_write = self.token.permits({"workflows": "write"})
        return {
            **HOOKS,
            "LOCAL_UNBLOCK": f"{server}/{name}/security/secret-scanning/unblock-secret",
            **({"LOCAL_MAY_WRITE_WORKFLOWS": "1"} if may_write else {}),
        }

    def follow(self) -> None:
        """Note the push: the first branch becomes the default one; Pages and workflows follow."""
        repository = self.repository
        with self.backend.store.change():
            before, tips = repository.tips, repository.git.branches()
            repository.tips = tips
            if tips and repository.default_branch not in tips:
                repository.default_branch = next(iter(tips))
                repository.git.set_head(repository.default_branch)
        if self.token.of_run:
            return
        self.backend.builds.pushed(repository, self.token.user)
        for branch, new in tips.items():
            if before.get(branch) != new:
                self._start_runs(branch, before.get(branch, NO_COMMIT), new)

    def _start_runs(self, branch: str, old: str, new: str) -> None:
        """Start the workflows that deploy a Pages site; others are not run here."""
        for workflow in workflows_of(self.repository.git, new):
            deploys = any(used.partition("@")[0] == DEPLOYS for used in workflow.uses)
            if deploys and workflow.listens_to_push(branch):
                trigger = self._trigger(branch, old, new)
                self.backend.runs.start(self.repository, workflow, branch, trigger)

    def _trigger(self, branch: str, old: str, new: str) -> Trigger:
        store, user = self.backend.store, self.token.user
        commit = self.repository.git.commit(new)
        message = commit.message if commit else ""
        owner = store.account(self.repository.owner)
        event: Json = {
            **{"ref": f"refs/heads/{branch}", "before": old, "after": new},
            "head_commit": {"id": new, "message": message},
            "repository": full_repository(self.repository, owner, self.at),
            "sender": simple_user(store.account(user), self.at),
        }
        return Trigger("push", event, user, message.partition("\n")[0])
