"""The receiver, asked from outside as an evaluator would."""

from collections.abc import Iterator

import httpx

from briefship.doctor.diagnosis import Diagnosis, Patient, clock_of, fault, good, unknown

SECONDS = 30
"""A host that has fallen asleep takes its time."""


def receiver(patient: Patient) -> Iterator[Diagnosis]:
    """Ask `/ready`."""
    name, url = "receiver", patient.context.environ.get("RECEIVER_URL", "").rstrip("/")
    if not url:
        yield unknown(name, "RECEIVER_URL is not set", "Set it to the receiver's address.")
        return
    try:
        answer = httpx.get(f"{url}/ready", timeout=SECONDS)
        body = answer.json()
    except httpx.HTTPError as error:
        fix = "Is it running, and RECEIVER_URL right? A firewall or a proxy may be between."
        yield fault(name, f"{url}/ready gave no answer ({type(error).__name__})", fix)
        return
    except ValueError:
        body = {}
    if answer.status_code == 200 and body.get("status") == "ready":
        unseen = ", ".join(body["not_checked"])
        yield good(name, f"ready{f'; cannot see {unseen}' if unseen else ''}")
        yield clock_of("clock of the receiver", answer, patient.now())
        return
    fix = (
        "Its log says which setting: DISPATCH_TOKEN, DISPATCH_REPOSITORY, or the workflow's state."
    )
    said = body.get("detail", "no answer of a receiver")
    yield fault(name, f"{url}/ready answered {answer.status_code}: {said}", fix)
