"""Who may import whom: the layers of the project, held by reading its source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILDER = ROOT / "builder"

ADAPTERS: dict[str, set[str]] = {
    "actions": set(),
    "egress": set(),
    "notify": {"httpx"},
    "llm.completion": {"openai"},
    "publish.checkout": set(),
    "publish.github_api": {"github"},
    "publish.published_site": {"httpx"},
    "sandbox": set(),
    "verify.browser": {"playwright"},
    "verify.browser_worker": {"playwright"},
    "verify.secret_scan": {"detect_secrets"},
    "work": set(),
}
"""Each outside world and the library that reaches it. All other modules are pure."""

STORY = {
    "pipeline": {"work", "publish.checkout"},
    "repair": {"work", "publish.checkout"},
    "publish.commits": {"work", "publish.checkout"},
    "sandbox": {"egress"},
    "verify.browser_worker": {"egress"},
}
"""The story takes its collaborators as parameters; these are named as types, and not made there.
Two adapters let others out by the same proxy."""

WIRING = ("cli", "wiring")
"""Where adapters and stages are put together."""

SHARED = {"request", "errors"}
"""What the receiver may take of the builder."""

OUTSIDE = {
    *("detect_secrets", "httpx", "openai", "github", "requests", "playwright"),
    *("fastapi", "uvicorn"),
}
WORLDLY = {
    *("os", "socket", "subprocess", "shutil", "urllib.request", "time", "tempfile", "threading"),
}
"""Modules of the standard library with which a module would leave the pure."""


def modules() -> list[str]:
    """Name the modules of the builder but its command line and its wiring."""
    return [
        ".".join(path.relative_to(BUILDER).with_suffix("").parts)
        for path in sorted(BUILDER.rglob("*.py"))
        if path.stem not in {"__init__", "__main__"}
        and path.relative_to(BUILDER).with_suffix("").parts[0] not in WIRING
    ]


def imports(path: Path) -> Iterator[str]:
    """Yield the full names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported(module: str) -> list[str]:
    return list(imports(BUILDER.joinpath(*module.split(".")).with_suffix(".py")))


def adapter_of(name: str) -> str | None:
    """Return the adapter that a dotted name of the builder belongs to, if any."""
    return next((key for key in ADAPTERS if f"{name}.".startswith(f"{key}.")), None)


def own(names: list[str]) -> set[str]:
    """Return the builder's own among the names, without its name in front."""
    return {name.removeprefix("builder.") for name in names if name.startswith("builder.")}


def test_imports__of_the_builder() -> None:
    """A pure module imports pure ones; an adapter only pure ones and its own library."""
    for module in modules():
        adapter, names = adapter_of(module), imported(module)
        allowed = ADAPTERS[adapter] if adapter else set()
        assert {name.split(".")[0] for name in names} & OUTSIDE <= allowed, module
        known = STORY.get(adapter or module, set()) | STORY.get(module, set())
        others = set(map(adapter_of, own(names))) - {None, adapter} - known
        assert not others, f"{module} imports the adapters {others}"
        worldly = {name for name in names if {name, name.split(".")[0]} & WORLDLY}
        assert adapter or not worldly, f"{module} is pure and imports {worldly}"


def test_imports__of_nobody() -> None:
    """Nothing of the product imports local/, and nothing at all imports the command."""
    for ends, others in (
        ("local", "receiver builder briefship"),
        ("briefship", "receiver builder local"),
    ):
        for path in [path for other in others.split() for path in (ROOT / other).rglob("*.py")]:
            assert not [name for name in imports(path) if name.split(".")[0] == ends], path


def test_imports__receiver_takes_what_is_shared_only() -> None:
    """The receiver shares the wire and the errors, which import nothing else of the builder."""
    shared = [BUILDER / f"{module}.py" for module in sorted(SHARED)]
    for path in (*(ROOT / "receiver").rglob("*.py"), *shared):
        assert {name.split(".")[0] for name in own(list(imports(path)))} <= SHARED, path


def test_imports__environment_is_read_by_main_only() -> None:
    """os.environ is read where things are wired; others get what they need passed."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (*(ROOT / "receiver").rglob("*.py"), *BUILDER.rglob("*.py"))
        if "environ" in _attributes(path)
    }
    # git and Chromium find their program and their proxies there; the sandbox has its own.
    assert readers <= {
        "builder/cli.py",
        "builder/verify/browser.py",
        "builder/publish/checkout.py",
        "builder/sandbox/fetch_inside.py",
    }


def _attributes(path: Path) -> set[str]:
    """Return the attributes that are taken of the module os."""
    return {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }


def test_imports__the_command_does_without_the_extras() -> None:
    """`pipx install .` is enough for all that talks to GitHub: extras are imported when used."""
    script = (
        "import sys, briefship.__main__; names = {name.split('.')[0] for name in sys.modules}; "
        f"print(sorted(names & {OUTSIDE - {'httpx'} | {'imagesize', 'jsonschema', 'httpx2'}}))"
    )
    assert _printed(script) == "[]"


def test_imports__receiver_process_stays_small() -> None:
    """The receiver runs without the builder's libraries."""
    script = (
        "import sys, receiver.__main__; "
        "print(sorted({'openai', 'github', 'jinja2', 'playwright'} & sys.modules.keys()))"
    )
    assert _printed(script) == "[]"


def _printed(script: str) -> str:
    """Return what a Python program of one line prints."""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()
