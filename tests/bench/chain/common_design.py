"""The common design of the field, for comparison: one web process does it all.

A background task of FastAPI asks a model, writes each file by a call of the contents API, switches
Pages on and answers the evaluation URL: nothing is looked at before, and nothing is waited for.
Written as its authors write it, with a model that answers in JSON, and with the commit of the last
file as the one reported.
"""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import BackgroundTasks, FastAPI, HTTPException

PROMPT = """You are an expert web developer. Write a small static web app for GitHub Pages.
Answer with a JSON object of file names and contents, with index.html and README.md among them.

# The brief
{brief}

# It must pass these checks
{checks}

# Attachments
{attachments}
{existing}"""
LICENSE = "MIT License\n\nPermission is hereby granted, free of charge, to any person …\n"
RETRIES = 5


@dataclass(frozen=True)
class AppSettings:
    """What such an app reads from its environment."""

    secret: str = field(repr=False)
    github_api: str
    github_url: str
    pages: str
    owner: str
    token: str = field(repr=False)
    model_url: str


def create_app(settings: AppSettings) -> FastAPI:
    """Return the web app."""
    app = FastAPI()

    @app.post("/handle_task")
    def handle_task(data: dict[str, Any], tasks: BackgroundTasks) -> dict[str, str]:
        if data.get("secret") != settings.secret:
            raise HTTPException(403, "Invalid secret")
        tasks.add_task(process, settings, data)
        return {"status": "accepted"}

    return app


def process(settings: AppSettings, data: dict[str, Any]) -> None:
    """Build, publish and notify."""
    name = data["task"]
    headers = {"Authorization": f"Bearer {settings.token}"}
    with httpx.Client(base_url=settings.github_api, headers=headers, timeout=30) as github:
        repository = f"/repos/{settings.owner}/{name}"
        existing = "" if data["round"] == 1 else get_file(github, repository, "index.html")[1]
        files: dict[str, bytes] = {
            path: content.encode() for path, content in generate(settings, data, existing).items()
        }
        for attachment in data.get("attachments", []):
            files[attachment["name"]] = base64.b64decode(attachment["url"].split(",", 1)[1])
        if data["round"] == 1:
            files["LICENSE"] = LICENSE.encode()
            github.post("/user/repos", json={"name": name}).raise_for_status()
        commit = ""
        for path, content in files.items():
            commit = put_file(github, repository, path, content)
        if data["round"] == 1:
            source = {"branch": "main", "path": "/"}
            github.post(f"{repository}/pages", json={"source": source}).raise_for_status()
    notify(
        data["evaluation_url"],
        {key: data[key] for key in ("email", "task", "round", "nonce")}
        | {
            "status": "success",
            "repo_url": f"{settings.github_url}/{settings.owner}/{name}",
            "commit_sha": commit,
            "pages_url": f"{settings.pages}/{settings.owner}/{name}/",
        },
    )


def generate(settings: AppSettings, data: dict[str, Any], existing: str) -> dict[str, str]:
    """Ask the model for files."""
    prompt = PROMPT.format(
        brief=data["brief"],
        checks="\n".join(f"- {check}" for check in data.get("checks", [])),
        attachments=", ".join(one["name"] for one in data.get("attachments", [])),
        existing=f"\n# The app so far\n{existing}" if existing else "",
    )
    body = {"model": "gpt", "messages": [{"role": "user", "content": prompt}]}
    answer = httpx.post(f"{settings.model_url}/chat/completions", json=body, timeout=180)
    text = answer.raise_for_status().json()["choices"][0]["message"]["content"]
    files: dict[str, str] = json.loads(text.removeprefix("```json").removesuffix("```"))
    return files


def get_file(github: httpx.Client, repository: str, path: str) -> tuple[str | None, str]:
    """Return a file's id and text."""
    answer = github.get(f"{repository}/contents/{path}")
    if answer.status_code != 200:
        return None, ""
    found = answer.json()
    return found["sha"], base64.b64decode(found["content"]).decode("utf-8", "replace")


def put_file(github: httpx.Client, repository: str, path: str, content: bytes) -> str:
    """Create or update a file; return the commit."""
    body = {"message": f"Add {path}", "content": base64.b64encode(content).decode()}
    sha, _ = get_file(github, repository, path)
    if sha:
        body["sha"] = sha
    answer = github.put(f"{repository}/contents/{path}", json=body).raise_for_status()
    return str(answer.json()["commit"]["sha"])


def notify(url: str, body: dict[str, Any]) -> None:
    """Answer the evaluation URL, with retries."""
    for attempt in range(RETRIES):
        try:
            httpx.post(url, json=body, timeout=30).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(2**attempt)
