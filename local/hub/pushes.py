"""What goes with a push: the rules that its hook applies, and what follows it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.hub.auth import permits
from local.hub.objects import Json, Links, full_repository, simple_user
from local.hub.parts import Parts
from local.hub.records import Repository, Token
from local.hub.workflows import Workflow, workflows_of

LOCAL = Path(__file__).resolve().parents[1]
HOOKS = {
    # By the environment, so that every repository has them, those of an earlier hub too.
    "core.hooksPath": str(LOCAL / "push_rules" / "hooks"),
    "receive.procReceiveRefs": "refs",
}
BRANCHES = "refs/heads/"
DEPLOYS = "actions/deploy-pages"


@dataclass(frozen=True)
class Push:
    """A push that a token was let in for; its hook writes the refs it moves to `updates`."""

    parts: Parts
    repository: Repository
    token: Token
    links: Links
    updates: Path

    def environment(self) -> Mapping[str, str]:
        """Return what the hooks of `git receive-pack` need."""
        settings = {
            name: value
            for number, (key, setting) in enumerate(HOOKS.items())
            for name, value in (
                (f"GIT_CONFIG_KEY_{number}", key),
                (f"GIT_CONFIG_VALUE_{number}", setting),
            )
        }
        server, name = self.links.server, self.repository.full_name
        return {
            **settings,
            "GIT_CONFIG_COUNT": str(len(HOOKS)),
            "LOCAL_PYTHON": sys.executable,
            "PYTHONPATH": str(LOCAL.parent),
            "LOCAL_UPDATES": str(self.updates),
            "LOCAL_UNBLOCK": f"{server}/{name}/security/secret-scanning/unblock-secret",
            **({"LOCAL_TOKEN_OF_APP": "1"} if self.token.of_run is not None else {}),
            **(
                {"LOCAL_MAY_WRITE_WORKFLOWS": "1"}
                if permits(self.token, {"workflows": "write"})
                else {}
            ),
        }

    def follow(self) -> None:
        """Note the push: the first branch becomes the default one; Pages and workflows follow."""
        git = self.parts.git(self.repository)
        branches = git.branches()
        with self.parts.store.change():
            self.repository.pushed_at = self.parts.clock()
            if branches and self.repository.default_branch not in branches:
                self.repository.default_branch = next(iter(branches))
                git.set_head(self.repository.default_branch)
        # A push by the token of a workflow run starts no build (GitHub docs, "About GitHub
        # Pages") and no other run.
        if self.token.of_run is None:
            self.parts.builds.pushed(self.repository, git, self.token.user)
            self._start_runs()

    def _start_runs(self) -> None:
        """Start the workflows that deploy a Pages site; others are not carried out here."""
        git = self.parts.git(self.repository)
        for line in self.updates.read_text().splitlines():
            old, new, ref = line.split(" ", 2)
            branch = ref.removeprefix(BRANCHES)
            if branch == ref or not new.strip("0"):
                continue
            for workflow in workflows_of(git, new):
                if workflow.listens_to_push(branch) and _deploys_pages(workflow):
                    self._start(workflow, old, new, branch)

    def _start(self, workflow: Workflow, old: str, new: str, branch: str) -> None:
        commit = self.parts.git(self.repository).commit(new)
        if commit is None:
            return
        head = {"id": new, "message": commit.message, "timestamp": commit.date}
        self.parts.runs.start(
            self.repository,
            workflow,
            new,
            "push",
            self._event(old, new, f"{BRANCHES}{branch}") | {"head_commit": head},
            self.token.user,
            branch=branch,
            title=commit.message.partition("\n")[0],
        )

    def _event(self, old: str, new: str, ref: str) -> Json:
        owner = self.parts.owner(self.repository)
        return {
            "ref": ref,
            "before": old,
            "after": new,
            "created": not old.strip("0"),
            "deleted": False,
            "pusher": {"name": self.token.user},
            "repository": full_repository(self.repository, owner, self.links),
            "sender": simple_user(self.parts.account(self.token.user), self.links),
        }


def _deploys_pages(workflow: Workflow) -> bool:
    return any(used.partition("@")[0] == DEPLOYS for used in workflow.uses)
