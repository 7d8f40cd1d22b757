"""REST: what an owner sets: Actions, secrets, variables; what accounts may do and have left."""

import base64
import binascii
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from starlette.responses import JSONResponse, Response

from local.hub.actions_api import WORKFLOWS, workflow_at
from local.hub.objects import Json, moment, private_user
from local.hub.problems import Problem, not_found
from local.hub.rest import REPOSITORY, ApiCall, operation

ACTIONS = f"{REPOSITORY}/actions"
SECRETS = f"{ACTIONS}/secrets"
VARIABLES = f"{ACTIONS}/variables"
KEY = PrivateKey.generate()
KEY_ID = "1"
CALLS_AN_HOUR = 5000
HOUR = 3600


@operation("GET", f"{ACTIONS}/permissions", administration="read")
def get_actions_permissions(call: ApiCall) -> Response:
    return JSONResponse({"enabled": call.backend.runs.enabled, "allowed_actions": "all"})


@operation("PUT", f"{WORKFLOWS}/{{workflow_id}}/disable", actions="write")
def disable_workflow(call: ApiCall) -> Response:
    call.repository.disabled.add(workflow_at(call, call.repository.default_branch).path)
    return Response(status_code=204)


@operation("GET", SECRETS, secrets="read")
def list_secrets(call: ApiCall) -> Response:
    listed = [{"name": name, **_times(call)} for name in call.repository.secrets]
    return JSONResponse({"total_count": len(listed), "secrets": listed})


@operation("GET", f"{SECRETS}/public-key", secrets="read")
def get_public_key(_: ApiCall) -> Response:
    key = base64.b64encode(bytes(KEY.public_key)).decode()
    return JSONResponse({"key_id": KEY_ID, "key": key})


@operation("PUT", f"{SECRETS}/{{secret_name}}", secrets="write")
def put_secret(call: ApiCall) -> Response:
    wanted, name = call.json(), call.argument("secret_name")
    is_new = name not in call.repository.secrets
    try:
        if wanted["key_id"] != KEY_ID:
            raise ValueError
        sealed = base64.b64decode(wanted["encrypted_value"])
        call.repository.secrets[name] = SealedBox(KEY).decrypt(sealed).decode()
    except (KeyError, TypeError, ValueError, binascii.Error, CryptoError):
        raise Problem(422, "Bad Request") from None
    return JSONResponse({}, 201) if is_new else Response(status_code=204)


@operation("GET", VARIABLES, actions_variables="read")
def list_variables(call: ApiCall) -> Response:
    kept = call.repository.variables
    listed = [{"name": name, "value": value, **_times(call)} for name, value in kept.items()]
    return JSONResponse({"total_count": len(listed), "variables": listed})


@operation("POST", VARIABLES, actions_variables="write")
def create_variable(call: ApiCall) -> Response:
    wanted = call.json()
    if wanted.get("name") in call.repository.variables:
        raise Problem(409, "Variable already exists")
    call.repository.variables[str(wanted["name"])] = str(wanted["value"])
    return JSONResponse({}, 201)


@operation("PATCH", f"{VARIABLES}/{{name}}", actions_variables="write")
def update_variable(call: ApiCall) -> Response:
    name = call.argument("name")
    if name not in call.repository.variables:
        raise not_found()
    call.repository.variables[name] = str(call.json()["value"])
    return Response(status_code=204)


def _times(call: ApiCall) -> Json:
    return dict.fromkeys(("created_at", "updated_at"), moment(call.repository.created_at))


@operation("DELETE", REPOSITORY, administration="write")
def delete_repository(call: ApiCall) -> Response:
    call.store.forget(call.repository)
    return Response(status_code=204)


@operation("GET", "/rate_limit", public=True)
def get_rate_limit(call: ApiCall) -> Response:
    reset = int(call.store.clock()) + HOUR
    rate: Any = {"limit": CALLS_AN_HOUR, "used": 1, "remaining": CALLS_AN_HOUR - 1, "reset": reset}
    return JSONResponse({"resources": {"core": rate, "search": rate}, "rate": rate})


@operation("GET", "/users/{username}", public=True)
def get_account(call: ApiCall) -> Response:
    account = call.store.account(call.argument("username"))
    return JSONResponse(private_user(account, call.at))


@operation("GET", "/orgs/{org}", public=True)
def get_organization(call: ApiCall) -> Response:
    account = call.store.account(call.argument("org"))
    if account.type != "Organization":
        raise not_found()
    known = {name: value for name, value in private_user(account, call.at).items() if value}
    return JSONResponse(known | call.at.shape("organization", account))
