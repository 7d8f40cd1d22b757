"""Chromium: where it is and how it is started."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import sync_playwright

PROGRAMS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome")
"""Names on PATH, the hosted runner's `google-chrome` among them."""

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Debian's build starts requests of its own in the background.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def flags() -> list[str]:
    """Return the arguments for Chromium; its sandbox does not work for root."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def executable(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of a Chromium: `CHROMIUM`, one on PATH, or Playwright's own; else None."""
    named = environ.get("CHROMIUM")
    if named:
        return named
    found = next(filter(None, (shutil.which(name) for name in PROGRAMS)), None)
    return found or _downloaded()


def _downloaded() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
