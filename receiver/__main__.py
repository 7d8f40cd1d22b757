"""Starts the receiver: settings, dispatcher, application, server."""

import argparse
import socket
import sys
from collections.abc import Sequence

import uvicorn

from builder.errors import SettingsError
from receiver import logs
from receiver.app import create_app
from receiver.dispatch import GitHubDispatcher
from receiver.github import GitHub
from receiver.server import BACKLOG, server_config
from receiver.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal stops it; return the exit code: 0, or 2 for settings."""
    _parser().parse_args(arguments)
    try:
        settings = Settings.from_environ()
        listening = _listen(settings.host, settings.port)
    except SettingsError as error:
        print(f"receiver: {error}. {error.fix}", file=sys.stderr)
        return 2
    logs.set_up(settings.log_format)
    app = create_app(settings, GitHubDispatcher(GitHub(settings)))
    logs.log.info("listening on http://%s:%d", *listening.getsockname()[:2])
    uvicorn.Server(server_config(app, settings)).run(sockets=[listening])
    return 0


def _parser() -> argparse.ArgumentParser:
    rows = [
        f"  {name.upper():26} {field.description}"
        + ("" if field.is_required() else f" (default {field.default})")
        for name, field in Settings.model_fields.items()
    ]
    return argparse.ArgumentParser(
        prog="python -m receiver",
        description="Take briefs over HTTP and hand them to GitHub as repository_dispatch events.",
        epilog="\n".join(["environment:", *rows]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host} port {port}: {error.strerror}",
            names=("HOST", "PORT"),
            fix="Set HOST and PORT to an address of this machine that is free.",
        ) from error
    # Connections inherit it; asyncio sets it on sockets of its own only.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


if __name__ == "__main__":
    sys.exit(main())
