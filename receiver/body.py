"""Takes in a request's body, within a size and a time."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from builder.errors import MalformedRequest, RequestTooLarge, RequestTooSlow


async def read(http: HttpRequest, limit: int, seconds: float) -> bytes:
    """Return the body of at most `limit` bytes, sent within `seconds`.

    A declared length over the limit is refused before anything is read, a chunked or understated
    one as soon as the limit is passed. Raises RequestTooLarge, RequestTooSlow, MalformedRequest.
    """
    if _declared_length(http) > limit:
        raise RequestTooLarge(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _collect(http, limit)
    except TimeoutError as error:
        raise RequestTooSlow(seconds) from error
    except ClientDisconnect as error:
        raise MalformedRequest("the connection was closed before the body was complete") from error


def _declared_length(http: HttpRequest) -> int:
    declared = http.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else 0


async def _collect(http: HttpRequest, limit: int) -> bytes:
    collected = bytearray()
    async for chunk in http.stream():
        collected += chunk
        if len(collected) > limit:
            raise RequestTooLarge(limit)
    return bytes(collected)
