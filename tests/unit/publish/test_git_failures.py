"""What git says, row by row."""

from builder.errors import (
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
remote:     - Push cannot contain secrets
remote:       —— Amazon AWS Access Key ID ——————————————————————————
remote:        locations:
remote:          - commit: 8728dbe67
remote:            path: config/a.env:4
remote:          - commit: 8728dbe67
remote:            path: my notes: 2.txt:12
 ! [remote rejected] main -> main (push declined due to repository rule violations)
"""
GH009 = """\
remote: error GH009: Secrets detected! This push failed.
remote:                 GITHUB PUSH PROTECTION
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
UNABLE = "fatal: unable to access 'https://x/': "
STATUS = f"{UNABLE}The requested URL returned error: "


def test_explain__rows() -> None:
    """Each failure of git's is the error that says whether to try again, and what to do."""
    for error, words in [
        (
            PushOvertaken,
            [
                "! [rejected] main -> main (fetch first)",
                "! [rejected] HEAD -> main (non-fast-forward)",
                "! [remote rejected] main -> main (cannot lock ref 'refs/heads/main')",
            ],
        ),
        (
            GitHubUnreachable,
            [
                f"{STATUS}502",
                f"{STATUS}403",
                f"{UNABLE}Could not resolve host: x",
                "error: RPC failed; curl 56 Recv failure: Connection reset by peer",
                "fatal: the remote end hung up unexpectedly",
            ],
        ),
        (
            GitHubRefused,
            [
                f"remote: Permission to ada/app.git denied to bob.\n{STATUS}403",
                f"remote: The 'lab' organization has enabled or enforced SAML SSO.\n{STATUS}403",
                "fatal: Authentication failed for 'https://x/'",
            ],
        ),
        (PushFailed, ["fatal: something new"]),
    ]:
        explained = [explain("push", said) for said in words]
        assert [type(found) for found in explained] == [error] * len(words)
        assert all(found.fix for found in explained)


def test_explain__a_refusal_for_good() -> None:
    """A rule, a suspended account, an archive, a full disk: what to do about it is told."""
    for said, fix in [
        (OTHER_RULE, "allow BUILDER_TOKEN to bypass it"),
        ("remote: error: GH006: Protected branch update failed.", "allow BUILDER_TOKEN to bypass"),
        (f"remote: Your account is suspended.\n{STATUS}403", "GitHub Support"),
        (f"remote: This repository was archived so it is read-only.\n{STATUS}403", "unarchive"),
        ("remote: error: GH001: Large files detected", "smaller attachments"),
        ("remote: error: GH008: Your push referenced at least 1 unknown Git LFS object", "LFS"),
    ]:
        explained = explain("push", said)
        assert type(explained) is PushFailed
        assert fix in explained.fix


def test_explain__workflows_refused_in_each_of_githubs_wordings() -> None:
    """Whatever kind the token is of, the path is told."""
    for said in [
        "a Personal Access Token to create or update workflow `{}` without `workflow` scope",
        "an OAuth App to create or update workflow `{}` without `workflow` scope",
        "a GitHub App to create or update workflow `{}` without `workflows` permission",
        "an integration to update {}",
    ]:
        path = ".github/workflows/x y.yml" if "`" in said else ".github/workflows/x.yml"
        refused = f"! [remote rejected] HEAD -> main (refusing to allow {said.format(path)})"
        explained = explain("push", refused)
        assert isinstance(explained, WorkflowsRefused)
        assert path in str(explained)
        assert "Workflows: write" in explained.fix


def test_explain__push_protection_names_kind_and_path() -> None:
    """Where the secret stands is told, whatever the path."""
    for said, paths in [(GH009, ["config/a.env"]), (GH013, ["config/a.env", "my notes: 2.txt"])]:
        explained = explain("push", said)
        assert isinstance(explained, SecretsRefused)
        assert str(explained).endswith(
            "; ".join(f"Amazon AWS Access Key ID in {path}" for path in paths)
        )
