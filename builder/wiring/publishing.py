"""The command `publish`: GitHub's API, git, Pages."""

import httpx

from builder import stages
from builder.credentials import Credentials
from builder.deadline import Deadline
from builder.errors import PushFailed
from builder.ports import AppRepository, Checkout
from builder.publish.checkout import Git
from builder.publish.github_api import GitHubApi
from builder.publish.pages import Pages
from builder.publish.published_site import PublishedSite
from builder.settings import Settings
from builder.wiring.context import Context

KEPT_SECONDS = 40.0
"""Of the deadline, for the callback and its retries."""
AT_LEAST_SECONDS = 240.0
"""What publishing has however late it is: late beats never."""


def publish(context: Context) -> None:
    """Push the site of the work directory and wait until Pages serves it."""
    settings = Settings.from_environ(context.environ, required=["BUILDER_TOKEN"])
    task, clock = context.desk.work.task(), context.clock
    context.mask(task.inline())
    seconds = context.deadline(task).budget(keep=KEPT_SECONDS, at_least=AT_LEAST_SECONDS)
    remaining = Deadline.counted_from(clock.now(), clock.now, seconds).remaining
    api = GitHubApi(
        settings.builder_token,
        settings.api_url,
        clock=clock,
        remaining=remaining,
        call_seconds=settings.call_seconds,
    )
    git = Git(settings.server_url, clock, settings.builder_token, remaining, settings.call_seconds)
    name = context.repository_name(task.task)

    def clone(app: AppRepository) -> Checkout:
        checkout = git.clone(app.full_name, context.desk.work.checkout, exists=True)
        if checkout is None:
            raise PushFailed(f"git finds no repository {app.full_name}")
        return checkout

    with httpx.Client() as http:
        host = stages.Host(
            find_or_create=lambda: api.find_or_create(settings.builder_owner, name),
            clone=clone,
            pages=lambda app, workflows: Pages(api, app.full_name, workflows=workflows),
            visit=lambda url, site, sha: PublishedSite(http, url, site, sha, settings.call_seconds),
            remaining=remaining,
            credentials=Credentials({"BUILDER_TOKEN": settings.builder_token}),
        )
        stages.publish(context.desk, host)
