"""The commits of a request: the one that exists, what a round builds on, and how one is pushed."""

from dataclasses import dataclass

from builder.contract.reading import Reading
from builder.credentials import Credentials
from builder.errors import PushOvertaken, WorkflowsRefused
from builder.publish.checkout import GitCheckout
from builder.publish.naming import commit_message
from builder.report import Report
from builder.request import Request
from builder.rounds import NOTHING, Base, Round
from builder.site import WORKFLOWS, Site
from builder.verdict import NOT_KEPT, Judgement
from builder.work import Run

PUSHES = 5
"""How often a push may be overtaken before the run gives up."""


@dataclass(frozen=True)
class Standing:
    """The newest commit that was made for a request, and how it was judged."""

    sha: str
    judgement: Judgement
    is_newest: bool
    """Whether it is the head of the branch."""
    reading: Reading | None
    """What a model read in the request then; it is not asked again."""

    @classmethod
    def of(cls, checkout: GitCheckout | None, build_id: str) -> "Standing | None":
        """Return None if no commit was made for the request."""
        sha = checkout.commit_of(build_id) if checkout else None
        if checkout is None or sha is None:
            return None
        rounds = checkout.base().rounds
        note = next((past for past in rounds if past.build_id == build_id), None)
        judgement = note.judgement if note else None
        is_newest = sha == checkout.head
        return cls(sha, judgement or NOT_KEPT, is_newest, note.reading if note else None)

    @property
    def is_final(self) -> bool:
        """Whether the commit stays: it cannot be improved, or others were made on top of it."""
        return self.judgement.verdict.is_final or not self.is_newest


def base_of(checkout: GitCheckout | None, request: Request) -> tuple[Base, str | None]:
    """Return what the round builds on, and its SHA; nothing in it is from the same request."""
    if checkout is None or checkout.head is None or request.round == 1:
        return NOTHING, None
    if checkout.commit_of(request.build_id) is None:
        return checkout.base(), checkout.head
    sha = checkout.commit_before(request.build_id)
    rounds = tuple(past for past in checkout.base().rounds if past.round < request.round)
    return Base(checkout.site_at(sha) if sha else Site({}), rounds), sha


@dataclass(frozen=True)
class Push:
    """Pushes the one commit of a request."""

    run: Run
    request: Request
    report: Report
    checkout: GitCheckout
    credentials: Credentials

    def pushed(self) -> str:
        """Return the SHA of the existing commit, or of a new one on top of all others."""
        for _ in range(PUSHES):
            standing = Standing.of(self.checkout, self.request.build_id)
            if standing and standing.sha != self.report.replaces:
                self.report.earlier = standing.judgement
                self.run.log.line("This request has its commit already")
                return standing.sha
            try:
                return self._push()
            except PushOvertaken:
                self.run.log.line("Another push came first: trying again on top of it")
                self.checkout.catch_up()
        raise PushOvertaken(f"other pushes came first {PUSHES} times")

    def _push(self) -> str:
        """Push all files; if the token may not write workflow files, all others."""
        before = self.checkout.base().site
        site = self._without_credentials(self._on_top(self.run.work.site(), before))
        changed = {path for path in {*site, *before} if site.get(path) != before.get(path)}
        workflows = sorted(path for path in changed if path.startswith(WORKFLOWS))
        if not (workflows and self.report.no_workflows):
            try:
                return self._commit(site)
            except WorkflowsRefused as error:
                if not workflows:
                    raise
                self.report.no_workflows = str(error)
        self.run.leave_out(self.report, workflows)
        stays = {path: before[path] for path in workflows if path in before}
        return self._commit(site.without(*workflows) | stays)

    def _commit(self, site: Site) -> str:
        report = self.report
        judgement, reading = report.judge(), report.reading
        noted = Round.of(self.request, reading, judgement, report.scenarios, report.computed)
        cut = self.credentials.cut_from(noted.model_dump_json().encode())
        built = Round.model_validate_json(cut)
        sha = self.checkout.commit(site, built, commit_message(built))
        self.checkout.push()
        return sha

    def _on_top(self, site: Site, before: Site) -> Site:
        """Return the site to commit, merged with what others have pushed since."""
        start_sha, head = self.report.base_sha, self.checkout.head
        if self.request.round == 1 or head in {None, start_sha, self.report.replaces}:
            return site
        start = self.checkout.site_at(start_sha) if start_sha else {}
        return site.moved(start, before)

    def _without_credentials(self, site: Site) -> Site:
        """Remove the run's credentials, wherever they came from: this is the last chance."""
        held = {path: names for path in site if (names := self.credentials.found_in(site[path]))}
        for path, names in held.items():
            self.run.note(self.report, f"Removed from {path}: the value of {', '.join(names)}")
        return site | {path: self.credentials.cut_from(site[path]) for path in held}
