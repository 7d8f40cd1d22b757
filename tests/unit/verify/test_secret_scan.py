"""Secrets in the files of a site."""

from builder.findings import Severity
from builder.site import Site
from builder.verify.secret_scan import scan

GITHUB = "ghp_" + "a1B2" * 9
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"


def test_scan__finds_a_secret() -> None:
    """A credential is a failure that names the kind and the line, and never repeats it."""
    for path, text in [
        ("a.js", f"const token = '{GITHUB}';"),
        ("a.py", "t = 'github_pat_" + "A1" * 20 + "'"),
        ("a.html", "<script>const k = 'sk-proj-" + "aB3" * 10 + "'</script>"),
        ("key.pem", PRIVATE_KEY),
        ("a.md", "AKIA" + "Q3EGRIFAKEKEY7QX"),
        ("a.md", "https://ann:hunter22@host.invalid/x"),
    ]:
        [finding] = scan(Site({path: f"first\n{text}\n".encode()}))
        assert (finding.severity, finding.subject) == (Severity.FAILURE, path)
        assert finding.seen.endswith("at line 2")
        assert text not in str(finding)
        assert GITHUB not in str(finding)


def test_scan__finds_a_secret_in_a_long_line() -> None:
    """Nor does a line of a thousand words hide it."""
    assert scan(Site({"a.js": f"{'word ' * 5000}{GITHUB}{' word' * 5000}".encode()}))


def test_scan__only_warns_of_an_attachment() -> None:
    """A secret in an attachment is delivered as asked, and reported."""
    [finding] = scan(Site({"a.txt": GITHUB.encode()}), attachments={"a.txt"})
    assert finding.severity is Severity.WARNING


ORDINARY = [
    '<input type="password" id="password" placeholder="Password">',
    "https://fonts.googleapis.com/css2?family=Inter:wght@400;600",
    '<script src="https://cdn.jsdelivr.net/npm/chart.js@4.6.1" '
    'integrity="sha384-QWTKZyjpPEjISv5WaRU9OFeRpok6YctnYmDr5pNlyT2bRjXh0JMhjY6hW+ALEwIH">',
    "const secret = 'correct horse battery staple';",
    "const secretKey = getKey();",
    "const apiKey = 'YOUR_API_KEY_1234567';",
    "const sha = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "postgres://user:${PASSWORD}@host",
]


def test_scan__leaves_ordinary_text_alone() -> None:
    """Forms, addresses, hashes, pictures and placeholders are no secrets; nor is what is binary."""
    text = "\n".join(ORDINARY).encode()
    assert scan(Site({"a.html": text, "a.js": text, "a.bin": b"\0" + GITHUB.encode()})) == []
