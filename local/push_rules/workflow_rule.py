"""Workflow files: who pushes one needs a permission of its own for that."""

from local.push_rules.commits import DELETED, Command, branches, files

FOLDER = ".github/workflows"


def first_written(command: Command) -> str | None:
    """Return the first workflow file that the push creates or changes.

    One that stands on a branch with the same path and content is none (GitHub docs, "Workflow
    syntax": pushing a commit with an existing workflow).
    """
    pushed = files(command.new, FOLDER)
    if not pushed:
        return None
    before = {command.old, *branches()} - {DELETED}
    known = {entry for tip in before for entry in files(tip, FOLDER).items()}
    return next((path for path, blob in pushed.items() if (path, blob) not in known), None)


def refusal(path: str, *, of_app: bool) -> str:
    """Return GitHub's words, which differ for the token of an app, such as a run's own."""
    who, what = (
        ("a GitHub App", "`workflows` permission")
        if of_app
        else ("a Personal Access Token", "`workflow` scope")
    )
    return f"refusing to allow {who} to create or update workflow `{path}` without {what}"
