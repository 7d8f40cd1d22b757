"""Files that JavaScript checks fetch, and words of secrecy."""

import time

from builder.contract.core import fetched_files, words_of_secrecy
from builder.request import Check

ADDRESSES = ["about", "data/", "/a.json", "../a.json", "https://e.org/a.json", "//e.org/a.json"]
ABSENT = [
    "(await fetch('a.json')).status === 404",
    "!(await fetch('a.json')).ok",
    "fetch('a.json').then(r => !r.ok)",
    "fetch('a.json').then(r => r.ok === false)",
    "fetch('a.json').then(r => r.status >= 400)",
]


def _fetched(source: str) -> list[str]:
    assert fetched_files(Check.model_validate(source)) == []
    return fetched_files(Check.model_validate({"js": source}))


FETCHED = {
    "(await fetch('data/a.json')).ok": ["data/a.json"],
    'fetch("./404.html").then(r => r.text())': ["404.html"],
    "fetch(`a.csv?${Date.now()}`, {cache: 'no-store'})": ["a.csv"],
    "fetch('a.csv?t=' + Date.now())": ["a.csv"],
    "fetch('my%20file.csv#x')": ["my file.csv"],
    "fetch('b.json').then(() => fetch('a.json') && fetch('b.json'))": ["b.json", "a.json"],
    "fetch(`${base}/a.csv`) && fetch('data.' + type) && fetch(url) && 'a.json'.length": [],
    " && ".join(f"fetch('{address}')" for address in ADDRESSES): [],
    "fetch('data:text/plain,a.b')": [],
    **{script: [] for script in ABSENT},
}


def test_fetched_files__of_a_check() -> None:
    """A literal that is a whole path is a file; not where the script may want it to be absent."""
    assert {script: _fetched(script) for script in FETCHED} == FETCHED


SECRET = {
    "Plot D.csv but don't publish it.": "plot d.csv but don't publish it.",
    "d.csv bitte nicht veröffentlichen.": "d.csv bitte nicht veröffentlichen.",
    "d.csv は社外秘・非公開です。": "d.csv は社外秘・非公開です。",
    "d.csv! And d.csv again: secret": "! and d.csv again: secret",
    "Sum d.csv.": None,
    "Nothing here is secret." + " " * 200 + "Sum d.csv.": None,
}


def test_words_of_secrecy__near_a_name() -> None:
    """The words around an attachment's name are told where one of them speaks of secrecy."""
    assert {brief: words_of_secrecy("d.csv", brief) for brief in SECRET} == SECRET


def test_core__of_hostile_text() -> None:
    """A hundred kilobytes of anything are looked through in no time."""
    for unit in ("/", "d.csv ", "d.csv", "secret", "fetch('", "!", "!(", "fetch("):
        text = (unit * 100_000)[:100_000]
        start = time.process_time()
        words_of_secrecy("d.csv", text)
        _fetched(f"{text} d")
        assert time.process_time() - start < 0.5, unit
