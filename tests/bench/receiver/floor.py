"""The floor: a bare FastAPI route that makes the same call over httpx, without any validation."""

import os

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response

URL = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['DISPATCH_REPOSITORY']}/dispatches"

client = httpx.AsyncClient(
    headers={"Authorization": f"Bearer {os.environ['DISPATCH_TOKEN']}"},
    limits=httpx.Limits(max_connections=32, max_keepalive_connections=32),
    timeout=httpx.Timeout(30),
)


app = FastAPI()


@app.post("/handle_task")
async def handle_task(request: Request) -> Response:
    payload = await request.json()
    answer = await client.post(URL, json={"event_type": "build-task", "client_payload": payload})
    return Response(status_code=200 if answer.status_code == 204 else 503)


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), access_log=False, log_level="warning")
