"""GitHub on loopback: REST, git over HTTP, Pages, and workflow runs by act."""

from local.hub.app import LoggedRequest
from local.hub.hub import Addresses, Hub, HubOptions
from local.hub.records import WorkflowRun
from local.hub.runner_browsers import RunnerBrowsers
from local.hub.runs import ActionsState

__all__ = [
    "ActionsState",
    "Addresses",
    "Hub",
    "HubOptions",
    "LoggedRequest",
    "RunnerBrowsers",
    "WorkflowRun",
]
