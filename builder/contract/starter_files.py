"""The files that an app starts from: its attachments, and what every app has."""

from builder.contract.contract import LICENSE, Contract
from builder.errors import UnsafePath
from builder.rendering import render
from builder.request import Request
from builder.site import safe_path


def attachments(request: Request, contract: Contract) -> dict[str, bytes]:
    """Return the attachments by name, decoded, without those that must not be public.

    Raises InvalidAttachment, and UnsafePath for a name that is unsafe or comes twice.
    """
    decoded: dict[str, bytes] = {}
    for attachment in request.attachments:
        if attachment.name in decoded:
            raise UnsafePath(attachment.name, "two attachments have this name")
        decoded[safe_path(attachment.name)] = attachment.decode()
    return {name: decoded[name] for name in decoded if not contract.forbids(name)}


def boilerplate(year: int) -> dict[str, bytes]:
    """Return what every app has: the MIT licence, and the mark that Pages is to run no Jekyll."""
    return {LICENSE: licence(year).encode(), ".nojekyll": b""}


def licence(year: int) -> str:
    """Return the MIT licence, whole."""
    return render("LICENSE.j2", year=year)
