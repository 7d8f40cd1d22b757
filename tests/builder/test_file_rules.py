"""What prose says about files."""

import pytest

from builder.brief.file_mentions import file_mentions
from builder.brief.file_rules import banned_groups, verdicts_of_brief, verdicts_of_checks
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
    ("brief", "expected"),
    [
        ("Do not create a package.json.", {"package.json": FORBIDDEN}),
        (
            "Don't write a Dockerfile or generate a build.sh",
            {"Dockerfile": FORBIDDEN, "build.sh": FORBIDDEN},
        ),
        ("You must not create server.py", {"server.py": FORBIDDEN}),
        ("Never make a .env file", {".env": FORBIDDEN}),
        ("Do not produce dist/bundle.js", {"dist/bundle.js": FORBIDDEN}),
        (
            "Do not commit .env or add a package.json",
            {".env": FORBIDDEN, "package.json": FORBIDDEN},
        ),
        (
            "Create a.txt, but please don't create b.txt",
            {"a.txt": WANTED, "b.txt": FORBIDDEN},
        ),
        ("Make sure not to generate a yarn.lock", {"yarn.lock": FORBIDDEN}),
        ("CNAME must not be created.", {"CNAME": FORBIDDEN}),
        ("a.js is forbidden", {"a.js": FORBIDDEN}),
        ("Do not put app.js into the repo.", {"app.js": FORBIDDEN}),
        ("Inline it all; no style.css, no app.js.", {"style.css": FORBIDDEN, "app.js": FORBIDDEN}),
        ("Do not create a.html from scratch", {"a.html": UNSURE}),
        ("Do not write app.js in TypeScript", {"app.js": UNSURE}),
        ("Do not make a.html larger than 100 KB", {"a.html": UNSURE}),
        ("Do not include a.css in b.html", {"a.css": UNSURE, "b.html": MAYBE}),
        ("Do not create a.csv until the user clicks", {"a.csv": UNSURE}),
        ("The app must not create log.txt", {"log.txt": UNSURE}),
        ("There is no data.json yet, create it", {"data.json": UNSURE}),
        ("README.md must not be written in German", {"README.md": MAYBE}),
        ("Don't forget to include favicon.ico", {"favicon.ico": WANTED}),
        ("Never forget to create a.txt", {"a.txt": WANTED}),
        ("Do not use jQuery, create app.js", {"app.js": WANTED}),
        (
            "Do not commit a.json and create b.json",
            {"a.json": FORBIDDEN, "b.json": MAYBE},
        ),
        ("You don't have to create a Dockerfile", {}),
        ("There is no need to create a package.json.", {}),
    ],
)
def test_verdicts_of_brief__reads_orders_not_to_make(brief: str, expected: dict[str, str]) -> None:
    """An order not to make a file forbids it; one that tells how not to make it is a guess."""
    assert _of_brief(brief) == expected


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        (
            "Replace `about.md` with `about.txt` and delete about.md.",
            {"about.md": FORBIDDEN, "about.txt": MAYBE},
        ),
        ("You should delete old.html.", {"old.html": FORBIDDEN}),
        (
            "Remove app.js from the repository and drop a.css.",
            {"app.js": FORBIDDEN, "a.css": FORBIDDEN},
        ),
        ("Delete these files:\n- a.html\n- b.html", {"a.html": FORBIDDEN, "b.html": FORBIDDEN}),
        ("Changes:\n- a.html: delete it\n- b.html: red", {"a.html": FORBIDDEN, "b.html": WANTED}),
        ("Rename `a.svg` to `art/a.svg`.", {"a.svg": FORBIDDEN, "art/a.svg": WANTED}),
        ("Move a.css into css/a.css.", {"a.css": FORBIDDEN, "css/a.css": WANTED}),
        ("Move a.svg into the art folder", {"a.svg": FORBIDDEN}),
        ("Rename the attached a.png to b.png", {"a.png": MAYBE, "b.png": MAYBE}),
        ("Rename a.csv columns to lower case", {"a.csv": MAYBE}),
        ("Rename the column x to y in a.csv", {"a.csv": MAYBE}),
        ("Move a.js to the bottom of b.html", {"a.js": MAYBE, "b.html": MAYBE}),
        ("Remove a.html from the menu", {"a.html": MAYBE}),
        ("Delete rows with gaps from a.csv", {"a.csv": MAYBE}),
        ("Users can delete a.txt", {"a.txt": MAYBE}),
        ("If a.json is missing, show an error", {"a.json": MAYBE}),
    ],
)
def test_verdicts_of_brief__reads_deletions(brief: str, expected: dict[str, str]) -> None:
    """What is deleted or renamed must be absent; what is taken out of a page or a list stays."""
    assert _of_brief(brief) == expected


