"""What an app has before anybody writes a line of it: the attachments, the licence."""

from builder.brief.contract import Contract
from builder.errors import UnsafePath
from builder.ports import Render
from builder.request import Request
from builder.site import safe_path


def attachments(request: Request, contract: Contract | None = None) -> dict[str, bytes]:
    """Return the attachments by name, decoded, less those that `contract` keeps out of the site.

    Raises InvalidAttachment, and UnsafePath for a name that is unsafe or comes twice.
    """
    decoded: dict[str, bytes] = {}
    for attachment in request.attachments:
        if attachment.name in decoded:
            raise UnsafePath(attachment.name, "two attachments have this name")
        decoded[safe_path(attachment.name)] = attachment.decode()
    return {
        name: content
        for name, content in decoded.items()
        if contract is None or not contract.forbids(name)
    }


def licence(year: int, render: Render) -> str:
    """Return the MIT licence, whole."""
    return render("LICENSE.j2", year=year)
