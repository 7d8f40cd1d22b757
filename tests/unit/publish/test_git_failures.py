"""What git says, row by row."""

import pytest

from builder.errors import (
    BriefshipError,
    GitHubRefused,
    GitHubUnreachable,
    PushFailed,
    PushOvertaken,
    SecretsRefused,
    WorkflowsRefused,
)
from builder.publish.git_failures import explain

GH013 = """\
remote: error: GH013: Repository rule violations found for refs/heads/main.
remote: - GITHUB PUSH PROTECTION
remote:   —————————————————————————————————————————
remote:     Resolve the following violations before pushing again
remote:     - Push cannot contain secrets
remote:      (?) Learn how to resolve a blocked push
remote:       —— Amazon AWS Access Key ID ——————————————————————————
remote:        locations:
remote:          - commit: 8728dbe67
remote:            path: config/a.env:4
remote:          - commit: 8728dbe67
remote:            path: index.html:12
To https://github.com/ada/app.git
 ! [remote rejected] main -> main (push declined due to repository rule violations)
"""

GH009 = """\
remote: error GH009: Secrets detected! This push failed.
remote:
remote:                 GITHUB PUSH PROTECTION
remote:          ——————————————————————————————————————————————————————
remote:           Resolve the following secrets before pushing again.
remote:
remote: —— Amazon AWS Access Key ID ——————————————————————————————
remote:          locations:
remote:                 - commit: 8728dbe67
remote:                   path: config/a.env:4
 ! [remote rejected] main -> main (push declined due to a detected secret)
"""
OTHER_RULE = """\
remote: error: GH013: Repository rule violations found for refs/heads/main.
remote: - Changes must be made through a pull request.
 ! [remote rejected] main -> main (push declined due to repository rule violations)
"""


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("! [rejected] main -> main (fetch first)", PushOvertaken),
        ("! [rejected] HEAD -> main (non-fast-forward)", PushOvertaken),
        ("! [remote rejected] main -> main (cannot lock ref 'refs/heads/main')", PushOvertaken),
        (GH013, SecretsRefused),
        (GH009, SecretsRefused),
        (OTHER_RULE, PushFailed),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 502",
         GitHubUnreachable),
        ("error: RPC failed; curl 56 Recv failure: Connection reset by peer", GitHubUnreachable),
        ("fatal: the remote end hung up unexpectedly", GitHubUnreachable),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", GitHubUnreachable),
        ("remote: Permission to ada/app.git denied to bob.\nfatal: error: 403", GitHubRefused),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403",
         GitHubUnreachable),
        ("fatal: Authentication failed for 'https://x/'", GitHubRefused),
        ("remote: Your account is suspended. Please visit support\nfatal: unable to access "
         "'https://x/': The requested URL returned error: 403", PushFailed),
        ("remote: error: GH001: Large files detected", PushFailed),
        ("fatal: something new", PushFailed),
    ],
)  # fmt: skip
def test_explain__rows(said: str, error: type[BriefshipError]) -> None:
    """Each failure of git's is the error that says what to do."""
    explained = explain("push", said)
    assert type(explained) is error
    assert explained.fix


@pytest.mark.parametrize(
    "said",
    [
        "(refusing to allow a Personal Access Token to create or update workflow "
        "`.github/workflows/x y.yml` without `workflow` scope)",
        "(refusing to allow an OAuth App to create or update workflow "
        "`.github/workflows/x y.yml` without `workflow` scope)",
        "(refusing to allow a GitHub App to create or update workflow "
        "`.github/workflows/x y.yml` without `workflows` permission)",
        "(refusing to allow an integration to update .github/workflows/x.yml)",
    ],
)
def test_explain__workflows_refused_in_each_of_githubs_wordings(said: str) -> None:
    """Whatever kind the token is of, the path is told."""
    explained = explain("push", f"! [remote rejected] HEAD -> main {said}")
    assert isinstance(explained, WorkflowsRefused)
    assert explained.paths[0] in {".github/workflows/x y.yml", ".github/workflows/x.yml"}
    assert "Workflows: write" in explained.fix


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        (GH009, ["config/a.env"]),
        (GH013, ["config/a.env", "index.html"]),
        (
            GH013.replace("index.html:12", "my notes: 2.txt:12  "),
            ["config/a.env", "my notes: 2.txt"],
        ),
    ],
)
def test_explain__push_protection_names_kind_and_path(said: str, paths: list[str]) -> None:
    """Where the secret stands is told, whatever the path."""
    explained = explain("push", said)
    assert isinstance(explained, SecretsRefused)
    assert explained.found == tuple(("Amazon AWS Access Key ID", path) for path in paths)
