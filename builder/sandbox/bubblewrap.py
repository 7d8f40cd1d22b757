"""Runs a Python program in bubblewrap.

It has namespaces of its own, no environment, nothing to write to but folders in memory, and no
network but our proxy; all that it started ends with it.
"""

import base64
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import IO

from pydantic import Base64Bytes, BaseModel, ValidationError

from builder.egress import Network
from builder.ports import Outcome
from builder.sandbox.inside import MEBIBYTE, PORT, SHOWN
from builder.sandbox.proxy import PUBLIC, USER_AGENT, ScriptProxy
from builder.site import Files

SITE_BYTES = 128 * MEBIBYTE
TEMPORARY_BYTES = 64 * MEBIBYTE
START_SECONDS = 5.0
"""For the sandbox to begin and to hand over, on top of what the program may take."""
PROBE_SECONDS = 10.0
NOBODY = "65534"

PACKAGES = (
    "pandas", "numpy", "openpyxl", "python_calamine", "lxml", "bs4", "PIL", "httpx", "requests",
    "yaml", "ruff",
)  # fmt: skip
"""What a program may count on, by the names that it imports, where it is installed."""
_PROBE = f"""
from importlib.util import find_spec
print(*(name for name in {PACKAGES} if find_spec(name)))
"""


class _Answer(BaseModel):
    files: dict[str, Base64Bytes]
    refused: list[str]
    output: str
    error: str | None


class Sandbox:
    """The port `RunScript`; programs reach `network` through a proxy, with None nothing.

    bubblewrap is looked for on `path`, None for that of this process.
    """

    def __init__(self, network: Network | None = PUBLIC, path: str | None = None) -> None:
        self._network = network
        self._program = shutil.which("bwrap", path=path) or ""

    @cached_property
    def _probe(self) -> Outcome:
        if not self._program:
            return Outcome(error="bubblewrap is not installed")
        return self.run(_PROBE, {}, {}, PROBE_SECONDS)

    @property
    def unavailable(self) -> str | None:
        """Why no program can be run here; it is tried once."""
        return self._probe.error

    @property
    def packages(self) -> list[str]:
        """The names that a program can import beside the standard library."""
        return self._probe.output.split()

    def run(self, script: str, site: Files, inputs: Files, seconds: float) -> Outcome:
        """Run `script` in a copy of `site`, for `seconds` at most, and end all that it started."""
        job = {
            "script": script,
            "site": _encoded(site),
            "inputs": _encoded(inputs),
            "seconds": seconds,
            "network": self._network is not None,
            "environ": self._environ(),
        }
        with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as complaint:
            ours, theirs = socket.socketpair()
            process = subprocess.Popen(  # noqa: S603 - that is what the sandbox is for
                [*_as_nobody(self._program), *_command(self._program)],
                env={"PATH": os.defpath},  # that of bubblewrap can be read from inside
                stdin=theirs.fileno(),
                stdout=answer,
                stderr=complaint,
                start_new_session=True,
            )
            theirs.close()
            try:
                with ours:
                    self._serve(process, ours, json.dumps(job).encode(), seconds + START_SECONDS)
            except (OSError, subprocess.TimeoutExpired):
                pass  # it gave no answer, which is reported below
            finally:
                process.kill()
                process.wait()
            return _outcome(answer, complaint)

    def _serve(
        self, process: "subprocess.Popen[bytes]", channel: socket.socket, job: bytes, seconds: float
    ) -> None:
        """Hand the job over and answer its requests until it is done."""
        channel.settimeout(START_SECONDS)
        channel.sendall(job)
        channel.shutdown(socket.SHUT_WR)
        with ExitStack() as stack:
            if self._network is not None:
                # The sandbox listens, and hands the socket out: there is no way from inside to us.
                _, (number, *_), _, _ = socket.recv_fds(channel, 1, 1)
                listener = socket.socket(fileno=number)
                stack.enter_context(ScriptProxy(listener, self._network).running())
            process.wait(seconds)

    def _environ(self) -> dict[str, str]:
        proxy = f"http://127.0.0.1:{PORT}"
        names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
        return {
            **(dict.fromkeys(names, proxy) if self._network is not None else {}),
            "USER_AGENT": USER_AGENT,
            "HOME": "/tmp",  # noqa: S108 - the sandbox's own
            "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
            "PYTHONPATH": ".",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib",
            # Each thread counts as a process.
            "OPENBLAS_NUM_THREADS": "2",
        }


