"""`serve`, `demo` and `history`: commands that need packages which the command itself does not."""

import os
from argparse import Namespace
from importlib import import_module
from types import ModuleType

from briefship.context import Context
from builder.errors import SettingsError

INSTALL = "Install the whole command: pipx install '.[command]'."


def serve(_: Namespace, context: Context) -> int:
    """Run the receiver until it is told to stop."""
    program = imported("receiver.__main__", INSTALL)
    # It reads the process's environment; what .env says counts there too.
    os.environ.update(context.environ)
    return int(program.main([]))


def demo(options: Namespace, _: Context) -> int:
    """Run the demo of the checkout that this is installed from."""
    fix = "Clone briefship, then make demo, or make setup and .venv/bin/briefship demo."
    return int(imported("local.__main__", fix).main(["demo", *options.arguments]))


def history(options: Namespace, context: Context) -> int:
    """Add a run to the page of all runs."""
    return int(imported("briefship.history", INSTALL).history(options, context))


def imported(module: str, fix: str) -> ModuleType:
    """Import a program. Raises SettingsError where it, or a library of it, is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        reason = f"{module.partition('.')[0]} cannot run here: {error.name} is not installed"
        raise SettingsError(reason, names=(), fix=fix) from error
