"""`--live`: sends an answer as a run does, to a given address or to this machine."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx

from briefship.doctor.diagnosis import Diagnosis, Patient, fault, good
from briefship.parts import INSTALL, imported
from builder.errors import CallbackFailed, CallbackRefused
from builder.ports import Clock
from builder.request import Addressee

NAME = "live: callback"
BUDGET = 60.0
"""Seconds for all attempts; a client that gets no 2xx makes six within half a minute."""
HERE = "a listener on this machine; --callback-url URL measures the way to an evaluator"


class Listener(BaseHTTPRequestHandler):
    """Takes every answer, as an evaluator does."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as it is inherited
        """Keep quiet: the doctor prints what matters."""


@contextmanager
def listening() -> Iterator[str]:
    """Serve a listener on a free port; yield its URL."""
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def callback(patient: Patient) -> Iterator[Diagnosis]:
    """Send an answer, as the last stage of a run does."""
    if patient.callback_url:
        allowed = patient.context.settings.allow_private_callbacks
        yield _delivered(patient.callback_url, patient.callback_url, allow_private=allowed)
        return
    with listening() as url:
        yield _delivered(url, HERE, allow_private=True)


def _delivered(url: str, place: str, *, allow_private: bool) -> Diagnosis:
    make = imported("builder.notify", INSTALL).CallbackClient
    clock = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep)
    remaining = clock.deadline(BUDGET).remaining
    addressee = _addressee(url)
    body = addressee.model_dump(include={"email", "task", "round", "nonce"})
    body |= {"status": "error", "error": "briefship doctor tries this address: there is no app"}
    with httpx.Client() as http:
        client = make(http, clock, remaining, lambda _: None, allow_private=allow_private)
        began = time.monotonic()
        try:
            status = client.deliver(addressee, body)
        except (CallbackFailed, CallbackRefused) as error:
            fix = "Runs would not reach it either: correct the address, or what serves it."
            return fault(NAME, str(error), fix)
    return good(NAME, f"{status} after {time.monotonic() - began:.2f} s from {place}")


def _addressee(url: str) -> Addressee:
    """Return whom to answer. Raises InvalidRequest for a text that is no URL."""
    named = {"email": "doctor@briefship.invalid", "task": "briefship-doctor", "round": 1}
    return Addressee.from_wire({**named, "nonce": secrets.token_hex(8), "evaluation_url": url})
