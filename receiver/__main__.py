"""Starts the receiver: settings, dispatcher, application, server."""

import argparse
import os
import socket
import sys
from collections.abc import Sequence

import uvicorn

from builder.errors import SettingsError
from receiver import logs
from receiver.app import create_app, log
from receiver.dispatch import GitHubDispatcher
from receiver.server import configured, spare_the_collector
from receiver.settings import Settings

BACKLOG = 2048
"""Connections that may wait to be taken, as in uvicorn."""

ENVIRONMENT = """\
environment:
  TASK_SECRET                the secret that senders give; several with commas between them
  DISPATCH_TOKEN             a GitHub token with Contents: write on the workflow repository
  DISPATCH_REPOSITORY        the workflow repository, owner/name
  GITHUB_API_URL             default https://api.github.com
  GITHUB_CONNECTIONS         calls to GitHub at once, default 100
  HOST, PORT                 where to listen, default 127.0.0.1 and 8000
  MAX_REQUEST_BYTES          default 4194304
  MAX_BUFFERED_BYTES         of large bodies that come in at the same time, default 33554432
  REQUEST_SECONDS            what a sender has for a whole body, default 10
  FAILED_SECRETS_PER_MINUTE  wrong secrets from one address before it has to wait, default 20
  TRUSTED_PROXIES            proxies of yours in front that add to X-Forwarded-For, default 0
  DOCS                       on or off: /docs, /redoc and /openapi.json, default on
  LOG_FORMAT                 text or json, default text
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; return the exit code: 0, or 2 for settings."""
    _parser().parse_args(arguments)
    try:
        settings = Settings.from_environ(os.environ)
        listening = _listen(settings)
    except SettingsError as error:
        print(f"receiver: {error}. {error.fix}", file=sys.stderr)
        return 2
    logs.set_up(settings.log_format)
    app = create_app(settings, GitHubDispatcher(settings))
    spare_the_collector()
    log.info("listening on http://%s:%d", *listening.getsockname()[:2])
    uvicorn.Server(configured(app)).run(sockets=[listening])
    return 0


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="python -m receiver",
        description="Take briefs over HTTP and hand them to GitHub as repository_dispatch events.",
        epilog=ENVIRONMENT,
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
