"""A mirror of the public CDNs, as `CDN_MIRROR_URL` names one: `GET /<address of a file>`."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from local.cdn import CdnFiles


def create_app(files: CdnFiles) -> Starlette:
    """Answer with the files that npm packages on this machine hold, else 404."""

    def answer(request: Request) -> Response:
        # The raw path: a CDN address holds `//` and may hold escapes.
        asked = request.scope["raw_path"].decode("latin-1").removeprefix("/")
        found = files.find(asked)
        if found is None:
            return PlainTextResponse("not mirrored", status_code=404)
        headers = {"Access-Control-Allow-Origin": "*"}
        return FileResponse(found.path, media_type=found.media_type, headers=headers)

    return Starlette(routes=[Route("/{address:path}", answer)])