def _encoded(files: Files) -> Mapping[str, str]:
    return {path: base64.b64encode(content).decode() for path, content in files.items()}


def _command(program: str) -> list[str]:
    """Return the arguments that make the sandbox, with the program that runs in it."""
    return [
        program, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent",
        "--new-session", "--clearenv", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox",
        # First, since Python may be below it.
        "--perms", "700", "--size", str(TEMPORARY_BYTES), "--tmpfs", "/tmp",  # noqa: S108
        "--ro-bind", "/usr", "/usr", *_system(),
        "--ro-bind-try", "/etc/ssl", "/etc/ssl",
        "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
        *_readable(),
        "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev",
        "--perms", "700", "--size", str(SITE_BYTES), "--tmpfs", "/build",
        "--remount-ro", "/", "--chdir", "/build",
        "--setenv", "LD_LIBRARY_PATH", f"{sys.base_prefix}/lib",
        "--", sys.executable, "-I", "-c", Path(__file__).with_name("inside.py").read_text(),
    ]  # fmt: skip


def _system() -> Iterator[str]:
    """Yield the arguments for folders that are links into /usr, or stand beside it."""
    for name in ("bin", "sbin", "lib", "lib64"):
        path = Path("/", name)
        yield from (
            ("--symlink", f"usr/{name}") if path.is_symlink() else ("--ro-bind-try", f"{path}")
        )
        yield str(path)


def _python() -> list[str]:
    """Return the folders that Python and its packages are in."""
    packages = (path for path in sys.path if path.endswith("-packages"))
    return [*dict.fromkeys([sys.base_prefix, sys.prefix, *packages])]


def _readable() -> Iterator[str]:
    """Yield what is needed of these folders: not the settings of pip, which may be private."""
    for folder in _python():
        parts = [""] if folder.endswith("-packages") else ["/bin", "/lib", "/pyvenv.cfg"]
        for path in (f"{folder}{part}" for part in parts if folder != "/usr"):
            yield from ("--ro-bind-try", path, path)


def _as_nobody(program: str) -> list[str]:
    """Return what turns root into nobody, since the kernel does not limit root's processes.

    Python may be below a folder that is closed to others: it is put below an open one.
    """
    if os.geteuid() != 0:
        return []
    opened = [program, "--unshare-pid", "--die-with-parent", "--dev-bind", "/", "/"]
    emptied: set[Path] = set()
    for folder in map(Path, _python()):
        above = [*reversed(folder.parents)]
        closed = next((path for path in above if not path.stat().st_mode & stat.S_IXOTH), None)
        if closed and closed not in emptied:
            emptied.add(closed)
            opened += ["--perms", "755", "--tmpfs", str(closed)]
        if closed:
            below = [str(path) for path in above if closed in path.parents]
            opened += [part for path in below for part in ("--perms", "755", "--dir", path)]
            opened += ["--ro-bind", str(folder), str(folder)]
    identity = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*opened, "--", "setpriv", *identity, "--"]


def _outcome(answer: IO[bytes], complaint: IO[bytes]) -> Outcome:
    answer.seek(0)
    try:
        read = _Answer.model_validate_json(answer.read())
    except ValidationError:
        complaint.seek(0)
        said = complaint.read(SHOWN).decode("utf-8", "replace").strip().rpartition("\n")[2]
        return Outcome(error=f"the sandbox gave no answer: {said or 'it was ended'}")
    return Outcome(read.files, read.output, read.error, read.refused)
