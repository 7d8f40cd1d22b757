"""Runs inside of the sandbox: lays the files, sets the limits, runs the program, gathers.

Its source is handed to Python, so that it imports the standard library only. The job comes as JSON
on standard input, a socket; the answer goes to standard output. The program runs as the same user
and could forge that answer: who reads it trusts nothing in it.
"""

import base64
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SITE, INPUTS, SCRIPT = Path("/build/site"), Path("/build/inputs"), Path("/build/script.py")
OUTPUT = Path("/tmp/output")  # noqa: S108 - the sandbox's own
PORT = 3128
MEBIBYTE = 1024 * 1024
LIMITS = {
    resource.RLIMIT_AS: 2048 * MEBIBYTE,
    resource.RLIMIT_FSIZE: 64 * MEBIBYTE,
    resource.RLIMIT_NPROC: 64,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_CORE: 0,
}
"""Of one process; of processes, threads included, in the sandbox."""
MAX_FILES = 1000
MAX_BYTES = 40 * MEBIBYTE
"""Of the files that a program may hand over."""
CACHES = {"__pycache__", ".ruff_cache", ".pytest_cache", ".mypy_cache"}
"""Folders that tools leave behind."""
SHOWN = 20_000
"""Last bytes of what it prints that are kept."""


def main() -> None:
    """Do the job."""
    channel = socket.socket(fileno=0)
    job = json.loads(b"".join(iter(lambda: channel.recv(MEBIBYTE), b"")))
    if job["network"]:
        listener = socket.create_server(("127.0.0.1", PORT), backlog=64)
        socket.send_fds(channel, [b"."], [listener.fileno()])
        listener.close()
    channel.close()
    # Should memory run out, the kernel ends what runs here first.
    Path("/proc/self/oom_score_adj").write_text("1000")
    cpu = int(job["seconds"]) + 1
    for limit, most in {**LIMITS, resource.RLIMIT_CPU: cpu}.items():
        resource.setrlimit(limit, (most, most))
    before = {path: base64.b64decode(content) for path, content in job["site"].items()}
    lay(SITE, before)
    lay(INPUTS, {name: base64.b64decode(content) for name, content in job["inputs"].items()})
    SCRIPT.write_text(job["script"], encoding="utf-8", errors="replace")
    error = run(job["seconds"], job["environ"])
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)  # all processes of the sandbox but this one
    files, refused = gather(before)
    with OUTPUT.open("rb") as file:
        file.seek(max(0, OUTPUT.stat().st_size - SHOWN))
        output = file.read(SHOWN).decode("utf-8", "replace")
    json.dump({"files": files, "refused": refused, "output": output, "error": error}, sys.stdout)


def lay(folder: Path, files: dict[str, bytes]) -> None:
    """Write files below a folder."""
    folder.mkdir()
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def run(seconds: float, environ: dict[str, str]) -> str | None:
    """Run the program; return what went wrong."""
    with OUTPUT.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - that is what the sandbox is for
            [sys.executable, "-u", str(SCRIPT)],
            cwd=SITE,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return f"it was ended after {seconds:.0f} s"
    if status < 0:
        return f"it was ended by signal {-status}"
    return f"exit code {status}" if status else None


def gather(before: dict[str, bytes]) -> tuple[dict[str, str], list[str]]:
    """Return the files that are new or changed, in base64, and why others are not taken."""
    files: dict[str, str] = {}
    refused: list[str] = []
    left = MAX_BYTES
    for path in found():
        shown = path.relative_to(SITE).as_posix().encode("utf-8", "replace").decode()
        try:
            if path.is_symlink() or not path.is_file():
                refused.append(f"{shown}: no regular file")
            elif path.stat().st_size > left or len(files) == MAX_FILES:
                refused.append(f"{shown}: more than {MAX_FILES} files or {MAX_BYTES:,} bytes")
            elif (content := path.read_bytes()) != before.get(shown):
                left -= len(content)
                files[shown] = base64.b64encode(content).decode()
        except OSError as error:
            refused.append(f"{shown}: {error.strerror}")
    return files, refused[:20]


def found() -> Iterator[Path]:
    """Yield what is below the site's folder; links to folders are not followed."""
    for folder, folders, names in os.walk(SITE):
        folders[:] = [name for name in folders if name not in CACHES]
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in sorted([*names, *links]))


if __name__ == "__main__":
    main()
