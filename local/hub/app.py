"""The hub as one ASGI application."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from local.hub import blobs, dispatches, git_http, pages_api, repositories, runs_api
from local.hub.log import LogRequests, RequestLog
from local.hub.overview import Overview
from local.hub.parts import Parts
from local.hub.quota import Quota
from local.hub.rest import no_such_call, route
from local.hub.sites import Sites

OPERATIONS = (
    *repositories.OPERATIONS,
    *blobs.OPERATIONS,
    *dispatches.OPERATIONS,
    *runs_api.OPERATIONS,
    *pages_api.OPERATIONS,
)


def create_app(parts: Parts, log: RequestLog, evaluator_url: str | None = None) -> Starlette:
    """Wire the routes; what stands in front of all of them is listed in `middleware`."""
    quota = Quota(parts.rate_limit, parts.clock)
    rest = [route(operation, parts, quota) for operation in OPERATIONS]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(
        routes=[
            *rest,
            runs_api.download_route(parts),
            Route("/api/{path:path}", no_such_call, methods=every),
            *Overview(parts, evaluator_url).routes(),
            *Sites(parts).routes(),
            *git_http.routes(parts),
        ],
        middleware=[Middleware(LogRequests, log=log)],
    )
