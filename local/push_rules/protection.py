"""Push protection: credentials by their well-known shapes, and the notice GH013."""

import re
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

PATTERNS = {
    # Names and shapes as "Supported secret scanning patterns" of GitHub's docs lists them.
    "GitHub Personal Access Token": re.compile(
        r"\b(?:ghp_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"
    ),
    "OpenAI API Key": re.compile(
        r"\bsk-(?:proj-|svcacct-)?[\w-]{20,74}T3BlbkFJ[\w-]{20,74}(?![\w-])"
    ),
    "npm Access Token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "Stripe API Key": re.compile(r"\bsk_live_[A-Za-z0-9]{24,247}\b"),
}
CHECKED = re.compile(r"\bghp_(?P<drawn>[A-Za-z0-9]{30})(?P<check>[A-Za-z0-9]{6})\b")
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HEADING = 74
"""Characters of a finding's heading."""


class Exposed(NamedTuple):
    """A credential that a commit adds; its text is kept nowhere."""

    kind: str
    commit: str
    path: str
    line: int


def exposed_in(text: str, commit: str, path: str) -> Iterator[Exposed]:
    """Yield what a file of a commit exposes."""
    for kind, pattern in PATTERNS.items():
        for number, line in enumerate(text.split("\n"), start=1):
            if any(is_genuine(match[0]) for match in pattern.finditer(line)):
                yield Exposed(kind, commit, path, number)


def is_genuine(found: str) -> bool:
    """Whether the checksum of a classic token is right; other credentials have none that is known.

    "Behind GitHub's new authentication token formats" on GitHub's blog: made-up ones do not match.
    """
    parts = CHECKED.fullmatch(found)
    return parts is None or parts["check"] == checksum(parts["drawn"])


def checksum(drawn: str) -> str:
    """Return the end of a classic token: CRC32 of the rest, in base 62."""
    number, digits = zlib.crc32(drawn.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


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
