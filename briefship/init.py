"""`init`: a workflow repository from this checkout, with tokens, models and a receiver's `.env`."""

import os
import secrets
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from getpass import getpass
from pathlib import Path
from urllib.parse import urlencode

from briefship.context import Context
from briefship.doctor.examination import doctor
from briefship.workflow_repository import WorkflowRepository
from builder.errors import SettingsError

SECRETS = ("BUILDER_TOKEN", "OPENAI_API_KEY", "FALLBACK_API_KEY")
VARIABLES = (
    *("MODELS", "OPENAI_BASE_URL", "READER_MODELS", "FALLBACK_MODELS", "FALLBACK_BASE_URL"),
    *("MODEL_VISION", "MODEL_TEMPERATURE", "MODEL_MAX_TOKENS", "BUILDER_OWNER", "REPOSITORY_NAME"),
    "HISTORY",
)
"""What is stored in the workflow repository, where the environment has it."""
KEPT = ("DISPATCH_REPOSITORY", "DISPATCH_TOKEN", "TASK_SECRET")
"""What the receiver needs, in `.env`."""

QUESTIONS = {
    "DISPATCH_REPOSITORY": "The workflow repository to make, owner/name",
    "MODELS": "Models in order of preference, with commas (none: fallback pages alone)",
    "OPENAI_BASE_URL": "Base URL of their server",
    "OPENAI_API_KEY": "Its key (not shown)",
}
Ask = Callable[[str, bool], str]
"""Takes a question and whether the answer is hidden."""


def _at_terminal(question: str, hidden: bool) -> str:
    return (getpass if hidden else input)(f"{question}: ").strip()


@dataclass(frozen=True)
class Token:
    """A fine-grained token that somebody has to make: GitHub gives none by its API."""

    variable: str
    purpose: str
    repositories: str
    permissions: tuple[str, ...]
    """With write, as the form's address spells them."""

    def instructions(self, owner: str) -> str:
        """Return where to make it and with what; the address fills in the form."""
        fields = {"name": f"briefship {self.purpose}"[:40], "target_name": owner}
        fields |= dict.fromkeys(self.permissions, "write")
        names = [name.removeprefix("actions_").capitalize() for name in self.permissions]
        return (
            f"{self.variable} ({self.purpose}): a fine-grained token for {self.repositories}\n"
            f"  with {', '.join(names)}: read and write. Make it at\n"
            f"  https://github.com/settings/personal-access-tokens/new?{urlencode(fields)}"
        )


OPERATOR = Token(
    "GH_TOKEN",
    "your own",
    "all repositories of {owner}",
    ("administration", "contents", "workflows", "secrets", "actions_variables", "actions"),
)
BUILDER = Token(
    "BUILDER_TOKEN",
    "makes the apps",
    "all repositories of {apps}",
    ("administration", "contents", "pages"),
)
DISPATCH = Token(
    "DISPATCH_TOKEN", "the receiver's", "only the repository {repository}", ("contents",)
)


def init(options: Namespace, context: Context, ask: Ask | None = None) -> int:
    """Set everything up, then have the doctor look; it may be run again and again."""
    ask = ask or (_at_terminal if sys.stdin.isatty() and not options.no_input else None)
    environ = _chosen(options, context.environ, ask)
    for token in (OPERATOR, BUILDER):
        environ = _with_token(token, environ, context.say, ask)
    context = replace(context, environ=environ)
    settings, repository = context.settings, environ["DISPATCH_REPOSITORY"]
    made = WorkflowRepository(context.github, repository)
    is_new = made.create(private=not options.public)
    context.say(f"{'created' if is_new else 'found'}    {settings.github_server_url}/{repository}")
    made.push(context.folder, settings.github_server_url, settings.gh_token, environ)
    context.say("pushed     what is committed here, to main")
    made.set_secrets(_among(SECRETS, environ))
    made.set_variables(_among(VARIABLES, environ))
    stored = (*_among(SECRETS, environ), *_among(VARIABLES, environ))
    context.say(f"stored     {', '.join(stored)}")
    try:
        environ = _with_token(DISPATCH, environ, context.say, ask)
    except SettingsError as missing:
        context.say(f"later      {missing}. {missing.fix}")
    _keep(context.folder / ".env", _among(KEPT, environ))
    context.say("kept       the receiver's settings in .env; start it with briefship serve")
    return doctor(options, replace(context, environ=environ))


def _chosen(options: Namespace, environ: Mapping[str, str], ask: Ask | None) -> dict[str, str]:
    """Return the environment with what the command line or an answer says.

    Raises SettingsError.
    """
    flags = {
        "DISPATCH_REPOSITORY": options.repository,
        "BUILDER_OWNER": options.owner,
        "MODELS": options.models,
        "OPENAI_BASE_URL": options.base_url,
    }
    chosen = dict(environ) | {name: value for name, value in flags.items() if value}
    for name, question in QUESTIONS.items():
        is_due = "OPENAI" not in name or chosen.get("MODELS")
        if ask and is_due and not chosen.get(name):
            chosen[name] = ask(question, name.endswith("KEY"))
    if chosen.get("DISPATCH_REPOSITORY", "").count("/") != 1:
        fix = "Give --repository owner/name: it is created where it is not there."
        raise SettingsError("which repository to make is not said", names=(), fix=fix)
    return {"TASK_SECRET": secrets.token_urlsafe(24)} | chosen


def _with_token(
    token: Token, environ: Mapping[str, str], say: Callable[[str], None], ask: Ask | None
) -> dict[str, str]:
    """Return the environment with the token, which is asked for. Raises SettingsError."""
    if environ.get(token.variable):
        return dict(environ)
    repository = environ["DISPATCH_REPOSITORY"]
    owner = repository.partition("/")[0]
    apps = environ.get("BUILDER_OWNER") or owner
    where = token.repositories.format(owner=owner, apps=apps, repository=repository)
    say(replace(token, repositories=where).instructions(apps if token is BUILDER else owner))
    given = ask(f"{token.variable} (not shown)", True) if ask else ""
    if not given:
        fix = f"Set {token.variable} in the environment or in .env, then briefship init again."
        raise SettingsError(f"{token.variable} is not set", names=[token.variable], fix=fix)
    return {**environ, token.variable: given}


def _among(names: tuple[str, ...], environ: Mapping[str, str]) -> dict[str, str]:
    return {name: environ[name] for name in names if environ.get(name)}


def _keep(file: Path, wanted: Mapping[str, str]) -> None:
    """Write settings into `.env`, for its owner only; other lines stay as they are."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    kept = [line for line in lines if line.partition("=")[0].strip() not in wanted]
    text = "\n".join([*kept, *(f"{name}={value}" for name, value in wanted.items())])
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(f"{text}\n")
    file.chmod(0o600)
