"""Which npm file stands for which address on a CDN."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from local.cdn import NODE_MODULES, CdnFiles, NotHeld, mirror_app


@pytest.fixture(scope="module")
def cdn() -> CdnFiles:
    return CdnFiles(NODE_MODULES)


FILES = """
cdn.jsdelivr.net/npm/bootstrap@5.3.9/dist/css/bootstrap.min.css
  bootstrap/dist/css/bootstrap.min.css
cdn.jsdelivr.net/npm/bootstrap@5/dist/js/bootstrap.bundle.min.js
  bootstrap/dist/js/bootstrap.bundle.min.js
cdn.jsdelivr.net/npm/marked/lib/marked.umd.js
  marked/lib/marked.umd.js
cdn.jsdelivr.net/npm/marked@12.0.2/marked.min.js
  marked-12.0.2/marked.min.js
cdn.jsdelivr.net/npm/marked
  marked/lib/marked.umd.js
unpkg.com/marked@18/
  marked/lib/marked.umd.js
cdn.jsdelivr.net/npm/marked/lib/marked.umd.min.js
  marked/lib/marked.umd.js
cdn.jsdelivr.net/npm/chart.js
  chart.js/dist/chart.umd.min.js
cdnjs.cloudflare.com/ajax/libs/Chart.js/4.4.4/chart.umd.js
  chart.js-4.4.4/dist/chart.umd.js
cdn.jsdelivr.net/gh/highlightjs/cdn-release@11.9.0/build/styles/github.min.css
  highlightjs-cdn-assets-11.9.0/styles/github.min.css
cdn.jsdelivr.net/npm/@highlightjs/cdn-assets@11.12.0/highlight.min.js
  @highlightjs/cdn-assets/highlight.min.js
cdnjs.cloudflare.com/ajax/libs/highlight.js/11.9.0/languages/python.min.js
  highlightjs-cdn-assets-11.9.0/languages/python.min.js
cdnjs.cloudflare.com/ajax/libs/PapaParse/5.7.1/papaparse.min.js
  papaparse/papaparse.min.js
unpkg.com/dompurify/dist/purify.min.js?module#x
  dompurify/dist/purify.min.js
"""
"""An address on a CDN, and below it the file among the npm packages that it means."""


@pytest.mark.parametrize(("url", "path"), [*zip(*[iter(FILES.split())] * 2, strict=True)])
def test_cdn__answers_from_npm(cdn: CdnFiles, url: str, path: str) -> None:
    """An address of a CDN means the file that the CDN has there, by its own layout."""
    found = cdn.get(f"https://{url}")
    assert found.path == (NODE_MODULES / path).resolve()
    assert found.media_type == ("text/css" if path.endswith(".css") else "text/javascript")


@pytest.mark.parametrize(
    ("version", "held"),
    [
        ("5.3.3", "5.3.3"), ("5.3", "5.3.9"), ("5", "5.3.9"), ("^5.2.0", "5.3.9"),
        ("~5.3.4", "5.3.9"), ("latest", "5.3.9"), ("5.x", "5.3.9"),
        ("5.3.1", None), ("4", None), ("^4.6", None), ("~5.2.0", None), ("^5.4.0", None),
        ("next", None), ("5.3.3-beta1", None),
    ],
)  # fmt: skip
def test_cdn__versions(cdn: CdnFiles, version: str, held: str | None) -> None:
    """A version answers only where it is held, a range with the newest one that fits."""
    url = f"https://cdn.jsdelivr.net/npm/bootstrap@{version}/dist/css/bootstrap.min.css"
    if held is None:
        with pytest.raises(NotHeld, match=r"is not held; versions held: 5\.3\.9, 5\.3\.3"):
            cdn.get(url)
    else:
        text = cdn.get(url).path.read_text("utf-8")
        assert f"v{held}" in text[:200]


def test_mirror__tells_what_is_held() -> None:
    """The mirror answers 404 with the versions that it has, and a held file with its type."""
    client = TestClient(mirror_app(CdnFiles(NODE_MODULES)))
    missing = client.get("/https://unpkg.com/marked@1.0.0/marked.min.js")
    assert missing.status_code == 404
    assert missing.text == "marked@1.0.0 is not held; versions held: 18.2.1, 12.0.2\n"
    found = client.get("/https://unpkg.com/marked@12.0.2/marked.min.js")
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/javascript")
    assert client.get("/https://unpkg.com/left-pad@1/x.js").text.endswith("versions held: none\n")


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.jsdelivr.net/npm/left-pad@1.3.0/index.js",
        "https://cdn.jsdelivr.net/npm/marked@18/marked.min.js",
        "https://cdn.jsdelivr.net/npm/marked/+esm",
        "https://cdn.jsdelivr.net/npm/bootstrap@5.3.9/dist",
        "https://cdn.jsdelivr.net/gh/someone/else@1/build/x.js",
        "https://fonts.googleapis.com/css2?family=Inter",
        "http://cdn.jsdelivr.net/npm/marked",
        "https://cdn.jsdelivr.net.example.com/npm/marked",
        "data:text/plain,hello",
    ],
)
def test_cdn__leaves_the_rest_to_the_network(cdn: CdnFiles, url: str) -> None:
    """What is not installed, or not in the release asked for, is not made up."""
    assert cdn.find(url) is None


@pytest.mark.parametrize(
    "path",
    [
        "../secret.js",
        "..%2fsecret.js",
        "%2e%2e/secret.js",
        "link.js",
        "/etc/passwd",
        "//etc/passwd",
        "a%00b.js",
    ],
)
def test_cdn__stays_inside_the_package(tmp_path: Path, path: str) -> None:
    """No path, encoded or through a link, leads out of the package that it names."""
    package = tmp_path / "modules/lib"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "lib", "version": "1.0.0"}))
    (tmp_path / "modules/secret.js").write_text("secret")
    (package / "link.js").symlink_to(tmp_path / "modules/secret.js")
    assert CdnFiles(tmp_path / "modules").find(f"https://unpkg.com/lib@1.0.0/{path}") is None


def test_cdn__bears_a_package_without_a_default_file(tmp_path: Path) -> None:
    """A package.json that names no file means index.js, which need not exist."""
    package = tmp_path / "lib"
    package.mkdir()
    (package / "package.json").write_text("[]")
    assert CdnFiles(tmp_path).find("https://unpkg.com/lib") is None
    (package / "index.js").write_text("1")
    found = CdnFiles(tmp_path).find("https://unpkg.com/lib")
    assert found is not None
    assert found.path == package / "index.js"
