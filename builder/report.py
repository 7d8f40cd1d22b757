"""What a run did and found: stored as `report.json`, shown in summary and callback."""

from typing import Any, Self

from pydantic import BaseModel

from builder.contract.reading import Reading
from builder.errors import BriefshipError
from builder.findings import Finding
from builder.request import Addressee, Dispatch
from builder.verdict import Judgement, Verdict, judge
from builder.verify.scenarios.outcomes import RequirementOutcome
from builder.verify.scenarios.scenario import Scenario

APP = "app"
"""The `purpose` of a call that asks for files."""
KNOWN = {
    "repo_url", "commit_sha", "pages_url", "pages_status", "verdict", "verdict_reasons", "run_url",
}  # fmt: skip
"""What a callback has besides the outcome, as far as it is known."""


class Step(BaseModel):
    """A part of the run, and how long it took."""

    name: str
    seconds: float


class Failure(BaseModel):
    """Why a stage ended early, and what to do about it."""

    stage: str
    message: str
    fix: str

    @classmethod
    def of(cls, stage: str, error: BaseException) -> Self:
        """Describe a known error with its fix, an unknown one by its type only."""
        if isinstance(error, BriefshipError):
            return cls(stage=stage, message=str(error), fix=error.fix)
        return cls(
            stage=stage,
            message=f"an unexpected {type(error).__name__}",
            fix="The log holds the traceback: please report it.",
        )


class Score(BaseModel):
    """How many JavaScript checks of one source hold on the page."""

    source: str
    passed: int
    total: int


class PageSeen(BaseModel):
    """What a browser saw of a site."""

    opened: bool
    """Whether a browser opened the page and it loaded."""
    browser: str = ""
    reason: str = ""
    """Why it was not opened, for each browser tried, or not examined to the end."""
    checks_run: int = 0
    """How many of `checks_total` were evaluated on the page, whether they held or not."""
    usable_elements: int = 0
    """Forms, buttons, selects and links that the smoke test found."""
    used_elements: int = 0
    checks_total: int = 0
    """All JavaScript checks: of this request, of earlier rounds, and proposed by the author."""


class ModelUse(BaseModel):
    """A call to a model."""

    model: str
    provider: str
    seconds: float = 0.0
    outcome: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    """In US dollars, if the provider reports it."""
    purpose: str = APP
    """What was asked for: the app, a reading of the request, or scenarios."""


class Report(BaseModel):
    """The state of a run. It is public: no email, nonce, evaluation URL or token is in it."""

    build_id: str
    task: str
    round: int
    run_url: str | None = None
    """The page of the run, for whoever may see the workflow repository."""
    repo_url: str | None = None
    commit_sha: str | None = None
    pages_url: str | None = None
    prepared_sha: str | None = None
    """The first commit of a new repository, pushed before there was a site."""
    base_sha: str | None = None
    """The commit that the site was made from; None where it was made from nothing."""
    earlier: Judgement | None = None
    """How an earlier run judged its commit, if that commit is reported."""
    replaces: str | None = None
    """The commit of an earlier run of this request that a better site replaces."""
    steps: list[Step] = []
    author: str | None = None
    model_calls: list[ModelUse] = []
    scores: list[Score] = []
    findings: list[Finding] = []
    """What is still wrong with the site that was chosen."""
    files: dict[str, int] = {}
    """Path to size in bytes, of what was delivered."""
    notes: list[str] = []
    failure: Failure | None = None
    callback: str | None = None
    """How the callback went, in words."""
    page: PageSeen | None = None
    """What a browser saw of the chosen site; None if none was started."""
    fallback_reason: str | None = None
    """Why no model made the site; None if one did."""
    reading: Reading | None = None
    """What a model read in the request; None where none did."""
    requirements: list[RequirementOutcome] = []
    """Plain-word checks and what was read in the brief, each with its outcome."""
    scenarios: list[Scenario] = []
    """Those that passed, to be run again in later rounds."""
    computed: dict[str, str] = {}
    """Files that build scripts made, to the SHA-256 of their content in hex."""
    missing_data: list[str] = []
    """Addresses that could not be fetched although figures had to come from there, and why."""
    untested: str | None = None
    """Why no scenario tried what the app does; None if one did, or if there was nothing to try."""
    left_out: list[str] = []
    """Paths of workflow files that are not delivered, since GitHub does not take them."""
    no_workflows: str | None = None
    """Why no workflow file can be delivered; None if it can, or if that is not known."""
    no_scripts: str | None = None
    """Why no build script could be run, where one might have been of use."""
    ignored_settings: list[str] = []
    """Optional settings that cannot be used, each with what is used instead."""
    workflow_log: str = ""
    """The last lines of the app's own workflow, if it failed."""
    pages_status: str | None = None
    """`live`, or why not yet, in words; None until Pages was waited for."""
    verdict: Verdict | None = None
    verdict_reasons: list[str] = []

    @classmethod
    def of(cls, task: Dispatch) -> Self:
        return cls(build_id=task.id, task=task.task, round=task.round)

    def judge(self, *, is_over: bool = False) -> Judgement:
        """Set the verdict from what is known now, and return it."""
        judgement = judge(self, is_over=is_over)
        self.verdict, self.verdict_reasons = judgement.verdict, list(judgement.reasons)
        return judgement

    def callback_for(self, addressee: Addressee) -> dict[str, Any]:
        """Return the JSON body for the evaluation URL; an error too carries what is known."""
        echoed = addressee.model_dump(include={"email", "task", "round", "nonce"})
        outcome = {"status": "success"}
        if not self.is_delivered:
            outcome = {"status": "error", "error": self.reason}
        known = self.model_dump(include=KNOWN)
        return echoed | outcome | {name: value for name, value in known.items() if value}

    @property
    def is_fallback(self) -> bool:
        return self.fallback_reason is not None

    @property
    def is_delivered(self) -> bool:
        """Whether there is a site to report, live or on its way."""
        urls = (self.repo_url, self.commit_sha, self.pages_url)
        return self.failure is None and None not in urls

    @property
    def reason(self) -> str:
        if self.failure is None:
            return "the run ended before the site was published"
        return f"{self.failure.stage}: {self.failure.message}"
