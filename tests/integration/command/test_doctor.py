"""`doctor` beside a set-up with exactly one fault, each in turn."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from briefship.context import Context
from briefship.doctor.diagnosis import Patient
from briefship.doctor.examination import examine, markdown
from local.faults import Fault, FaultPlan
from local.hub import ActionsState, Hub
from local.hub.records import Permissions
from local.model import ScriptedModel
from local.script import Answer
from local.server import serve
from tests.integration.command.conftest import OPERATES, OPERATOR, Desk, DeskOn
from tests.receiver_parts import REPOSITORY, TOKEN
from tests.scripted_server import Scripted, ScriptedServer

BUILDER = "the-builders-token"
BUILDS: Permissions = {"administration": "write", "contents": "write", "pages": "write"}
COUNTING = Answer("Red. " + " ".join(["one", "two", "three"] * 30), chunk=40)
Environ = dict[str, str]


@dataclass
class Clinic:
    """A desk whose set-up is whole until something in it is broken."""

    desk: Desk
    faults: FaultPlan
    environ: Environ
    serve: Callable[[ScriptedModel], str]

    @property
    def hub(self) -> Hub:
        return self.desk.hub

    def token(self, text: str, permissions: Permissions, **more: Any) -> None:
        self.hub.add_token(text, "ada", permissions, **more)

    def model(self, answer: Answer, **settings: str) -> Environ:
        """Serve another model."""
        url = self.serve(ScriptedModel(answer))
        return {"OPENAI_BASE_URL": f"{url}/v1", **settings}


ClinicOn = Callable[..., Clinic]


@pytest.fixture
def clinic_on(desk_on: DeskOn) -> Iterator[ClinicOn]:
    """Make a clinic; options are the hub's."""
    with ExitStack() as stack:

        def make(**options: object) -> Clinic:
            faults = FaultPlan()
            desk = desk_on(faults=faults, **options)
            desk.hub.add_token(BUILDER, "ada", BUILDS)
            desk.hub.set_secret(REPOSITORY, "BUILDER_TOKEN", BUILDER)

            def started(model: ScriptedModel) -> str:
                return stack.enter_context(serve(model))

            desk.hub.set_variable(REPOSITORY, "MODELS", "tiny")
            url = f"{started(ScriptedModel(COUNTING))}/v1"
            desk.hub.set_variable(REPOSITORY, "OPENAI_BASE_URL", url)
            environ = {"DISPATCH_TOKEN": TOKEN, "BUILDER_TOKEN": BUILDER}
            return Clinic(desk, faults, environ, started)

        yield make


def test_doctor__a_set_up_that_is_whole(clinic_on: ClinicOn) -> None:
    """Nothing is wrong: every line says what was seen, the exit code is 0."""
    clinic = clinic_on()
    told = clinic.desk("doctor", "--json", **clinic.environ)
    assert told.code == 0, told
    assert {one["name"]: one["seen"] for one in told.json if one["state"] != "good"} == {}
    names = [one["name"] for one in told.json]
    assert len(names) == len(set(names)) == 18
    (model,) = [one["seen"] for one in told.json if one["name"].startswith("model")]
    assert model.startswith("first token after")
    assert model.endswith("streams; sees pictures")
    assert clinic.hub.runs(REPOSITORY) == []


def actions_minimal(clinic: Clinic) -> Environ:
    clinic.faults.on(
        "actions/permissions", Fault.answer(200, {"enabled": True, "allowed_actions": "local_only"})
    )
    return {}


def operator_may_not_see(clinic: Clinic) -> Environ:
    clinic.token("narrow", {"actions": "read"})
    return {"GH_TOKEN": "narrow"}


def dispatch_may_only_read(clinic: Clinic) -> Environ:
    clinic.token("reader", {"contents": "read"}, repositories=[REPOSITORY])
    return {"DISPATCH_TOKEN": "reader"}


def builder_without(*names: str) -> Callable[[Clinic], Environ]:
    def broken(clinic: Clinic) -> Environ:
        few: Permissions = {name: level for name, level in BUILDS.items() if name not in names}
        clinic.token("weak", few)
        return {"BUILDER_TOKEN": "weak"}

    return broken


