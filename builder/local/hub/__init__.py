"""GitHub on loopback: REST, git over HTTP, Pages, and workflow runs by act."""

from builder.local.hub.hub import Addresses, Hub, HubOptions
from builder.local.hub.log import LoggedRequest
from builder.local.hub.run import Run

__all__ = ["Addresses", "Hub", "HubOptions", "LoggedRequest", "Run"]
