"""GitHub's REST API through PyGithub, with our own retries."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import ceil
from typing import TypeVar

from github import Auth, Github, GithubException
from github.Repository import Repository

from builder.errors import GitHubRefused, GitHubUnreachable
from builder.ports import Answer, AppRepository, Clock
from builder.publish import github_policy

API_VERSION = "2022-11-28"
DESCRIPTION = "Built by briefship from a brief."
"""Marks an empty repository, left by a killed run, as ours."""

T = TypeVar("T")
Again = Callable[[Answer], bool]


def _scopes(headers: Mapping[str, str | int]) -> frozenset[str] | None:
    """Return the scopes of a classic token; no other kind names any."""
    named = str(headers.get("x-oauth-scopes") or "")
    return frozenset(scope.strip() for scope in named.split(",")) if named else None


def _never(_: Answer) -> bool:
    return False


class GitHubApi:
    """The port `Rest`, with one token; `remaining` returns the seconds that calls may still take.

    One call takes at most `call_seconds`.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        clock: Clock,
        remaining: Callable[[], float],
        call_seconds: float = 30.0,
    ) -> None:
        self._github = Github(
            auth=Auth.Token(token),
            base_url=api_url,
            timeout=ceil(call_seconds),
            user_agent="briefship",
            api_version=API_VERSION,
            # Retries are decided here, where the deadline is known. Between our few writes lie a
            # push and a build, so that GitHub's advice of a second between writes keeps itself.
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        self._clock = clock
        self._remaining = remaining

    def __call__(
        self,
        verb: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        accept: Iterable[int] = (),
        again: Again = _never,
    ) -> Answer:
        """See `Rest`; used where PyGithub has no method."""
        given = None if body is None else dict(body)
        send = partial(self._github.requester.requestJsonAndCheck, verb, path, input=given)
        try:
            headers, found = self._persist(f"{verb} {path}", send, again)
        except GitHubRefused as refused:
            if refused.status not in set(accept):
                raise
            return Answer(refused.status, {}, None)
        return Answer(200, headers, found)

    def find_or_create(self, owner: str | None, name: str) -> AppRepository:
        """Return the public repository `owner/name`; create it if it does not exist.

        `owner` is a user or an organization; None means the token's user.
        Raises GitHubRefused, GitHubUnreachable.
        """
        owner = owner or self._login()
        try:
            found = self._find(f"{owner}/{name}")
        except GitHubRefused as refused:
            if refused.status != 404:
                raise
            found = self._create(owner, name)
        return AppRepository(
            full_name=found.full_name,
            html_url=found.html_url,
            is_ours_when_empty=found.description == DESCRIPTION,
            token_scopes=_scopes(found.raw_headers),
        )

    def _login(self) -> str:
        return self._persist("GET /user", lambda: self._github.get_user().login)

    def _find(self, full_name: str, again: Again = _never) -> Repository:
        find = partial(self._github.get_repo, full_name)
        return self._persist(f"GET /repos/{full_name}", find, again)

    def _create(self, owner: str, name: str) -> Repository:
        is_user = self._login().lower() == owner.lower()
        client = self._github.withLazy(True)  # nothing is fetched of the account
        account = client.get_user() if is_user else client.get_organization(owner)
        create = partial(
            account.create_repo,
            name,
            description=DESCRIPTION,
            private=False,
            auto_init=False,
            has_issues=True,
            has_wiki=False,
        )
        try:
            return self._persist(f"POST /{'user' if is_user else f'orgs/{owner}'}/repos", create)
        except GitHubRefused as refused:
            if refused.status == 422 and "already exists" in str(refused):
                # An earlier try succeeded and its answer was lost; a new repository may show up
                # late.
                return self._find(f"{owner}/{name}", lambda answer: answer.status == 404)
            raise

    def _persist(self, call: str, send: Callable[[], T], again: Again = _never) -> T:
        """Send, with retries. Raises GitHubRefused, GitHubUnreachable."""

        def attempt() -> T:
            try:
                return send()
            except GithubException as error:
                answer = Answer(error.status, error.headers or {}, error.data)
                failure = github_policy.failure(call, answer, self._clock.now())
                raise GitHubUnreachable(str(failure)) if again(answer) else failure from None
            except (OSError, ValueError, RuntimeError) as error:
                # A silent server is an OSError of the library under PyGithub, half a body no JSON,
                # a redirection to another host a RuntimeError.
                kind = type(error).__name__
                raise GitHubUnreachable(f"GitHub did not answer {call} ({kind})") from None

        return github_policy.retrying(self._clock, self._remaining)(attempt)