def builder_for_selected(clinic: Clinic) -> Environ:
    clinic.token("selected", BUILDS, repositories=[REPOSITORY])
    return {"BUILDER_TOKEN": "selected"}


def expires(name: str, after: timedelta) -> Callable[[Clinic], Environ]:
    def broken(clinic: Clinic) -> Environ:
        ends = (datetime.now(UTC) + after).timestamp()
        clinic.token("lasting", {**OPERATES, **BUILDS}, expires_at=ends)
        return {name: "lasting"}

    return broken


def workflow_disabled(clinic: Clinic) -> Environ:
    with clinic.desk.world.client(OPERATOR) as api:
        api.put(f"/repos/{REPOSITORY}/actions/workflows/build.yml/disable").raise_for_status()
    return {}


def workflow_elsewhere(clinic: Clinic) -> Environ:
    clinic.hub.add_repository("ada/other")
    clinic.desk.world.push("ada/other", {"README.md": b"x"})
    return {"DISPATCH_REPOSITORY": "ada/other"}


def secret_missing(clinic: Clinic) -> Environ:
    clinic.hub.add_repository("ada/other")
    return {"DISPATCH_REPOSITORY": "ada/other"}


def variable(name: str, value: str) -> Callable[[Clinic], Environ]:
    def broken(clinic: Clinic) -> Environ:
        clinic.hub.set_variable(REPOSITORY, name, value)
        return {}

    return broken


def no_pages_in_the_organization(clinic: Clinic) -> Environ:
    clinic.hub.add_organization("lab", may_publish_pages=False)
    return {"BUILDER_OWNER": "lab"}


def calls_spent(clinic: Clinic) -> Environ:
    core = {"core": {"limit": 5000, "remaining": 12}}
    clinic.faults.on("/rate_limit", Fault.answer(200, {"resources": core}), times=None)
    return {}


def receiver_cannot_dispatch(clinic: Clinic) -> Environ:
    clinic.faults.on("POST .*/git/blobs", Fault.answer(403, {"message": "no"}))
    return {}


def model(answer: Answer, **settings: str) -> Callable[[Clinic], Environ]:
    return lambda clinic: {"MODELS": "tiny", **clinic.model(answer, **settings)}


