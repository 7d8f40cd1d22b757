"""Every failure that the product expects, below one root.

Each has a `fix`: what the reader can do about it. No text contains a token or a secret.
"""

from collections.abc import Sequence


class BriefshipError(Exception):
    """A failure that is explained to the user rather than traced.

    `str(error)` says what failed and what was expected; `fix` says what to do.
    """

    fix = "Read the run's log, then run it again."

    def __init__(
        self, message: str, *, fix: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.fix = fix or self.fix
        self.retry_after = retry_after
        """Seconds that we are asked to wait, or ask others to wait."""


class SettingsError(BriefshipError):
    """Settings are missing or unusable; `names` lists the environment variables."""

    def __init__(self, message: str, *, names: Sequence[str], fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.names = tuple(names)


class NothingToDo(BriefshipError):
    """What a stage needs is missing: an earlier one did not leave it."""

    fix = "Run generate before it, with the same --work."


class RequestError(BriefshipError):
    """What came over the wire cannot be built."""

    fix = "Correct the request and send it again."


class InvalidEvent(RequestError):
    """The event file has no task for the builder."""


class InvalidRequest(RequestError):
    """Fields are missing or wrong; `problems` pairs each field with the reason, never its value."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        listed = "; ".join(f"{field}: {reason}" for field, reason in problems)
        super().__init__(f"the request is not valid: {listed}")
        self.problems = tuple(problems)


class MalformedRequest(RequestError):
    """The body is not JSON; the message says where, and repeats none of it."""


class RequestTooLarge(RequestError):
    """The body is over the limit."""


class RequestTooSlow(RequestError):
    """The body was not complete in time."""


class TooManyBodies(RequestError):
    """Requests in flight take all the memory there is for them; wait `retry_after` seconds."""

    fix = "Send the request again later."

    def __init__(self, retry_after: float) -> None:
        message = "too many requests are coming in; send this one again later"
        super().__init__(message, retry_after=retry_after)


class InvalidAttachment(RequestError):
    """An attachment is not a valid data URI."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"attachment {name!r} cannot be decoded: {reason}")


class UnsafePath(RequestError):
    """A name that is not allowed for a file of a site."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path!r} cannot be a file of the site: {reason}")


class WrongSecret(BriefshipError):
    """The request carries a secret that is not accepted."""

    fix = "Send the secret that was agreed on."


class TooManyFailures(BriefshipError):
    """An address sent too many wrong secrets; it may try again in `retry_after` seconds."""

    fix = "Wait, then send the secret that was agreed on."


class GitHubError(BriefshipError):
    """A call to GitHub, or git, failed."""


class GitHubUnreachable(GitHubError):
    """No answer, or a temporary refusal."""

    fix = "Run it again in a few minutes; https://www.githubstatus.com lists known trouble."


class GitHubRefused(GitHubError):
    """GitHub refused a call; `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.status = status


class WorkflowUnavailable(GitHubError):
    """The workflow repository would accept an event and start nothing."""

    fix = "Enable the workflow on the Actions page, or push it to the default branch."


class BlobUnusable(GitHubError):
    """The request that was stored as a git blob is missing or has changed."""

    fix = "Send the task again: it is stored anew."


class RepositoryNotOurs(GitHubError):
    """The repository exists and was not made by briefship."""

    fix = "Set REPOSITORY_NAME to another pattern, or rename or delete that repository."


class PushFailed(GitHubError):
    """git failed; the message is what it said, without credentials."""


class PushOvertaken(PushFailed):
    """Another push came first."""


class WorkflowsRefused(PushFailed):
    """The token may not write workflow files."""

    fix = "Give BUILDER_TOKEN Workflows: write (classic: the scope workflow)."


class SecretsRefused(PushFailed):
    """GitHub's push protection found secrets; the message names the kind and the path of each."""

    fix = "Take the secret out of the brief or the attachment and send the task again."


class NoModelAnswered(BriefshipError):
    """No candidate gave a reply; `said` pairs each one with its outcome."""

    fix = "Check MODELS and the keys, or add a second provider by FALLBACK_MODELS."

    def __init__(self, said: Sequence[tuple[str, str]]) -> None:
        listed = "; ".join(f"{candidate}: {outcome}" for candidate, outcome in said)
        super().__init__(f"no model answered ({listed or 'none is set'})")
        self.said = tuple(said)


class PagesNotLive(BriefshipError):
    """The commit is pushed, and Pages does not serve it yet; `reason` says why."""

    fix = "Look at Settings > Pages of the app repository, then run it again."

    def __init__(self, reason: str) -> None:
        super().__init__(f"Pages does not serve the pushed files: {reason}")
        self.reason = reason


class CallbackFailed(BriefshipError):
    """The evaluation URL did not answer with a 2xx; `status` is None if there was no answer."""

    fix = "The app is published; check the evaluation URL, then run it again to notify."

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.status = status


class CallbackRefused(BriefshipError):
    """We do not call the evaluation URL, since its host is not on the public internet."""

    fix = "Send a public evaluation_url; for local runs set ALLOW_PRIVATE_CALLBACKS=1."
