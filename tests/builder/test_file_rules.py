"""What prose says about files."""

import pytest

from builder.brief.file_mentions import file_mentions
from builder.brief.file_rules import verdicts_of_brief, verdicts_of_checks
from builder.request import Check

WANTED, MAYBE, FORBIDDEN, UNSURE = "wanted", "maybe wanted", "forbidden", "maybe forbidden"
_NAMES = {(True, True): WANTED, (True, False): MAYBE, (False, True): FORBIDDEN}


def _of_brief(text: str) -> dict[str, str]:
    return {
        verdict.path: _NAMES.get((verdict.is_wanted, verdict.is_certain), UNSURE)
        for verdict in verdicts_of_brief(text)
    }


def _of_check(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for verdict in verdicts_of_checks([Check.model_validate(text)]):
        name = _NAMES.get((verdict.is_wanted, verdict.is_certain), UNSURE)
        found.setdefault(verdict.path, name)
    return found


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Create index.html and style.css.", {"index.html": WANTED, "style.css": WANTED}),
        ("- haiku.txt: three lines", {"haiku.txt": WANTED}),
        (
            "Files:\n1. `index.html` - home\n2. **about.html**\n3. data/x.json (see below)",
            {"index.html": WANTED, "about.html": WANTED, "data/x.json": WANTED},
        ),
        ("index.html\nstyle.css", {"index.html": WANTED, "style.css": WANTED}),
        (
            "Publish these: a.html, b.html, and c.html.",
            {"a.html": WANTED, "b.html": WANTED, "c.html": WANTED},
        ),
        ("A file named uid.txt", {"uid.txt": WANTED}),
        (
            "Build a site with two pages called one.html and two.html",
            {"one.html": WANTED, "two.html": WANTED},
        ),
        ("The repository has a LICENSE and a README.md", {"LICENSE": WANTED, "README.md": WANTED}),
        ("Commit a Dockerfile.", {"Dockerfile": WANTED}),
        (
            "Add a GitHub Action `.github/workflows/ci.yml` that runs tests",
            {".github/workflows/ci.yml": WANTED},
        ),
        ("Publish the poem as poem.txt", {"poem.txt": WANTED}),
        ("A `pelican.svg` is needed", {"pelican.svg": WANTED}),
        ("Deliver answer.txt. It must not contain spaces.", {"answer.txt": WANTED}),
        ("Create a dashboard and include a data.json", {"data.json": WANTED}),
        (
            "Include a page about.html that links to index.html",
            {"about.html": WANTED, "index.html": MAYBE},
        ),
        (
            "Write a script build.py that generates out.json",
            {"build.py": WANTED, "out.json": MAYBE},
        ),
        ("Publish a single-page site that fetches data.csv from attachments", {"data.csv": MAYBE}),
        ("Use the provided data.csv", {"data.csv": MAYBE}),
        ("The page generates report.json", {"report.json": MAYBE}),
        ("The user can download report.csv.", {"report.csv": MAYBE}),
        ("Lets the user export the table as report.csv", {"report.csv": MAYBE}),
        ("Create a page which creates log.txt", {"log.txt": MAYBE}),
        ("Remove the link to about.html", {"about.html": MAYBE}),
        ("such as foo.json, e.g. bar.json", {}),
        (
            "Do not commit .env; commit .env.example instead.",
            {".env": FORBIDDEN, ".env.example": WANTED},
        ),
        ("Do not commit:\n- .env\n- secret.json", {".env": FORBIDDEN, "secret.json": FORBIDDEN}),
        ("Don't include .env in the repository", {".env": FORBIDDEN}),
        ("Repo must not contain node_modules or secrets.json", {"secrets.json": FORBIDDEN}),
        ("secret.pem must never be committed or pushed", {"secret.pem": FORBIDDEN}),
        (
            "Make sure that credentials.json does not end up in the repo",
            {"credentials.json": FORBIDDEN},
        ),
        ("Remove old.html and publish new.html", {"old.html": FORBIDDEN, "new.html": WANTED}),
        ("index.html must not contain app.js", {"index.html": MAYBE, "app.js": UNSURE}),
    ],
)
def test_verdicts_of_brief__reads_wording(brief: str, expected: dict[str, str]) -> None:
    """Plain wording makes a verdict certain; any other mention is a guess."""
    assert _of_brief(brief) == expected


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("haiku.txt has exactly three lines", {"haiku.txt": WANTED}),
        ("Repo has .github/workflows/ci.yml", {".github/workflows/ci.yml": WANTED}),
        (
            "index.html, about.html and c.css exist",
            {"index.html": WANTED, "about.html": WANTED, "c.css": WANTED},
        ),
        ("data.csv is committed", {"data.csv": WANTED}),
        ("index.html is not blank", {"index.html": WANTED}),
        ("js: (await fetch('uid.txt')).ok", {"uid.txt": WANTED}),
        ("Page links to about.html", {"about.html": MAYBE}),
        ("The page loads data.csv", {"data.csv": MAYBE}),
        ("report.csv is downloaded when the button is clicked", {"report.csv": MAYBE}),
        ("js: document.body.textContent.includes('notes.md')", {"notes.md": MAYBE}),
        ("js: !!document.querySelector(\"script[src*='marked']\")", {}),
        (".env is not in the repo", {".env": FORBIDDEN}),
        ("secrets.json is not committed", {"secrets.json": FORBIDDEN}),
        ("No .env file in the repo", {".env": FORBIDDEN}),
        ("old.html does not exist", {"old.html": FORBIDDEN}),
    ],
)
def test_verdicts_of_checks__reads_wording(check: str, expected: dict[str, str]) -> None:
    """A check that looks into a file needs it; one that tells what the page does is a guess."""
    assert _of_check(check) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Use highlight.js, marked.min.js and Chart.js 4.4.x from cdn.jsdelivr.net/npm/x.js",
        "see https://example.org/a/notes.md, //cdn.example.com/app.js or ?url=…/notes.md",
        "Rename *.csv, {name}.json and <task>.txt; mail to ann@example.md",
        "call response.json() on Node.js 20, Bootstrap 5.3.x, i.e. the newest",
        "load foo.js from a CDN and bar.css via jsdelivr",
    ],
)
def test_file_mentions__passes_over_what_is_no_file(text: str) -> None:
    """Libraries, addresses, globs, placeholders and method calls are no files."""
    assert [mention.path for mention in file_mentions(text)] == []


def test_file_mentions__reads_hostile_text_in_time() -> None:
    """Long runs of one kind of text do not send a pattern into its square."""
    for text in ("a." * 20_000, "a/" * 20_000, " " * 50_000, "and " * 10_000, "create " * 5_000):
        file_mentions(f"{text} a.html")