FAULTS = [
    (
        "token",
        lambda _: {"GH_TOKEN": "wrong"},
        "token",
        "fault",
        "GH_TOKEN is wrong or has expired",
    ),
    (
        "token",
        expires("GH_TOKEN", timedelta(days=5)),
        "your token (GH_TOKEN)",
        "warning",
        "in 4 days",
    ),
    ("token", expires("GH_TOKEN", -timedelta(days=1)), "token", "fault", "has expired"),
    (
        "dispatch",
        dispatch_may_only_read,
        "dispatch",
        "fault",
        "Give DISPATCH_TOKEN Contents: write",
    ),
    (
        "dispatch",
        lambda _: {"DISPATCH_TOKEN": ""},
        "dispatch token",
        "not looked at",
        "not set here",
    ),
    ("builder", lambda _: {"BUILDER_TOKEN": "wrong"}, "builder", "fault", "BUILDER_TOKEN is wrong"),
    (
        "builder",
        expires("BUILDER_TOKEN", timedelta(days=9)),
        "builder token",
        "warning",
        "in 8 days",
    ),
    (
        "builder",
        builder_without("administration"),
        "builder token: new repositories",
        "fault",
        "Administration: write on all",
    ),
    ("builder", builder_without("contents"), "builder token: Contents", "fault", "Contents: write"),
    (
        "builder",
        builder_without("pages"),
        "builder token: Pages",
        "fault",
        "Pages: write and Administration: write",
    ),
    (
        "builder",
        builder_for_selected,
        "builder token: new repositories",
        "fault",
        "on all repositories of ada",
    ),
    (
        "builder",
        no_pages_in_the_organization,
        "builder token: new repositories",
        "fault",
        "repositories of lab",
    ),
    ("actions", actions_minimal, "Actions", "warning", "Allow actions/checkout"),
    (
        "actions",
        operator_may_not_see,
        "actions",
        "not looked at",
        "Give GH_TOKEN Administration: read",
    ),
    ("workflow", workflow_disabled, "workflow", "fault", "disabled_manually"),
    ("workflow", workflow_elsewhere, "workflow", "fault", "is not on main"),
    ("secrets", secret_missing, "secrets", "fault", "BUILDER_TOKEN is not set"),
    (
        "variables",
        variable("MODEL_TEMPERATURE", "warm"),
        "variables",
        "warning",
        "MODEL_TEMPERATURE cannot be used",
    ),
    ("variables", variable("REPOSITORY_NAME", "app"), "variables", "warning", "with {task} in it"),
    ("pages", no_pages_in_the_organization, "Pages", "fault", "members_can_create_public_pages"),
    ("limits", calls_spent, "rate limit", "fault", "12 of 5000 calls left"),
    ("models", variable("MODELS", ""), "models", "warning", "every app is the fallback page"),
    ("models", model(Answer(status=401)), "model tiny at", "fault", "HTTP 401"),
    (
        "models",
        model(Answer("Red one two", streams=False)),
        "model tiny at",
        "good",
        "does not stream",
    ),
    (
        "models",
        model(Answer("Blue it is", refuses=("stream_options",))),
        "model tiny at",
        "good",
        "refuses stream_options; sees no pictures",
    ),
    (
        "models",
        model(Answer("I see no picture"), MODEL_VISION="1"),
        "model tiny at",
        "warning",
        "Unset MODEL_VISION",
    ),
    (
        "models",
        lambda _: {"MODELS": "tiny", "OPENAI_BASE_URL": "", "OPENAI_API_KEY": ""},
        "models",
        "fault",
        "OPENAI_API_KEY is missing",
    ),
    (
        "models",
        lambda _: {"MODELS": "far", "OPENAI_BASE_URL": "https://models.example/v1"},
        "model far at",
        "not looked at",
        "a secret of the workflow",
    ),
    ("browser", lambda _: {"CHROMIUM": "none"}, "browser", "warning", "CHROMIUM=none"),
    (
        "browser",
        lambda _: {"CHROMIUM": "none", "GITHUB_ACTIONS": "true"},
        "browser",
        "fault",
        "CHROMIUM=none",
    ),
    ("receiver", receiver_cannot_dispatch, "receiver", "fault", "answered 502"),
    (
        "receiver",
        lambda _: {"RECEIVER_URL": "http://127.0.0.1:9"},
        "receiver",
        "fault",
        "gave no answer",
    ),
    ("receiver", lambda _: {"RECEIVER_URL": ""}, "receiver", "not looked at", "RECEIVER_URL"),
]


@pytest.mark.parametrize(("check", "broken", "name", "state", "said"), FAULTS)
def test_doctor__each_fault(
    clinic_on: ClinicOn,
    check: str,
    broken: Callable[[Clinic], Environ],
    name: str,
    state: str,
    said: str,
) -> None:
    """The check that is about a fault finds it, says so in these words, and nothing else does."""
    clinic = clinic_on()
    told = clinic.desk("doctor", check, "--json", **{**clinic.environ, **broken(clinic)})
    listed = told.json
    (found,) = [one for one in listed if one["name"].startswith(name) and one["state"] == state]
    assert said in f"{found['seen']} {found['fix']}"
    assert found["fix"] or state in {"good", "not looked at"}
    others = {one["state"] for one in listed if one is not found}
    assert others <= {"good", "not looked at"}
    assert told.code == int(state == "fault")


def test_doctor__actions_that_are_off(clinic_on: ClinicOn) -> None:
    """Where Actions are disabled, that and the workflow's state are told."""
    clinic = clinic_on(actions=ActionsState.OFF)
    told = clinic.desk("doctor", "actions", "workflow", **clinic.environ)
    assert told.code == 1
    assert "✗ Actions" in told.out
    assert "→ Enable them in Settings > Actions > General" in told.out


