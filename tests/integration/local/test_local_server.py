"""An application on loopback."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from local.server import serve


def app(**options: object) -> Starlette:
    route = Route("/", lambda _: PlainTextResponse("here"))
    return Starlette(routes=[route], **options)  # type: ignore[arg-type]


def test_serve__a_port_of_choice() -> None:
    """A port that was free is taken; one that is taken is an OSError."""
    with serve(app()) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), serve(app(), port):
            pass
    with serve(app(), port) as again:
        assert again == url


def test_serve__an_application_that_does_not_start() -> None:
    """A failing lifespan is an error, not a server that hangs."""

    # Three parameters: uvicorn calls what takes none to get an application.
    async def lifespan(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise OSError("no disk")

    with pytest.raises(RuntimeError, match="did not start"), serve(lifespan):
        pass
