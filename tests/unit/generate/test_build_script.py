"""What a build script may do to a site, and what is told of it."""

from dataclasses import dataclass, field

import pytest

from builder.contract.contract import Contract
from builder.findings import Severity, Source
from builder.generate.build_script import MAX_SECONDS, BuildScripts
from builder.ports import Outcome
from builder.request import Request
from builder.site import Files, Site
from tests.conftest import RequestOf

SITE = Site({"index.html": b"<p>", "d.csv": b"a,b\n", "LICENSE": b"MIT"})


@dataclass
class Runner:
    """The port `RunScript` with an outcome that is set; keeps what it was given."""

    outcome: Outcome
    given: list[tuple[str, Files, Files, float]] = field(default_factory=list)

    def __call__(self, script: str, site: Files, inputs: Files, seconds: float) -> Outcome:
        self.given.append((script, site, inputs, seconds))
        return self.outcome


@pytest.fixture
def request_with_table(request_of: RequestOf) -> Request:
    return request_of(attachments=[{"name": "d.csv", "url": "data:text/csv,a,b%0A"}])


def contract(request: Request) -> Contract:
    return Contract.of(request)


def test_applied__files_join_the_site(request_with_table: Request) -> None:
    """What a script writes comes over the files of the same names; it gets site, inputs, time."""
    run = Runner(Outcome({"totals.json": b"{}", "index.html": b"<b>"}))
    scripts = BuildScripts(run, lambda: 600.0, inputs={"d.csv": b"a,b\n"})
    site, findings = scripts.applied("x = 1", SITE, contract(request_with_table))
    assert dict(site) == {**SITE, "totals.json": b"{}", "index.html": b"<b>"}
    assert findings == ()
    assert run.given == [("x = 1", SITE, {"d.csv": b"a,b\n"}, MAX_SECONDS)]


@pytest.mark.parametrize(
    "path",
    [
        "../x", "/x", ".git/config", ".builder/rounds/1.json", "a/.git/hooks/x", "a\nb", "x/",
        "index.html/x", "d.csv", "LICENSE", ".github/workflows/x.yml", "CNAME", "INDEX.html",
    ],
)  # fmt: skip
def test_applied__files_that_are_refused(request_with_table: Request, path: str) -> None:
    """A script may write nothing that a reply may not: the site stays, and it is told."""
    scripts = BuildScripts(Runner(Outcome({path: b"x"})), lambda: 60.0)
    site, findings = scripts.applied("", SITE, contract(request_with_table))
    assert dict(site) == dict(SITE)
    assert [found.subject for found in findings] == [path]


def test_applied__a_script_that_fails(request_with_table: Request) -> None:
    """The end of its output is in the finding, what it wrote before is kept."""
    output = "x" * 9_000 + "\nKeyError: 'rows'\n"
    outcome = Outcome({"a.json": b"1"}, output, "exit code 1", ["link: no regular file"])
    site, findings = BuildScripts(Runner(outcome), lambda: 30.0).applied(
        "", SITE, contract(request_with_table)
    )
    assert site["a.json"] == b"1"
    failed, refused = findings
    assert {failed.severity, refused.severity} == {Severity.FAILURE}
    assert {failed.source, refused.source} == {Source.BUILD}
    assert failed.seen.startswith("exit code 1; it printed:\n")
    assert failed.seen.endswith("KeyError: 'rows'")
    assert len(failed.seen) < 2_000
    assert refused.seen == "link: no regular file"


@pytest.mark.parametrize(
    ("seconds", "unavailable", "told"),
    [(2.0, None, "no time is left"), (60.0, "bubblewrap is not installed", "is not installed")],
)
def test_applied__not_run(
    request_with_table: Request, seconds: float, unavailable: str | None, told: str
) -> None:
    """Without time or a sandbox nothing is run, and that is a failure."""
    run = Runner(Outcome())
    scripts = BuildScripts(run, lambda: seconds, unavailable=unavailable)
    site, (finding,) = scripts.applied("x", SITE, contract(request_with_table))
    assert run.given == []
    assert dict(site) == dict(SITE)
    assert told in finding.seen
