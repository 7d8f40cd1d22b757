"""Files and elements that JavaScript checks name, and file names in prose."""

import pytest

from builder.contract.checks import element_ids, fetched_files, selectors
from builder.contract.prose import named_files
from builder.request import Check


def _script(source: str) -> Check:
    return Check.model_validate({"js": source})


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("(await fetch('data/a.json')).ok", ["data/a.json"]),
        ('fetch("./a.txt").then(r => r.text())', ["a.txt"]),
        ("fetch(`a.csv`)", ["a.csv"]),
        ("fetch('404.html')", ["404.html"]),
        ("fetch(`a.csv?${Date.now()}`, {cache: 'no-store'})", ["a.csv"]),
        ("fetch('a.csv?t=' + Date.now())", ["a.csv"]),
        ("fetch('my%20file.csv#x')", ["my file.csv"]),
        ("fetch('a.json').then(() => fetch('b.json'))", ["a.json", "b.json"]),
        ("fetch('a.json') && fetch('a.json')", ["a.json"]),
        ("fetch(`${base}/a.csv`)", []),
        ("fetch('data' + '.json')", []),
        ("fetch('data.' + type)", []),
        ("fetch('about')", []),
        ("fetch('data/')", []),
        ("fetch('/a.json')", []),
        ("fetch('../a.json')", []),
        ("fetch('https://api.example.com/a.json')", []),
        ("fetch('//api.example.com/a.json')", []),
        ("fetch('data:text/plain,a.b')", []),
        ("fetch(url)", []),
        ("'a.json'.length", []),
        ("(await fetch('a.json')).status === 404", []),
        ("!(await fetch('a.json')).ok", []),
        ("fetch('a.json').then(r => !r.ok)", []),
        ("fetch('a.json').then(r => r.ok === false)", []),
        ("fetch('a.json').then(r => r.status >= 400)", []),
    ],
)
def test_fetched_files__of_a_check(script: str, paths: list[str]) -> None:
    """A literal that is a whole path is a file; not where the script may want it to be absent."""
    assert fetched_files(_script(script)) == paths
    assert fetched_files(Check.model_validate(script)) == []


@pytest.mark.parametrize(
    ("script", "ids"),
    [
        ("document.querySelector('#sum').textContent", ["sum"]),
        ('document.querySelectorAll("ul#a > li, #b-2 .x")', ["a", "b-2"]),
        ("document.getElementById('total')", ["total"]),
        ("$('#q') && $$(`#r`)", ["q", "r"]),
        ("event.target.closest('#menu').matches('#menu')", ["menu"]),
        ("document.querySelector(`#row-${i}`)", []),
        ("document.querySelector('a[href=\"#top\"]')", []),
        ("color === '#ffeedd'", []),
        ("document.querySelector(id)", []),
    ],
)
def test_element_ids__of_a_check(script: str, ids: list[str]) -> None:
    """Ids are taken from literal selectors only."""
    assert element_ids([_script(script)]) == ids
    assert element_ids([Check.model_validate(script)]) == []


def test_selectors__each_once() -> None:
    """Selectors of all checks, in order."""
    sources = ["document.querySelector('#a li')", "document.querySelector('#a li')"]
    checks = [_script(source) for source in sources]
    assert selectors(checks) == ["#a li"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Write `a.html`, **b.css** and docs/c.json.", ["a.html", "b.css", "docs/c.json"]),
        ("Add .github/workflows/ci.yml!", [".github/workflows/ci.yml"]),
        ("about.htmlがありません", ["about.html"]),
        ("Füge größe.csv hinzu; a.html.", ["größe.csv", "a.html"]),
        ("See https://example.org/a.html or ada@example.org, v1.2, e.g. this.", []),
        ("a.html a.html", ["a.html"]),
    ],
)
def test_named_files__in_prose(text: str, names: list[str]) -> None:
    """Names with a known suffix are found; addresses are no names."""
    assert named_files(text) == names