@pytest.mark.parametrize(("ahead", "state"), [(-20, "good"), (90, "fault"), (-90, "fault")])
def test_doctor__clocks(clinic_on: ClinicOn, ahead: int, state: str) -> None:
    """A clock that is more than half a minute off is a fault; GitHub and receiver are compared."""
    desk = clinic_on().desk
    with ExitStack() as stack:
        patient = Patient(
            Context(desk.environ, desk.folder, sys.stdout, stack),
            now=lambda: datetime.now(UTC) + timedelta(seconds=ahead),
        )
        found = list(examine(patient, ["limits", "receiver"]))
    clocks = {one.name: str(one.state) for one in found if one.name.startswith("clock")}
    assert clocks == {"clock of GitHub": state, "clock of the receiver": state}


def test_doctor__the_table_is_safe_markdown(clinic_on: ClinicOn) -> None:
    """What servers say stays in its cell of the job summary."""
    clinic = clinic_on()
    hostile = Answer(status=400, message="a | b\n<img src=x> `c`")
    environ = {**clinic.environ, "MODELS": "tiny", **clinic.model(hostile)}
    summary = clinic.desk.folder / "summary.md"
    clinic.desk("doctor", "models", GITHUB_STEP_SUMMARY=str(summary), **environ)
    rows = summary.read_text().splitlines()
    assert rows[0] == "## Doctor"
    assert rows[-1].count(" | ") == 3
    assert "<img" not in rows[-1]
    assert markdown([]).count("\n") == 4


def test_doctor__live(clinic_on: ClinicOn) -> None:
    """A throwaway repository is published, measured and deleted; with a fault it is deleted too."""
    clinic = clinic_on()
    told = clinic.desk("doctor", "limits", "--live", "--json", **clinic.environ)
    lines = {one["name"]: one for one in told.json if one["name"].startswith("live")}
    assert list(lines) == [
        *("live: repository", "live: push", "live: first publication", "live: deleted"),
        "live: callback",
    ]
    assert {one["state"] for one in lines.values()} == {"good"}, lines
    name = lines["live: deleted"]["seen"]
    with clinic.desk.world.client(None) as anybody:
        assert anybody.get(f"/repos/{name}").status_code == 404
    clinic.faults.on("POST .*/pages", Fault.answer(403, {"message": "No Pages for you."}))
    told = clinic.desk("doctor", "limits", "--live", "--json", **clinic.environ)
    states = [one["state"] for one in told.json if one["name"].startswith("live")]
    assert (told.code, states) == (1, ["good", "good", "good", "fault", "good"])
    assert "No Pages for you" in told.json[-2]["seen"]
    assert "a listener on this machine" in told.json[-1]["seen"]


def test_doctor__live_sends_an_answer(clinic_on: ClinicOn, scripted_server: ScriptedServer) -> None:
    """The address that is given gets an answer as from a run, which says that it is a trial; one
    that is on a private network is refused, as a run refuses it."""
    scripted_server.script = [Scripted(200)]
    clinic = clinic_on()
    call = (
        "doctor",
        "limits",
        "--live",
        "--callback-url",
        f"{scripted_server.url}/notify",
        "--json",
    )
    environ = clinic.environ | {"BUILDER_TOKEN": ""}
    told = clinic.desk(*call, **environ | {"ALLOW_PRIVATE_CALLBACKS": "1"}).json[-1]
    assert (told["name"], told["state"]) == ("live: callback", "good")
    assert told["seen"].startswith("200 after ")
    (last,) = scripted_server.received
    assert (last.path, last.json["status"]) == ("/notify", "error")
    assert "briefship doctor tries this address" in last.json["error"]
    told = clinic.desk(*call, **environ).json[-1]
    assert (told["state"], "not public" in told["seen"]) == ("fault", True)
    told = clinic.desk("doctor", "limits", "--live", "--callback-url", "x", "--json", **environ)
    assert "evaluation_url" in told.json[-1]["seen"]


def test_doctor__live_with_a_token_that_may_not(clinic_on: ClinicOn) -> None:
    """A repository that cannot be deleted is named, with where to do it."""
    clinic = clinic_on()
    clinic.faults.on("DELETE ", Fault.answer(403, {"message": "no"}))
    told = clinic.desk("doctor", "limits", "--live", **clinic.environ)
    assert told.code == 1
    assert "→ Delete it yourself: http" in told.out
