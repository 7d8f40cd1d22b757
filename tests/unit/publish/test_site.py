"""Which paths may stand in a site, and what a site does."""

from pathlib import Path

import pytest

from builder.errors import UnsafePath
from builder.site import Site, safe_path


def test_safe_path__accepts() -> None:
    """Relative paths below the root stand."""
    paths = ["index.html", "data/a b.csv", "ä/ö.txt", ".nojekyll", "a..b", "a/.gitignore"]
    assert [safe_path(path) for path in paths] == paths


def test_safe_path__refuses() -> None:
    """Nothing outside of the site, nothing of git's, nothing of ours."""
    outside = ["", "/etc/passwd", "a/../b", "a//b", "a/", ".", "C:\\x", "a\\b"]
    unreadable = ["a\x00b", "a\nb", "a\u202eb", "x" * 256, "a/" * 600]
    gits = ["a/.GIT/hooks/x", "GIT~1/x", ".git ./x", ".git::$INDEX/x"]
    for path in (*outside, *unreadable, *gits, ".Builder/x"):
        with pytest.raises(UnsafePath):
            safe_path(path)


def test_site__file_and_folder_of_one_name() -> None:
    """A file cannot be a folder of another."""
    with pytest.raises(UnsafePath, match="a is a file"):
        Site({"a": b"", "a/b": b""})


def test_site__tells_names_that_differ_in_case_only() -> None:
    """Both stand; the later one names the other."""
    site = Site({"App.js": b"1", "app.js": b"2", "data/Ä.csv": b""})
    assert (site.case_twin("App.js"), site.case_twin("app.js")) == (None, "App.js")
    assert site.case_twin("data/ä.csv") == "data/Ä.csv"
    assert site.case_twin("other.js") is None


def test_site__reads_what_it_wrote(tmp_path: Path) -> None:
    """A site survives the disk; git's and our own files are no part of it."""
    site = Site({"index.html": b"\r\n", "img/dot.png": b"\x89", ".nojekyll": b""})
    site.write(tmp_path)
    (tmp_path / ".builder" / "rounds").mkdir(parents=True)
    (tmp_path / ".builder" / "rounds" / "1.json").write_text("{}")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert dict(Site.read(tmp_path)) == dict(site)


def test_site__served_leaves_out_dot_files() -> None:
    """Pages serves no path with a part that begins with a dot, save .well-known."""
    files = [".nojekyll", "a/.b/c", ".well-known/x", "a.b/c", "index.html"]
    assert Site(dict.fromkeys(files, b"")).served == (".well-known/x", "a.b/c", "index.html")


def test_site__moved_onto_another() -> None:
    """What was changed, added and deleted is so on the other site; the rest of it stays."""
    start = Site({"a": b"1", "b": b"1", "c": b"1"})
    ours = Site({"a": b"2", "c": b"1", "d": b"1"})
    theirs = Site({"a": b"1", "b": b"1", "c": b"9", "e": b"1"})
    moved = ours.moved(start, theirs)
    assert dict(moved) == {"a": b"2", "c": b"9", "d": b"1", "e": b"1"}
