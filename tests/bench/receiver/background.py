"""The common design of this field: validate, answer, and dispatch in a background task."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import BackgroundTasks, FastAPI, HTTPException

from receiver.submission import Submission

URL = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['DISPATCH_REPOSITORY']}/dispatches"
CONNECTIONS = int(os.environ.get("GITHUB_CONNECTIONS", "100"))

client = httpx.AsyncClient(
    headers={"Authorization": f"Bearer {os.environ['DISPATCH_TOKEN']}"},
    limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
    timeout=httpx.Timeout(30, pool=None),
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await client.aclose()


app = FastAPI(lifespan=lifespan)


async def dispatch(submission: Submission) -> None:
    payload = submission.request().to_wire()
    await client.post(URL, json={"event_type": "build-task", "client_payload": payload})


@app.post("/handle_task")
async def handle_task(submission: Submission, background: BackgroundTasks) -> dict[str, str]:
    if submission.secret != os.environ["TASK_SECRET"]:
        raise HTTPException(403)
    background.add_task(dispatch, submission)
    return {"status": "accepted"}


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), access_log=False, log_level="warning")
