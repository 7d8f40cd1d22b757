"""GitHub on loopback: REST, git over HTTP, Pages, and workflow runs by act."""

from local.hub.hub import Addresses, Hub, HubOptions
from local.hub.log import LoggedRequest
from local.hub.run import Run

__all__ = ["Addresses", "Hub", "HubOptions", "LoggedRequest", "Run"]
