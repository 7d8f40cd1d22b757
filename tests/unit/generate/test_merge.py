"""Putting a reply over the files that stand."""

from builder.contract.contract import Contract, Rule, sha256
from builder.findings import Severity
from builder.generate.merge import apply
from builder.generate.reply import ModelFiles
from builder.site import Site

README = b"# Rain\n\nShows how much rain fell.\n\n## Setup\n\n## Usage\n\n## Code\n\n## License\n"
FALLBACK = README + b"\nfallback\n"
BASE = Site(
    {"LICENSE": b"ours", "README.md": README, ".nojekyll": b"", "d.csv": b"a\n", "old.html": b"old"}
)
CONTRACT = Contract(verbatim={"d.csv": sha256(b"a\n")})


def _fallback(_: Site) -> str:
    return FALLBACK.decode()


def _apply(files: dict[str, bytes], contract: Contract = CONTRACT) -> tuple[Site, list[str]]:
    site, findings = apply(BASE, ModelFiles(files), contract, readme=_fallback)
    return site, [f"{finding.severity} {finding.subject}" for finding in findings]


def test_apply__puts_files_over_what_stands() -> None:
    """New files come, changed ones are replaced, a README in whatever language too; what is not
    mentioned stays."""
    files = {"index.html": b"<p>", "old.html": b"new", "README.md": b"# Regen\n"}
    site, findings = _apply(files)
    assert dict(site) == {**BASE, **files}
    assert findings == []


def test_apply__keeps_an_attachment_as_it_came() -> None:
    """An altered copy of an attachment is not taken, unless the brief asks for a change; the same
    bytes are no matter."""
    site, findings = _apply({"d.csv": b"b\n"})
    assert (site["d.csv"], findings) == (b"a\n", ["warning d.csv"])
    assert _apply({"d.csv": b"a\n"})[1] == []
    site, findings = _apply({"d.csv": b"b\n"}, Contract(replaceable={"d.csv": "sort it"}))
    assert (site["d.csv"], findings) == (b"b\n", [])


def test_apply__leaves_a_confidential_attachment_out() -> None:
    """One that stands published goes, one of a reply is not taken, a deletion is right."""
    contract = Contract(withheld={"d.csv": "d.csv is confidential"})
    site, findings = _apply({"d.csv": b"b\n"}, contract)
    assert ("d.csv" in site, findings) == (False, ["warning d.csv"])
    site, told = apply(BASE, ModelFiles(deletions=("d.csv",)), contract, readme=_fallback)
    assert ("d.csv" in site, told) == (False, [])


NOT_ITS: list[str] = [
    "LICENSE",
    "license",
    ".github/workflows/x.yml",
    ".GitHub/Workflows/x.yml",
    "CNAME",
]


def test_apply__refuses_what_is_not_the_models() -> None:
    """The licence, a workflow that nobody named and a custom domain are not taken."""
    for path in NOT_ITS:
        site, findings = _apply({path: b"evil"})
        assert dict(site) == dict(BASE)
        assert findings == [f"warning {path}"]


def test_apply__takes_a_workflow_that_is_named() -> None:
    """Only the very path that brief or check names is taken."""
    contract = Contract(prose="Add .github/workflows/ci.yml.")
    site, _ = _apply(
        {".github/workflows/ci.yml": b"on: push\n", ".github/workflows/b.yml": b""}, contract
    )
    assert set(site) - set(BASE) == {".github/workflows/ci.yml"}


def test_apply__falls_back_to_the_given_readme() -> None:
    """Where there is no README, the given one stands in."""
    for files in [{}, {"README.md": b"\n"}]:
        site, _ = apply(Site({}), ModelFiles(files), CONTRACT, readme=_fallback)
        assert site["README.md"] == FALLBACK


