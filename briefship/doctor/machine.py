"""This machine: the browser and the sandbox that the builder needs where it runs."""

from collections.abc import Iterator

from briefship.doctor.diagnosis import Diagnosis, Patient, State, good
from briefship.parts import INSTALL, imported

PAGE = b"<!doctype html><html lang=en><title>Doctor</title><h1>It opens</h1>"


def browser(patient: Patient) -> Iterator[Diagnosis]:
    """Open a page as the builder does."""
    name = "browser"
    module = imported("builder.verify.browser", INSTALL)
    site = imported("builder.site", INSTALL).Site({"index.html": PAGE})
    opening = module.Browser(module.programs(patient.context.environ))
    seen = opening.look(site, "doctor", [], smoke=False).page
    if seen.opened:
        yield good(name, seen.browser)
        return
    fix = "Install Google Chrome or Chromium, or set CHROMIUM; without one no app is verified."
    yield Diagnosis(name, _needed(patient), seen.reason or "did not open a page", fix)


def sandbox(patient: Patient) -> Iterator[Diagnosis]:
    """Run a program in bubblewrap as the builder does."""
    name, found = "sandbox", imported("builder.sandbox.bubblewrap", INSTALL).Sandbox()
    if found.unavailable is None:
        yield good(name, "bubblewrap runs a program")
        return
    fix = (
        "Install bubblewrap and allow user namespaces; without it no build script of a model runs."
    )
    yield Diagnosis(name, _needed(patient), found.unavailable, fix)


def _needed(patient: Patient) -> State:
    """Return what a lack means: runs have the browser and the sandbox of their runner."""
    return State.FAULT if patient.on_runner else State.WARNING
