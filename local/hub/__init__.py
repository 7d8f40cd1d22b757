"""GitHub on loopback: REST, git over HTTP, Pages, and workflow runs by act."""

from local.hub.hub import Hub
from local.hub.objects import Addresses
from local.hub.options import ActionsState, HubOptions, RunnerBrowsers
from local.hub.records import WorkflowRun

__all__ = ["ActionsState", "Addresses", "Hub", "HubOptions", "RunnerBrowsers", "WorkflowRun"]