def test_apply__leaves_out_what_is_not_wanted() -> None:
    """A file that the request does not want goes, whoever brought it."""
    contract = Contract(unwanted=(Rule("old.html", ""), Rule("*.log", "")))
    site, findings = _apply({"old.html": b"new", "a/b.log": b"b", "b.txt": b"b"}, contract)
    assert "old.html" not in site
    assert "a/b.log" not in site
    assert site["b.txt"] == b"b"
    assert findings == ["warning old.html", "warning a/b.log"]


def test_apply__refuses_a_name_that_differs_in_case_only() -> None:
    """On a disk without regard to case one of both would be lost: the later one is left out."""
    site, findings = _apply({"Old.html": b"new", "x.js": b"1", "X.js": b"2"})
    assert dict(site) == {**BASE, "x.js": b"1"}
    assert findings == ["failure Old.html", "failure X.js"]
    renamed = ModelFiles({"Old.html": b"new"}, deletions=("old.html",))
    assert "Old.html" in apply(BASE, renamed, CONTRACT, readme=_fallback)[0]


def edit(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE"


def test_apply__makes_edits_in_order() -> None:
    """Search/replace blocks change the file that stands, one after the other."""
    base = Site({**BASE, "index.html": b"<h1>Rain</h1>\n<p>x</p>\n<p>y</p>\n"})
    body = edit("<h1>Rain</h1>", "<h1>Snow</h1>") + "\n" + edit("<h1>Snow</h1>", "<h1>Ice</h1>")
    reply = ModelFiles(edits=(("index.html", body), ("index.html", edit("<p>x</p>", ""))))
    site, findings = apply(base, reply, CONTRACT, readme=_fallback)
    assert site["index.html"] == b"<h1>Ice</h1>\n\n<p>y</p>\n"
    assert findings == []


def test_apply__an_edit_that_does_not_fit_asks_for_the_whole_file() -> None:
    """The file stays as it was, and the finding says what to send."""
    for body, seen in [
        (edit("<p>", "<i>"), "occurs 2 times"),
        (edit("  <p>", "<i>"), "occurs 0 times"),
        (edit("", "<i>"), "occurs 0 times"),
        ("<<<<<<< SEARCH\n<p>\n=======\n<i>", "no whole"),
        ("@@ -1 +1 @@\n-<p>", "outside of SEARCH"),
        ("", "no whole"),
    ]:
        base = Site({**BASE, "index.html": b"<p>\n<p>\n"})
        site, [found] = apply(
            base, ModelFiles(edits=(("index.html", body),)), CONTRACT, readme=_fallback
        )
        assert site["index.html"] == b"<p>\n<p>\n"
        assert found.severity is Severity.FAILURE
        assert "send the whole file" in found.expected
        assert seen in found.seen


def test_apply__edits_change_no_more_than_files_may() -> None:
    """An attachment, the licence and a file that is not there are not edited."""
    for path in ("d.csv", "LICENSE", "none.txt"):
        reply = ModelFiles(edits=((path, edit("a" if path == "d.csv" else "ours", "evil")),))
        site, [found] = apply(BASE, reply, CONTRACT, readme=_fallback)
        assert dict(site) == dict(BASE)
        assert found.subject == path


def test_apply__deletes_files_but_not_attachments_or_papers() -> None:
    """A deletion counts for a file of the app only."""
    reply = ModelFiles(deletions=("old.html", "d.csv", "LICENSE", ".nojekyll", "none.txt"))
    site, findings = apply(BASE, reply, CONTRACT, readme=_fallback)
    assert set(BASE) - set(site) == {"old.html"}
    assert [finding.subject for finding in findings] == ["d.csv", "LICENSE", ".nojekyll"]


def test_apply__reports_a_file_below_a_file() -> None:
    """A path through another file is a failure, and the rest is taken."""
    site, findings = _apply({"old.html/x.txt": b"x", "b.txt": b"b"})
    assert "old.html/x.txt" not in site
    assert site["b.txt"] == b"b"
    assert findings == ["failure old.html/x.txt"]
