"""Starts the receiver: settings, dispatcher, application, server."""

import argparse
import socket
import sys
from collections.abc import Sequence

from builder.errors import SettingsError
from receiver import logs
from receiver.app import create_app
from receiver.dispatch import GitHubDispatcher
from receiver.github import GitHub
from receiver.server import BACKLOG, Server, server_config
from receiver.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; return the exit code: 0, or 2 for settings."""
    _parser().parse_args(arguments)
    try:
        settings = Settings.from_environ()
        listening = _listen(settings)
    except SettingsError as error:
        print(f"receiver: {error}. {error.fix}", file=sys.stderr)
        return 2
    logs.set_up(settings.log_format)
    app = create_app(settings, GitHubDispatcher(GitHub(settings)))
    logs.log.info("listening on http://%s:%d", *listening.getsockname()[:2])
    Server(server_config(app, settings.max_connections)).run(sockets=[listening])
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


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named, or asyncio would not send answers at once (TCP_NODELAY).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}",
            names=("HOST", "PORT"),
            fix="Set HOST and PORT to an address of this machine that is free.",
        ) from error
    return listening


if __name__ == "__main__":
    sys.exit(main())