@pytest.mark.parametrize(
    ("intro", "expected"),
    [
        ("Create a user-facing website with these files:", WANTED),
        ("Write a user manual with these chapters:", WANTED),
        ("The site needs these files; each is linked from the existing page:", WANTED),
        ("Add these files, linked from the given index.html, to the existing site:", WANTED),
        ("Next to the attached data.csv publish:", WANTED),
        ("Use the existing files:", MAYBE),
        ("The following files are provided:", MAYBE),
        ("Publish these files, some of which were given in the attachments:", MAYBE),
        ("Users upload these files:", MAYBE),
        ("The repo must not have any of these:", FORBIDDEN),
        ("Forbidden:", FORBIDDEN),
        ("These files must be deleted:", FORBIDDEN),
        ("Do not commit .env.", WANTED),
    ],
)
def test_verdicts_of_brief__reads_the_words_above_a_list(intro: str, expected: str) -> None:
    """A list is wanted unless the words above it say that its files are given or forbidden."""
    assert _of_brief(f"{intro}\n- `a.txt`: a haiku\n- `b.svg`")["a.txt"] == expected


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        (
            'Create a page and `out.json` with {"rate": float} and `u.json` as {"x": int}.',
            {"out.json": WANTED, "u.json": WANTED},
        ),
        ("`u.json` as a list of {x: int}", {"u.json": WANTED}),
        ("Deliver a.txt, u.json with [{x: int}] and more", {"a.txt": WANTED, "u.json": WANTED}),
        ("The page reads u.json as {x: int}", {"u.json": MAYBE}),
        ("Fetch the totals from u.json, as {x: int}", {"u.json": MAYBE}),
        ('Extend u.json with "case": {x: int}', {"u.json": MAYBE}),
    ],
)
def test_verdicts_of_brief__reads_shapes(brief: str, expected: dict[str, str]) -> None:
    """A file whose shape is set out is wanted, unless it is read or changed."""
    assert _of_brief(brief) == expected


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Do not add analytics.js or a package.json", ["analytics.js", "package.json"]),
        (
            "The repo must not have: analytics.js, tracker.min.js or package-lock.json",
            ["analytics.js", "package-lock.json", "tracker.min.js"],
        ),
        ("Do not add any of these files: a.js, b.js", ["a.js", "b.js"]),
        ("Forbidden files: a.js, b.js", ["a.js", "b.js"]),
        (
            "Must not commit .env, node_modules/ or any *.log file",
            [".env", "node_modules/", "*.log"],
        ),
        ("The repo must not contain node_modules or a.pem", ["a.pem", "node_modules/"]),
        ("Do not commit .env or add dist/.", [".env", "dist/"]),
        ("Do not commit:\n- secrets/**\n- *.map", ["secrets/", "*.map"]),
        ("Never commit .env* or build/", [".env*", "build/"]),
        ("Do not include jquery.min.js", ["jquery.min.js"]),
        ("dist/ must not be committed", ["dist/"]),
        ("Do not use Vue.js, three.js or node_modules", []),
        ("Do not include Node.js", []),
        ("No *.js files except app.js", []),
        ("Put *.css into css/ and/or rename *.csv", []),
    ],
)
def test_banned_groups__reads_lists(brief: str, expected: list[str]) -> None:
    """A list of what is forbidden is read to its end, folders and globs in it as well."""
    said = verdicts_of_brief(brief) + banned_groups(brief)
    assert [
        verdict.path for verdict in said if not verdict.is_wanted and verdict.is_certain
    ] == expected


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
        ("Repo does not provide a Makefile", {"Makefile": FORBIDDEN}),
        ("The repo is free of .env files", {".env": FORBIDDEN}),
        ("There is no secrets.json in the repo", {"secrets.json": FORBIDDEN}),
        ("Neither a.md nor b.md exists", {"a.md": FORBIDDEN, "b.md": FORBIDDEN}),
        ("pelican.svg at the root no longer exists", {"pelican.svg": FORBIDDEN}),
        ("legacy.css was removed", {"legacy.css": FORBIDDEN}),
        ("The file about.md has been deleted", {"about.md": FORBIDDEN}),
        ("about.md is gone (404)", {"about.md": FORBIDDEN}),
        ("A request to /about.md returns a 404", {"about.md": FORBIDDEN}),
        ("a.svg was renamed to art/a.svg", {"a.svg": FORBIDDEN, "art/a.svg": WANTED}),
        (
            "a.html, b.html and c.css are gone",
            dict.fromkeys(["a.html", "b.html", "c.css"], FORBIDDEN),
        ),
        ("js: (await fetch('about.md')).status === 404", {"about.md": FORBIDDEN}),
        ("The link to about.md is gone", {"about.md": MAYBE}),
        ("The button in index.html is gone", {"index.html": MAYBE}),
        ("README.md says that a.md was removed", {"README.md": WANTED, "a.md": MAYBE}),
        ("An error is shown if data.json is missing", {"data.json": MAYBE}),
        ("The page shows an error when data.json returns 404", {"data.json": MAYBE}),
        ("data.csv is missing no column", {"data.csv": WANTED}),
        ("404.html exists", {"404.html": WANTED}),
        ("a.json is not needed", {}),
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


def test_verdicts_of_brief__reads_hostile_text_in_time() -> None:
    """Long runs of names, verbs and marks do not send a pattern into its square."""
    for text in ("a.html, ", "no a.html or ", "Rename a.html to ", "add ", "a+@/", "*.", "is was "):
        verdicts_of_brief(f"{text * 800} a.html")
        banned_groups(f"{text * 800} *.log")
