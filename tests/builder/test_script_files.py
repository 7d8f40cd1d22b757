"""What JavaScript checks say about files."""

import pytest

from builder.brief.script_files import script_files

THERE, GONE, UNSURE = (True, True), (False, True), (True, False)


def _said(script: str) -> dict[str, tuple[bool, bool]]:
    return {file.path: (file.is_wanted, file.is_certain) for file in script_files(script)}


@pytest.mark.parametrize(
    "script",
    [
        "(await fetch('a.md')).status === 404",
        "404 === (await fetch('a.md')).status",
        'fetch("./a.md").then(r => r.status == 404)',
        "(await fetch('a.md')).status !== 200",
        "(await fetch('a.md')).status >= 400",
        "!(await fetch('a.md')).ok",
        "(await fetch(`a.md`)).ok === false",
        "fetch('a.md', {method: 'HEAD'}).then(r => !r.ok)",
        "[404, 410].includes((await fetch('a.md')).status)",
        "const r = await fetch('a.md'); return !r.ok && r.status === 404",
    ],
)
def test_script_files__of_a_fetch_that_is_to_fail(script: str) -> None:
    """A script that passes when the response fails wants the file absent."""
    assert _said(script) == {"a.md": GONE}


@pytest.mark.parametrize(
    "script",
    [
        "(await fetch('a.md')).ok",
        "(await fetch('a.md')).ok === true",
        "(await fetch('./a.md')).status !== 404",
        "(await fetch('a.md')).status < 400",
        "!(await (await fetch('a.md')).text()).includes('x')",
        "fetch('a.md').then(r => r.text()).then(t => t.includes('x') && !t.includes('y'))",
        "const r = await fetch('a.md'); if (!r.ok) throw new Error('no'); return true",
        "fetch('a.md').then(r => { if (r.status === 404) return false; return r.text() })",
    ],
)
def test_script_files__of_a_fetch_that_is_to_succeed(script: str) -> None:
    """A script that reads the response, or refuses a failed one, wants the file."""
    assert _said(script) == {"a.md": THERE}


@pytest.mark.parametrize(
    "script",
    [
        "document.body.textContent.includes('a.md')",
        "fetch('a.md').then(r => r.status).then(s => s === 404)",
        "const r = await fetch('a.md'); return r.ok || r.status === 404",
    ],
)
def test_script_files__of_a_script_that_tells_neither(script: str) -> None:
    """A name that is compared with, or either answer of the server, is a guess."""
    assert _said(script) == {"a.md": UNSURE}


def test_script_files__of_several_fetches() -> None:
    """Each fetch is judged by what follows it, or both are guesses where that tells nothing."""
    one_each = "(await fetch('a.md')).status === 404 && (await fetch('b.md')).ok"
    assert _said(one_each) == {"a.md": GONE, "b.md": THERE}
    turned = "(await fetch('b.md')).ok && !(await fetch('a.md')).ok"
    assert _said(turned) == {"a.md": GONE, "b.md": THERE}
    both = "const [a, b] = await Promise.all([fetch('a.md'), fetch('b.md')]);"
    assert _said(f"{both} return a.status === 404 && b.ok") == {"a.md": UNSURE, "b.md": UNSURE}
    assert _said(f"{both} return a.ok && b.ok") == {"a.md": THERE, "b.md": THERE}


def test_script_files__of_names_in_a_list() -> None:
    """Names that are not fetched as such are guesses, of absence where the script wants that."""
    script = "(await Promise.all(['a.md'].map(f => fetch(f)))).every(r => r.status === 404)"
    assert _said(script) == {"a.md": (False, False)}


def test_script_files__reads_hostile_scripts_in_time() -> None:
    """Long runs of one kind of text do not send a pattern into its square."""
    for text in ("fetch('a.md') ", "!", "(", "if(", "404 ", "!a.ok ", "false == ", "].includes("):
        script_files(text * 3000)
