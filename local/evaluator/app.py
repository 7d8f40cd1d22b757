"""The evaluation URL: callbacks come in at `POST /evaluation`, `GET /callbacks` lists them."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic_core import from_json

from local.evaluator.ledger import Ledger, ReceivedCallback


def create_app(ledger: Ledger) -> FastAPI:
    """Answer 200 to a callback that fits a request sent, 400 with the reason to any other."""
    app = FastAPI(title="briefship evaluator")

    @app.post("/evaluation")
    async def evaluation(request: Request) -> JSONResponse:
        reason = ledger.receive(_decoded(await request.body()))
        if reason:
            return JSONResponse({"status": "error", "error": reason}, status_code=400)
        return JSONResponse({"status": "ok"})

    @app.get("/callbacks")
    def callbacks() -> list[dict[str, Any]]:
        return [_listed(entry) for entry in ledger.entries]

    return app


def _decoded(body: bytes) -> object:
    try:
        # Stricter than json: neither NaN nor half a surrogate pair gets into the ledger.
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        return None


def _listed(entry: ReceivedCallback) -> dict[str, Any]:
    body = entry.body if isinstance(entry.body, dict) else {}
    return {
        **body,
        "received_at": entry.received_at.isoformat(),
        "accepted": entry.reason is None,
        "reason": entry.reason,
    }
