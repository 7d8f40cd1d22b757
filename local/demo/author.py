"""Who makes the demo's site: the user's own model, recorded replies of one, or the fallback."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.evaluator import requests as wire
from local.model import READER, TESTER, ScriptedModel
from local.script import Answer
from local.server import serve

OWN = (
    *("MODELS", "READER_MODELS", "OPENAI_BASE_URL", "FALLBACK_MODELS", "FALLBACK_BASE_URL"),
    *("MODEL_MAX_TOKENS", "MODEL_TEMPERATURE", "MODEL_VISION", "REPAIRS"),
)
OWN_KEYS = ("OPENAI_API_KEY", "FALLBACK_API_KEY")


@dataclass(frozen=True)
class SiteAuthor:
    """The model settings for the workflow repository, and their description for the user."""

    described: str
    is_model: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


ASK_ONE = "set MODELS and OPENAI_API_KEY to ask one"
NO_AUTHOR = SiteAuthor(f"the fallback, since no model is set: {ASK_ONE}", is_model=False)


@contextmanager
def author(
    environ: Mapping[str, str], requests: Sequence[Path], replies: Path
) -> Iterator[SiteAuthor]:
    """Use the model that the environment names, else replies recorded for these requests."""
    if environ.get("MODELS"):
        variables, secrets = (
            {name: environ[name] for name in names if environ.get(name)}
            for names in (OWN, OWN_KEYS)
        )
        yield SiteAuthor(f"the model {environ['MODELS']}", True, variables, secrets)
    elif requests and all((replies / f"{request.stem}.md").exists() for request in requests):
        # Prompts of a later round also contain the briefs of earlier ones.
        newest_first = reversed(requests)
        answers = [answer for request in newest_first for answer in recorded(request, replies)]
        with serve(ScriptedModel(*answers, reading=None, scenarios=None)) as url:
            described = f"a recorded reply of a model; {ASK_ONE}"
            variables = {"MODELS": "recorded", "OPENAI_BASE_URL": f"{url}/v1"}
            secrets = {"OPENAI_API_KEY": "recorded-replies-need-no-key"}
            yield SiteAuthor(described, True, variables, secrets)
    else:
        yield NO_AUTHOR


def recorded(file: Path, replies: Path) -> Iterator[Answer]:
    """Yield the recorded answers of a round: reading, scenarios, app.

    The prompts differ in how they begin, see templates/prompts.
    """
    brief = re.escape(wire.read(file, "http://localhost/").brief)
    name = f"{file.stem}.md"
    reading = _text(replies / "readings" / name, '{"requirements": [], "changes": []}')
    scenarios = _text(replies / "scenarios" / name, '{"scenarios": []}')
    yield Answer(reading, match=rf"\A{READER}.*# The brief.*{brief}")
    yield Answer(scenarios, match=rf"\A{TESTER}.*# The request.*{brief}")
    yield Answer(_text(replies / name, ""), match=rf"\AYou build.*# The brief.*{brief}")


def _text(file: Path, otherwise: str) -> str:
    return file.read_text("utf-8") if file.exists() else otherwise
