"""What hosts run: the ASGI application, and the steps of the Dockerfile"""

import re
import subprocess
import sys
from pathlib import Path

from receiver.settings import Settings
from tests.receiver_parts import base_environ

ROOT = Path(__file__).resolve().parents[3]


def test_asgi__needs_settings_only() -> None:
    """A host that imports `receiver.asgi:app` gets the application by the environment alone."""
    code = "from receiver.asgi import app; print(app.title)"
    told = subprocess.run(
        [sys.executable, "-c", code], env=base_environ(), capture_output=True, text=True, check=True
    )
    assert told.stdout == "briefship receiver\n"


def test_dockerfile__copies_what_is_sent() -> None:
    """Everything that the image copies exists and is let through to the build."""
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M)
    sources = {source for line in copied for source in line.split()}
    let_through = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.M)
    assert sources == set(let_through)
    assert all((ROOT / source).exists() for source in sources)


def test_dockerfile__runs_as_nobody_in_particular() -> None:
    """The image runs the receiver, as a user other than root, and looks after its health."""
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER [1-9]\d*$", text, re.M)
    assert 'CMD ["python", "-m", "receiver"]' in text
    assert "/health" in re.findall(r"^HEALTHCHECK .+$", text, re.M)[0]


def test_hosting__names_settings_that_exist() -> None:
    """Every variable that the page on hosting explains is one that is read, by its default."""
    page = (ROOT / "receiver/HOSTING.md").read_text()
    read = {name.upper() for name in Settings.model_fields}
    explained = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)(?:=\w+)?`", page)) - {"SIGTERM"}
    assert explained <= read
