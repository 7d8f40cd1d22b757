"""Which npm file stands for which address on a CDN."""

import json
from pathlib import Path

from starlette.testclient import TestClient

from local.cdn import NODE_MODULES, CdnFiles, mirror_app

CDN = CdnFiles(NODE_MODULES)
FILES = """
cdn.jsdelivr.net/npm/bootstrap@5.3.9/dist/css/bootstrap.min.css
  bootstrap/dist/css/bootstrap.min.css
cdn.jsdelivr.net/npm/bootstrap@5/dist/js/bootstrap.bundle.min.js
  bootstrap/dist/js/bootstrap.bundle.min.js
cdn.jsdelivr.net/npm/marked@12.0.2/marked.min.js
  marked-12.0.2/marked.min.js
cdn.jsdelivr.net/npm/marked/lib/marked.umd.min.js
  marked/lib/marked.umd.js
cdn.jsdelivr.net/npm/chart.js
  chart.js/dist/chart.umd.min.js
unpkg.com/marked@18/
  marked/lib/marked.umd.js
unpkg.com/dompurify/dist/purify.min.js?module#x
  dompurify/dist/purify.min.js
cdnjs.cloudflare.com/ajax/libs/Chart.js/4.4.4/chart.umd.js
  chart.js-4.4.4/dist/chart.umd.js
cdnjs.cloudflare.com/ajax/libs/highlight.js/11.9.0/languages/python.min.js
  highlightjs-cdn-assets-11.9.0/languages/python.min.js
cdnjs.cloudflare.com/ajax/libs/PapaParse/5.7.1/papaparse.min.js
  papaparse/papaparse.min.js
"""
"""An address on a CDN, and below it the file among the npm packages that it means."""


def test_cdn__answers_from_npm() -> None:
    """An address of a CDN means the file that the CDN has there, by its own layout."""
    for url, path in zip(*[iter(FILES.split())] * 2, strict=True):
        found = CDN.get(f"https://{url}")
        assert found.path == (NODE_MODULES / path).resolve()
        assert found.media_type == ("text/css" if path.endswith(".css") else "text/javascript")


def test_mirror__tells_what_is_held() -> None:
    """The mirror answers 404 with the versions that it has, and a held file with its type."""
    client = TestClient(mirror_app(CDN))
    missing = client.get("/https://unpkg.com/marked@1.0.0/marked.min.js")
    assert missing.status_code == 404
    assert missing.text == "marked@1.0.0 is not held; versions held: 18.2.1, 12.0.2\n"
    found = client.get("/https://unpkg.com/marked@12.0.2/marked.min.js")
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/javascript")


OTHERS = [
    *(f"https://cdn.jsdelivr.net/npm/bootstrap@{version}" for version in ("5.3.1", "5.30", "x")),
    "https://cdn.jsdelivr.net/npm/left-pad@1.3.0/index.js",
    "https://cdn.jsdelivr.net/npm/marked@18/marked.min.js",
    "https://cdn.jsdelivr.net/npm/marked/+esm",
    "http://cdn.jsdelivr.net/npm/marked",
    "https://cdn.jsdelivr.net.example.com/npm/marked",
    "data:text/plain,hello",
]


def test_cdn__leaves_the_rest_to_the_network() -> None:
    """What is not installed, or not in the release asked for, is not made up."""
    assert [url for url in OTHERS if CDN.find(url)] == []


def test_cdn__stays_inside_the_package(tmp_path: Path) -> None:
    """No path, encoded or through a link, leads out of the package that it names."""
    package = tmp_path / "modules/lib"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "lib", "version": "1.0.0"}))
    (package / "index.js").write_text("1")
    (tmp_path / "modules/secret.js").write_text("secret")
    (package / "link.js").symlink_to(tmp_path / "modules/secret.js")
    cdn = CdnFiles(tmp_path / "modules")
    for path in ("../secret.js", "..%2fsecret.js", "link.js", "//etc/passwd", "a%00b.js"):
        for url in (
            f"unpkg.com/lib@1.0.0/{path}",
            f"cdnjs.cloudflare.com/ajax/libs/lib/1.0.0/{path}",
        ):
            assert cdn.find(f"https://{url}") is None
    found = cdn.find("https://unpkg.com/lib")
    assert found
    assert found.path == package / "index.js"
