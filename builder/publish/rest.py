"""GitHub's REST API by PyGithub, with our own retries in place of the library's."""

import json
from collections.abc import Callable, Iterable, Mapping
from math import ceil
from typing import Any

import github
import requests

from builder.errors import GitHubUnreachable
from builder.ports import Answer, Clock
from builder.publish import github_policy

CALL_SECONDS = 30.0
"""Longest that one call may take."""
DELAYS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between tries when GitHub names no time."""
API_VERSION = "2022-11-28"


class GitHubRest:
    """The port `Rest` over a token; `remaining` tells the seconds that calls may still take.

    One call takes at most `call_seconds`.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        clock: Clock,
        remaining: Callable[[], float],
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        client = github.Github(
            auth=github.Auth.Token(token),
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
        self._requester = client.requester
        self._clock = clock
        self._remaining = remaining
        self._call_seconds = call_seconds

    def __call__(
        self,
        verb: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        accept: Iterable[int] = (),
        again: Callable[[Answer], bool] = lambda _: False,
    ) -> Answer:
        """See `Rest`."""
        accepted = set(accept)
        call = f"{verb} {path}"
        for delay in (*DELAYS, None):
            answer = self._try(verb, path, body)
            if isinstance(answer, Answer):
                may_pass = again(answer) or github_policy.may_pass(answer)
                if answer.status < 300 or (answer.status in accepted and not may_pass):
                    return answer
                if delay is None or not may_pass:
                    raise _gave_up(call, answer)
            elif delay is None:
                raise GitHubUnreachable(f"GitHub did not answer {call}: {answer}")
            self._wait(call, answer, delay)
        raise AssertionError("the last try returns or raises")

    def _wait(self, call: str, answer: Answer | str, delay: float) -> None:
        wait, said = delay, f"{answer}"
        if isinstance(answer, Answer):
            asked = github_policy.wait_asked(answer, self._clock.now())
            wait = delay if asked is None else asked
            said = f"it answered {answer.status}: {github_policy.message_of(answer)}"
        left = max(0.0, self._remaining())
        if wait > left:
            raise GitHubUnreachable(
                f"no further try of {call}: it would have to wait {wait:.0f} s, and {left:.0f} s "
                f"are left ({said})"
            )
        self._clock.sleep(wait)

    def _try(self, verb: str, path: str, body: Mapping[str, object] | None) -> Answer | str:
        """Return the answer, or in words why there is none."""
        try:
            status, headers, text = self._requester.requestJson(
                verb, path, input=None if body is None else dict(body)
            )
        except requests.exceptions.Timeout:
            return f"no answer within {self._call_seconds:g} s"
        except requests.exceptions.RequestException as error:
            return f"the connection failed ({type(error).__name__})"
        return Answer(status, {name.lower(): value for name, value in headers.items()}, _read(text))


def _gave_up(call: str, answer: Answer) -> Exception:
    if github_policy.may_pass(answer):
        said = github_policy.message_of(answer)
        return GitHubUnreachable(f"GitHub kept answering {answer.status} to {call}: {said}")
    return github_policy.refusal(call, answer)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
