"""The OpenAPI description of what comes in; FastAPI knows the rest from the routes."""

from typing import Any

from fastapi import FastAPI

from receiver.submission import Submission

REFERENCE = "#/components/schemas/{model}"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": REFERENCE.format(model="Submission")}}},
    }
}
"""The routes read the body themselves, so that no framework answers with a part of it."""


def describe(app: FastAPI) -> None:
    """Make `app` describe the submission too."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = generate().setdefault("components", {}).setdefault("schemas", {})
            submission = Submission.model_json_schema(ref_template=REFERENCE)
            schemas.update(submission.pop("$defs", {}), Submission=submission)
        assert app.openapi_schema is not None  # noqa: S101 - for the type: generate() keeps it
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
