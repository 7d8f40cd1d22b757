"""The workflow repository, made from a checkout: created, pushed to, secrets and variables set."""

import base64
import subprocess
from collections.abc import Mapping
from pathlib import Path

from nacl.public import PublicKey, SealedBox

from briefship.github import GitHub
from builder.errors import GitHubRefused, GitHubUnreachable, SecretsRefused, SettingsError
from builder.publish.git_environ import git_environ
from builder.publish.git_failures import explain

BRANCH = "main"
STALL_SECONDS = 60.0
WORKFLOW = ".github/workflows/build.yml"
PUSH_FIX = (
    "Give GH_TOKEN Contents and Workflows: write on {repository}. One that has commits of its own "
    "is not overwritten: merge them here first, or take another name."
)
EXPOSED_FIX = "Take the secret out of the commits of this checkout, then briefship init again."


class WorkflowRepository:
    """`owner/name` at GitHub, by the operator's token."""

    def __init__(self, github: GitHub, full_name: str) -> None:
        self._github = github
        self.full_name = full_name
        self._root = f"/repos/{full_name}"

    def create(self, *, private: bool) -> bool:
        """Create it; return whether it is new. Raises GitHubError."""
        if self._github("GET", self._root, accept={404}).status_code == 200:
            return False
        owner, _, name = self.full_name.partition("/")
        login = self._github("GET", "/user").json()["login"]
        path = "/user/repos" if login.lower() == owner.lower() else f"/orgs/{owner}/repos"
        about = "Builds apps from briefs, by briefship."
        self._github("POST", path, {"name": name, "private": private, "description": about})
        return True

    def push(self, checkout: Path, server_url: str, token: str, environ: Mapping[str, str]) -> None:
        """Push what is committed in the checkout. Raises GitHubError, SettingsError."""
        if not (checkout / ".git").exists() or not (checkout / WORKFLOW).is_file():
            reason = f"{checkout} is no checkout of briefship, from which the repository is made"
            fix = "Clone briefship, and run briefship init in it."
            raise SettingsError(reason, names=(), fix=fix)
        url = f"{server_url}/{self.full_name}.git"
        done = subprocess.run(  # noqa: S603 - no shell; the arguments are ours
            ["git", "push", "--quiet", url, f"HEAD:refs/heads/{BRANCH}"],  # noqa: S607
            cwd=checkout,
            env=git_environ(environ, server_url, token, STALL_SECONDS),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            error = explain("push", done.stderr)
            if isinstance(error, SecretsRefused):
                error.fix = EXPOSED_FIX
            elif not isinstance(error, GitHubUnreachable):
                error.fix = PUSH_FIX.format(repository=self.full_name)
            raise error

    def set_secrets(self, secrets: Mapping[str, str]) -> None:
        """Store secrets, each sealed with the repository's key. Raises GitHubError."""
        key = self._github("GET", f"{self._root}/actions/secrets/public-key").json()
        box = SealedBox(PublicKey(base64.b64decode(key["key"])))
        for name, value in secrets.items():
            sealed = base64.b64encode(box.encrypt(value.encode())).decode()
            body = {"encrypted_value": sealed, "key_id": key["key_id"]}
            self._github("PUT", f"{self._root}/actions/secrets/{name}", body)

    def set_variables(self, variables: Mapping[str, str]) -> None:
        """Set variables, new ones and those that are there. Raises GitHubError."""
        path = f"{self._root}/actions/variables"
        for name, value in variables.items():
            body = {"name": name, "value": value}
            try:
                self._github("POST", path, body)
            except GitHubRefused as refused:
                if refused.status != 409:
                    raise
                self._github("PATCH", f"{path}/{name}", body)
