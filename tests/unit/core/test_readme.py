"""README's commands, held against what a plain Debian 12 has."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OF_VENV = {"python", "pip", "act"}
"""Programs that Debian has under another name, refuses to use, or does not have."""


def test_readme__commands_run_on_a_plain_debian() -> None:
    """There is no `python`, and pip installs only into an environment: each block of commands
    activates one first, or names the programs in `.venv/bin`."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len(blocks) >= 3
    for block in blocks:
        is_active = False
        for command in re.split(r"\n| && | \| ", block):
            words = shlex.split(command, comments=True)
            is_active |= words[:1] == ["."] and words[1].endswith(".venv/bin/activate")
            assert is_active or words[:1] == [] or words[0] not in OF_VENV, command


def test_readme__set_up_tells_what_kind_of_repository() -> None:
    """A template or an import, Actions that are allowed, and what public and private mean."""
    text = (ROOT / "README.md").read_text()
    step = text.partition("1. **The workflow repository.**")[2].partition("\n2. ")[0]
    for words in ("Use this template", "Import a repository", "Actions", "*Public*", "*Private*"):
        assert words in step


def test_readme__messages_of_the_troubleshooting_are_ours() -> None:
    """Each message that README explains is one that the programs print."""
    text = (ROOT / "README.md").read_text()
    table = text.partition("## Troubleshooting by message")[2].partition("\n## ")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| ")]
    messages = [message for cell in cells[2:] for message in re.findall(r"`([^`]+)`", cell)]
    assert len(messages) > 15
    sources = "".join(
        file.read_text() for part in ("builder", "receiver") for file in (ROOT / part).rglob("*.py")
    )
    for message in messages:
        for words in re.split(r"…|\(no model|[0-9]{3}|[A-Z]+_[A-Z]+", message):
            assert words.strip(" :()") in sources, message
