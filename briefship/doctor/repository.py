"""The workflow repository, its owner, and GitHub itself."""

from collections.abc import Iterator

from briefship.doctor.diagnosis import Diagnosis, Patient, clock_of, fault, good, unknown, warning
from briefship.workflow_repository import WORKFLOW
from builder.llm.candidates import ModelSettings
from builder.settings import Settings

FEW_CALLS = 500
"""Of the 5,000 an hour; a run makes about fifty."""
SETTINGS = "Settings > Secrets and variables > Actions of the workflow repository"


def actions(patient: Patient) -> Iterator[Diagnosis]:
    """Check whether workflows run at all."""
    name = "Actions"
    if patient.on_runner:
        yield good(name, "this is a run")
        return
    settings = patient.context.github("GET", f"{patient.root}/actions/permissions").json()
    where = "Settings > Actions > General"
    if not settings["enabled"]:
        yield fault(name, "disabled", f"Enable them in {where}, or on the Actions page of a fork.")
    elif settings.get("allowed_actions", "all") != "all":
        fix = f"Allow actions/checkout, setup-python and upload-artifact in {where}."
        yield warning(name, f"enabled for {settings['allowed_actions']} actions", fix)
    else:
        yield good(name, "enabled")


def workflow(patient: Patient) -> Iterator[Diagnosis]:
    """Look whether the workflow is on the default branch, and enabled."""
    name = "workflow"
    github, root = patient.context.github, patient.root
    branch = github("GET", root).json()["default_branch"]
    listed = github("GET", f"{root}/actions/workflows?per_page=100").json()["workflows"]
    state = next((one["state"] for one in listed if one["path"] == WORKFLOW), None)
    if state is None:
        fix = f"Push this repository's {WORKFLOW} to {branch}, the default branch."
        yield fault(name, f"{WORKFLOW} is not on {branch}", fix)
    elif state != "active":
        yield fault(name, f"{WORKFLOW} is {state}", "Enable it on the repository's Actions page.")
    else:
        yield good(name, f"{WORKFLOW} is active on {branch}")


def secrets(patient: Patient) -> Iterator[Diagnosis]:
    """Check that the secrets are set; nobody can read their values."""
    name = "secrets"
    if patient.on_runner:
        yield unknown(name, "a run sees their values only: see the builder token and the models")
        return
    answer = patient.context.github("GET", f"{patient.root}/actions/secrets?per_page=100")
    listed = {one["name"] for one in answer.json()["secrets"]}
    if "BUILDER_TOKEN" not in listed:
        yield fault(name, "BUILDER_TOKEN is not set", f"Set it in {SETTINGS}, or briefship init.")
    else:
        yield good(name, ", ".join(sorted(listed)))


def variables(patient: Patient) -> Iterator[Diagnosis]:
    """Look whether the variables can be used."""
    name, known = "variables", patient.variables
    ignored = [
        *Settings.from_environ(known).ignored,
        *ModelSettings.from_environ(known).ignored,
    ]
    for reason in dict.fromkeys(ignored):
        yield warning(name, reason, f"Correct or delete it in {SETTINGS}.")
    if not ignored and not patient.on_runner:
        yield good(name, ", ".join(sorted(known)) or "none")


def pages(patient: Patient) -> Iterator[Diagnosis]:
    """Look whether the owner of the apps may publish them."""
    name, owner = "Pages", patient.context.settings.owner
    github = patient.context.github
    if github("GET", f"/users/{owner}").json()["type"] != "Organization":
        yield good(name, f"{owner} is a user: public repositories may be published")
        return
    organization = github("GET", f"/orgs/{owner}").json()
    forbidden = [
        what
        for what in ("members_can_create_public_repositories", "members_can_create_public_pages")
        if organization.get(what) is False
    ]
    if forbidden:
        fix = f"Allow it in the organization's Settings > Member privileges ({forbidden[0]})."
        yield fault(name, f"{owner} forbids it: {', '.join(forbidden)} is off", fix)
    elif "members_can_create_public_pages" not in organization:
        yield unknown(name, f"only members of {owner} can see whether it allows it")
    else:
        yield good(name, f"{owner} lets members publish")


def limits(patient: Patient) -> Iterator[Diagnosis]:
    """Look how many calls are left this hour, and whether the clocks agree."""
    settings = patient.context.settings
    github = patient.context.github
    answer = github("GET", "/rate_limit")
    if settings.builder_token:
        builder = patient.context.github_by(settings.builder_token, "BUILDER_TOKEN")
        own = builder("GET", "/rate_limit", accept={401})
        # The check of the token reports one that is not valid.
        github, answer = (builder, own) if own.is_success else (github, answer)
    core = answer.json()["resources"]["core"]
    seen = f"{core['remaining']} of {core['limit']} calls left with {github.name}"
    if core["remaining"] < FEW_CALLS:
        fix = "Wait until the hour is over; find out what else calls with this token."
        yield fault("rate limit", seen, fix)
    else:
        yield good("rate limit", seen)
    yield clock_of("clock of GitHub", answer, patient.now())
