"""What a hostile build script can do, each attack carried out for real in bubblewrap.

A script tells as JSON what came of each try, so that no attack counts that was not made.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from builder.ports import Outcome
from builder.sandbox.bubblewrap import SITE_BYTES, TEMPORARY_BYTES, Sandbox
from builder.sandbox.inside import LIMITS, MAX_FILES
from tests.integration.sandbox.conftest import Attack

SECRET = "sk-a-key-that-nobody-may-see"
DENIED = {"FileNotFoundError", "PermissionError", "OSError", "NotADirectoryError"}


def processes(mark: str) -> list[str]:
    """Return the command lines on this machine that hold a mark."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if mark in line and "pytest" not in line:
            found.append(line)
    return found


def gone(mark: str) -> bool:
    """Wait until no process holds a mark: the kernel ends them after bubblewrap."""
    until = time.monotonic() + 10
    while processes(mark) and time.monotonic() < until:
        os.sched_yield()
    return not processes(mark)


def test_environment_of_others(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process that the script can see holds a variable of the builder."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    told = attack("""
for pid in filter(str.isdigit, os.listdir("/proc")):
    attempt(pid, lambda: open(f"/proc/{pid}/environ").read())
    attempt(f"{pid} fds", lambda: os.listdir(f"/proc/{pid}/fd"))
told["own"] = repr(dict(os.environ))
told["parent"] = str(os.getppid())
""")
    assert {"1", "own", told["parent"]} <= told.keys()
    assert "/build" not in told["1"]
    assert SECRET not in json.dumps(told)
    assert "OPENAI_API_KEY" not in json.dumps(told)


def test_files_of_the_machine(attack: Attack, tmp_path: Path) -> None:
    """Token files, homes, the builder's own folder and a disk are not there."""
    token = tmp_path / ".git-credentials"
    token.write_text(SECRET)
    paths = [
        str(token), str(Path.cwd() / "pyproject.toml"), "~/.netrc", "~/.gitconfig",
        "/root/.ssh", "/etc/shadow", "/etc/passwd", "/home", "/run", "/sys", "/var",
        f"/proc/{os.getpid()}/environ",
        f"/proc/1/root{token}", f"/proc/self/cwd/../../..{token}", "/dev/mem", "/dev/sda",
    ]  # fmt: skip
    told = attack(
        """
for path in paths:
    where = os.path.expanduser(path)
    attempt(path, lambda: os.listdir(where) if os.path.isdir(where) else open(where).read())
seen = [os.path.join(at, name) for at, _, names in os.walk("/") for name in names
        if not at.startswith(("/proc", "/usr", "/dev", sys.prefix, sys.base_prefix))]
told["others"] = repr([path for path in seen if not path.startswith(("/etc/ssl", "/build"))])
""",
        paths=paths,
    )
    assert {told[path] for path in paths} <= DENIED
    assert token.name not in told["others"]


def test_writing_outside(attack: Attack) -> None:
    """Nothing outside of the folders in memory can be written to."""
    paths = ["/x", "/usr/x", "/usr/bin/python3", "/etc/x", "/etc/ssl/x", "/dev/x", "/dev/shm/x"]  # noqa: S108
    paths += ["/proc/sys/kernel/hostname", "/proc/1/oom_score_adj", f"{sys.prefix}/lib/x", "/lib/x"]
    told = attack(
        """
for path in paths:
    attempt(path, lambda: open(path, "w").write("1"))
attempt("remount", lambda: subprocess.run(["mount", "-o", "remount,rw", "/usr"]).returncode)
attempt("namespace", lambda: subprocess.run(["unshare", "-Ur", "true"]).returncode)
attempt("user", lambda: os.setuid(0))
""",
        paths=paths,
    )
    writable = {path for path in paths if told[path] not in DENIED}
    assert writable <= {"/proc/1/oom_score_adj"}, told  # of the sandbox's own first process
    assert told["remount"] not in {"0"}
    assert told["namespace"] not in {"0"}
    assert told["user"] in DENIED
    assert not Path("/usr/x").exists()


def test_fork_bomb(sandbox: Sandbox) -> None:
    """Processes are counted, the bomb ends with the time, and none is left."""
    mark = f"bomb-{uuid4()}"
    script = f"""
import os, subprocess, sys
loop = "import os\\nwhile True:\\n try: os.fork()\\n except OSError: pass"
made = 0
try:
    while True:
        subprocess.Popen([sys.executable, "-c", loop, "{mark}"]); made += 1
        print("made", made, flush=True)
except OSError as error:
    print(type(error).__name__, flush=True)
while True: pass
"""
    outcome = sandbox.run(script, {}, {}, 3)
    assert "made 1" in outcome.output
    assert "BlockingIOError" in outcome.output
    assert outcome.output.count("made") <= LIMITS[resource.RLIMIT_NPROC]
    assert outcome.error is not None
    assert gone(mark)


def test_large_files(attack: Attack) -> None:
    """A file of 10 GB, many files and a full memory all end at their limits."""
    told = attack("""
def sparse():
    with open("sparse", "wb") as file: file.truncate(10 << 30)
def fill(folder):
    written = 0
    try:
        for number in range(10_000):
            with open(f"{folder}/{number}", "wb") as file:
                written += file.write(b"x" * (1 << 20))
    except OSError as error:
        told[f"error in {folder}"] = os.strerror(error.errno)
    for number in range(10_000):
        if os.path.exists(f"{folder}/{number}"): os.remove(f"{folder}/{number}")
    return written
def one():
    with open("large", "wb") as file:
        while True: file.write(b"x" * (1 << 20))
attempt("sparse", sparse)
attempt("one", one)
os.remove("large")
os.remove("sparse")
attempt("site", lambda: fill("."))
attempt("temporary", lambda: fill("/tmp"))
attempt("memory", lambda: bytearray(10 << 30))
""")
    assert told["sparse"] == told["one"] == "OSError"
    assert 0 < int(told["site"]) <= SITE_BYTES
    assert 0 < int(told["temporary"]) <= TEMPORARY_BYTES
    assert told["error in ."] == told["error in /tmp"] == "No space left on device"
    assert told["memory"] == "MemoryError"


def test_output_without_end(sandbox: Sandbox) -> None:
    """What is printed is cut to its end, however much it is."""
    outcome = sandbox.run("while True: print('x' * 9999)", {}, {}, 3)
    assert outcome.error
    assert 0 < len(outcome.output) <= 20_000


def test_links_and_odd_files(sandbox: Sandbox) -> None:
    """Links, pipes and sockets are told and not taken; nor is what is beside the site."""
    outcome = sandbox.run(
        """
import os, socket
os.symlink("/etc/ssl/openssl.cnf", "link.txt")
os.symlink("/proc/1/environ", "environ.txt")
os.symlink("/usr", "folder")
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
open("../beside", "w").write("x")
open("shut", "w").write("x"); os.chmod("shut", 0)
open("fine", "w").write("x")
""",
        {},
        {},
        10,
    )
    assert outcome.error is None, outcome
    assert {line.partition(":")[0] for line in outcome.refused} == {
        "environ.txt", "folder", "link.txt", "pipe", "shut", "socket"
    }  # fmt: skip
    assert outcome.files == {"fine": b"x"}


def test_too_many_files(sandbox: Sandbox) -> None:
    """Of very many files a bounded number is taken."""
    script = f"for number in range({MAX_FILES + 5}): open(f'{{number}}', 'w').write('x')"
    outcome = sandbox.run(script, {}, {}, 30)
    assert len(outcome.files) == MAX_FILES
    assert len(outcome.refused) == 5


SURVIVORS = {
    "a daemon": "",
    "the sandbox's own process killed": "os.kill(os.getppid(), signal.SIGKILL)",
    "the sandbox's own process stopped": "os.kill(os.getppid(), signal.SIGSTOP)",
    "all processes killed": "os.kill(-1, signal.SIGKILL)",
}


@pytest.mark.parametrize("act", SURVIVORS.values(), ids=SURVIVORS.keys())
def test_surviving_the_end(sandbox: Sandbox, act: str) -> None:
    """A daemon in a session of its own, with or without its guard, ends with the script."""
    mark = f"survivor-{uuid4()}"
    script = f"""
import os, signal, subprocess, sys, time
if os.fork() == 0:
    os.setsid()
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except OSError: pass
    subprocess.Popen([sys.executable, "-c", "import time\\nwhile True: time.sleep(9)", "{mark}"])
    os._exit(0)
time.sleep(0.5)
print([line for line in map(str, os.listdir("/proc")) if line.isdigit()
       and b"{mark}" in open(f"/proc/{{line}}/cmdline", "rb").read()], flush=True)
{act}
"""
    outcome = sandbox.run(script, {}, {}, 2)
    if act:
        assert outcome.error
    else:
        assert outcome.error is None
        assert outcome.output.count("'") == 2, "the daemon ran when the script ended"
    assert gone(mark)


def test_forged_answer(sandbox: Sandbox) -> None:
    """A script may answer in the sandbox's place, where the kernel lets it: it can but name files.

    Under root the sandbox runs as nobody, who may not open the file that takes the answer.
    """
    forged = json.dumps(
        {"files": {"../../x": "eA=="}, "refused": [], "output": "forged", "error": None}
    )
    outcome = sandbox.run(
        f"""
import os, signal
with open(f"/proc/{{os.getppid()}}/fd/1", "w") as answer: answer.write({forged!r})
os.kill(os.getppid(), signal.SIGKILL)
""",
        {},
        {},
        5,
    )
    if outcome.error is None:
        assert outcome == Outcome({"../../x": b"x"}, "forged", None, [])
    else:
        assert "PermissionError" in outcome.output
        assert outcome.files == {}


def test_processes_of_the_machine(attack: Attack) -> None:
    """No process of the machine can be seen or signalled."""
    told = attack(
        """
attempt("signal", lambda: os.kill(pid, 0))
attempt("traced", lambda: open(f"/proc/{pid}/mem").read(1))
told["seen"] = repr(sorted(filter(str.isdigit, os.listdir("/proc"))))
""",
        pid=os.getpid() if os.getpid() > 200 else 99_999,
    )
    assert told["signal"] == "ProcessLookupError"
    assert told["traced"] == "FileNotFoundError"
    assert told["seen"].count(",") < 10


def test_run__time_is_up(sandbox: Sandbox) -> None:
    """A script that goes on is ended, and what it wrote before is kept."""
    script = "open('early.txt', 'w').write('1')\nprint('begun', flush=True)\nwhile True: pass"
    outcome = sandbox.run(script, {}, {}, 1)
    assert outcome.error == "it was ended after 1 s"
    assert outcome.output == "begun\n"
    assert outcome.files == {"early.txt": b"1"}
