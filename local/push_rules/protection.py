"""Push protection: credentials by their well-known shapes, and the notice GH013."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from local.push_rules.commits import Added, RefUpdate, added

KEY_ID = re.compile(r"\bAKIA[0-9A-Z]{16}\b")
KEY = re.compile(r"(?<![\w/+])(?![0-9a-f]{40}(?![\w/+]))[A-Za-z0-9/+]{40}(?![\w/+])")
"""A secret access key: 40 characters of base64, and no commit id."""
PATTERNS = {
    # Names and shapes as "Supported secret scanning patterns" of GitHub's docs lists them.
    "Anthropic API Key": re.compile(r"\bsk-ant-api\d\d-[\w-]{93}AA\b"),
    "GitHub Personal Access Token": re.compile(
        r"\b(?:ghp_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"
    ),
    "GitHub App Installation Access Token": re.compile(r"\bghs_[A-Za-z0-9]{36}\b"),
    "OpenAI API Key": re.compile(
        r"\bsk-(?:proj-|svcacct-)?[\w-]{20,74}T3BlbkFJ[\w-]{20,74}(?![\w-])"
    ),
    "npm Access Token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "SendGrid API Key": re.compile(r"\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
    "Slack API Token": re.compile(r"\bxox[bp]-(?:\d{10,13}-){2,3}[A-Za-z0-9]{24,34}\b"),
    "Stripe API Key": re.compile(r"\bsk_live_[A-Za-z0-9]{24,247}\b"),
}
HEADING = 74
"""Characters of a finding's heading."""


class Exposed(NamedTuple):
    """A credential that a commit adds; its text is kept nowhere."""

    kind: str
    commit: str
    path: str
    line: int


def exposed(command: RefUpdate) -> list[Exposed]:
    """Return what the new commits expose."""
    return [found for change in added(command) for found in _in_file(change)]


def _in_file(change: Added) -> Iterator[Exposed]:
    for kind, pattern in (*PATTERNS.items(), *_key_pair(change)):
        for number, text in change.lines:
            if pattern.search(text):
                yield Exposed(kind, change.commit, change.path, number)


def _key_pair(change: Added) -> list[tuple[str, "re.Pattern[str]"]]:
    """AWS credentials count where both halves stand in one file."""
    texts = [text for _, text in change.lines]
    if not all(any(half.search(text) for text in texts) for half in (KEY_ID, KEY)):
        return []
    return [("Amazon AWS Access Key ID", KEY_ID), ("Amazon AWS Secret Access Key", KEY)]


NOTICE = """\
error: GH013: Repository rule violations found for {ref}.

- GITHUB PUSH PROTECTION
  {line}
    Resolve the following violations before pushing again

    - Push cannot contain secrets


     (?) Learn how to resolve a blocked push
     https://docs.github.com/code-security/secret-scanning/working-with-secret-scanning-and-push-protection


"""
FINDING = """\
      {heading}
       locations:
{places}

       (?) To push, remove secret from commit(s) or follow this URL to allow the secret.
       {unblock}

"""
PLACE = "         - commit: {0.commit}\n           path: {0.path}:{0.line}"


def notice(ref: str, found: Sequence[Exposed], unblock: str) -> str:
    """Lay out GH013 as git shows it on a terminal, less the `remote:` in front."""
    text = NOTICE.format(ref=ref, line="—" * 41)
    for kind in dict.fromkeys(item.kind for item in found):
        heading = f"—— {kind} ".ljust(HEADING, "—")
        places = "\n".join(PLACE.format(item) for item in found if item.kind == kind)
        text += FINDING.format(heading=heading, places=places, unblock=unblock)
    return text
