"""Sends the answer to the evaluator by httpx, to an address that was checked to be public."""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from builder.addresses import is_public
from builder.deadline import retry_after
from builder.errors import CallbackFailed, CallbackRefused
from builder.ports import Clock
from builder.request import Addressee

DELAYS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between the first attempts, whatever went wrong."""
LATER_DELAY = 20.0
"""Seconds between later attempts, made only if the failure may be temporary."""
REQUEST_SECONDS = 30.0
MAX_REDIRECTS = 3
SHOWN = 300
"""Characters of a rejection that are reported."""

Resolve = Callable[[str, int], Sequence[str]]


def addresses_of(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host, IPv4 first: hosted runners have no IPv6."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ordered = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return list(dict.fromkeys(str(entry[4][0]) for entry in ordered))


@dataclass(frozen=True)
class CallbackClient:
    """Delivers answers; `remaining` returns the seconds until the deadline, `log_line` logs.

    One request takes at most `request_seconds`.
    """

    http: httpx.Client
    clock: Clock
    remaining: Callable[[], float]
    log_line: Callable[[str], None]
    allow_private: bool = False
    resolve: Resolve = addresses_of
    request_seconds: float = REQUEST_SECONDS

    def deliver(self, addressee: Addressee, body: Mapping[str, Any]) -> int:
        """POST `body` as JSON until a 2xx answers; return its status.

        Raises CallbackFailed when no further attempt is due, CallbackRefused for a private address.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(CallbackFailed),
            stop=lambda tried: self._next_wait(tried) is None,
            wait=lambda tried: self._next_wait(tried) or 0.0,
            before_sleep=lambda tried: self.log_line(
                f"{_failure(tried)}; again in {tried.upcoming_sleep:g} s"
            ),
            sleep=self.clock.sleep,
            reraise=True,
        )
        return retrying(self._post, httpx.URL(addressee.evaluation_url), body, addressee.build_id)

    def _next_wait(self, tried: RetryCallState) -> float | None:
        return next_wait(tried.attempt_number - 1, _failure(tried), self.remaining())

    def _post(self, url: httpx.URL, body: Mapping[str, Any], build_id: str) -> int:
        """Post once, following redirects that keep method and host."""
        for _ in range(MAX_REDIRECTS):
            answer = self._send(url, body, build_id)
            target = _redirect(url, answer)
            if target is None:
                break
            url = target
        if answer.is_success:
            return answer.status_code
        said = " ".join(_without(answer.text, body).split())[:SHOWN]
        raise CallbackFailed(
            f"the evaluation URL answered {answer.status_code}: {said}",
            status=answer.status_code,
            retry_after=retry_after(answer.headers, self.clock.now()),
        )

    def _send(self, url: httpx.URL, body: Mapping[str, Any], build_id: str) -> httpx.Response:
        """Send to the first address that accepts the connection."""
        failure: Exception | None = None
        for address in self._checked(url):
            request = self.http.build_request(
                "POST",
                # The connection goes to the address that was checked: no second look-up that
                # could give another one. Certificate and Host stay those of the name.
                url.copy_with(host=address),
                json=body,
                headers={"Idempotency-Key": build_id, "Host": url.netloc.decode("ascii")},
                timeout=self.request_seconds,
                extensions={"sni_hostname": url.host},
            )
            try:
                return self.http.send(request)
            except httpx.ConnectError as error:
                failure = error
            except httpx.HTTPError as error:
                failure = error
                break
        raise CallbackFailed(f"the evaluation URL did not answer ({type(failure).__name__})")

    def _checked(self, url: httpx.URL) -> Sequence[str]:
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            addresses = self.resolve(url.host, port)
        except (OSError, UnicodeError) as error:
            raise CallbackFailed(
                f"the evaluation URL's host cannot be resolved ({type(error).__name__})"
            ) from None
        if not self.allow_private and not all(map(is_public, addresses)):
            raise CallbackRefused("the evaluation URL's host has an address that is not public")
        return addresses


def next_wait(tries: int, failure: CallbackFailed, remaining: float) -> float | None:
    """Return the seconds until the next attempt, None when there is none.

    The first five follow `DELAYS` whatever happens. After those, temporary failures are retried
    while the deadline allows. A requested wait is honoured if it fits.
    """
    asked = failure.retry_after
    fits = asked is not None and asked <= remaining
    if tries < len(DELAYS):
        return max(DELAYS[tries], asked) if fits and asked is not None else DELAYS[tries]
    may_pass = failure.status is None or failure.status == 429 or failure.status >= 500
    wait = LATER_DELAY if asked is None else max(asked, 1.0)
    return wait if may_pass and wait <= remaining else None


def _failure(tried: RetryCallState) -> CallbackFailed:
    failure = tried.outcome.exception() if tried.outcome else None
    return failure if isinstance(failure, CallbackFailed) else CallbackFailed(str(failure))


def _redirect(url: httpx.URL, answer: httpx.Response) -> httpx.URL | None:
    """Return where to post again: only to the same host, and only if the method is kept."""
    if answer.status_code not in {307, 308} or "location" not in answer.headers:
        return None
    try:
        target = url.join(answer.headers["location"])
    except httpx.InvalidURL:
        return None
    keeps_secrecy = target.scheme == url.scheme or target.scheme == "https"
    return target if target.host == url.host and keeps_secrecy else None


def _without(text: str, body: Mapping[str, Any]) -> str:
    """Mask the email and the nonce, which the evaluator may repeat."""
    for name in ("email", "nonce"):
        text = text.replace(str(body[name]), "***")
    return text
