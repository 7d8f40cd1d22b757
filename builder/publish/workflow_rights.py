"""Whether the builder's token may write workflow files: checked before a model is asked for any."""

from collections.abc import Callable

from builder.contract.core import may_ask_for_workflow
from builder.errors import BriefshipError
from builder.files.workflows import is_workflow
from builder.ports import AppRepository
from builder.request import Request
from builder.site import WORKFLOWS, Site

SCOPE = "workflow"
"""Of classic tokens, which name theirs with every answer."""
PROBE = Site(
    {
        f"{WORKFLOWS}probe.yml": b"on: workflow_dispatch\n"
        b"jobs: {none: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}}\n"
    }
)
"""A workflow that nothing starts."""


def missing_right(
    app: AppRepository,
    request: Request | None,
    site: Site,
    is_let_in: Callable[[Site], bool],
) -> str | None:
    """Return why no workflow file can be pushed; None if it can, or if that is not known.

    Only a push shows the rights of a fine-grained token: `is_let_in` makes one. It is tried if the
    request may ask for a workflow (`request` is None if it was not fetched yet), or if the existing
    `site` has one.
    """
    if app.token_scopes is not None:
        return None if SCOPE in app.token_scopes else f"BUILDER_TOKEN lacks the scope {SCOPE}"
    if request and not any(map(is_workflow, site)) and not may_ask_for_workflow(request):
        return None
    try:
        return None if is_let_in(PROBE) else "BUILDER_TOKEN lacks Workflows: write"
    except BriefshipError:
        # Any other refusal is reported when the site is pushed.
        return None
