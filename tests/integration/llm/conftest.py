"""Scripted models on one server, which is started once."""

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from local.server import serve

Serve = Callable[[ASGIApp], str]


@pytest.fixture(scope="session")
def served() -> Iterator[Serve]:
    """Serve a scripted model below a path of its own; return its base URL."""
    app = Starlette()
    with serve(app) as url:

        def add(model: ASGIApp) -> str:
            path = f"/{len(app.routes)}"
            app.routes.append(Mount(path, model))
            return f"{url}{path}/v1"

        yield add
