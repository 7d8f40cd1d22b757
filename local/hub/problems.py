"""The answers with which GitHub refuses a call, worded as GitHub words them."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

DOCUMENTATION = "https://docs.github.com/rest"


class Problem(Exception):
    """A refusal of the REST API; `status` is the HTTP status."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self._error = error
        self._headers = headers

    def answer(self) -> JSONResponse:
        """Return the JSON body that GitHub sends."""
        body: dict[str, object] = {"message": self.message}
        if self._error:
            body["errors"] = [self._error]
        body |= {"documentation_url": DOCUMENTATION, "status": str(self.status)}
        return JSONResponse(body, self.status, headers=self._headers)


def requires_authentication() -> Problem:
    return Problem(401, "Requires authentication")


def not_found() -> Problem:
    return Problem(404, "Not Found")


def not_accessible(needs: Mapping[str, str]) -> Problem:
    """The token lacks a permission; the header names what the call needs."""
    accepted = ",".join(f"{name}={level}" for name, level in needs.items())
    headers = {"X-Accepted-GitHub-Permissions": accepted}
    return Problem(403, "Resource not accessible by personal access token", headers=headers)


def invalid(reason: str) -> Problem:
    """The body has a wrong shape."""
    return Problem(422, f"Invalid request.\n\n{reason}")


def creation_failed(field: str, message: str) -> Problem:
    error = {"resource": "Repository", "code": "custom", "field": field, "message": message}
    return Problem(422, "Repository creation failed.", error=error)
