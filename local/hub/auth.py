"""Who calls, and what the token opens."""

import base64
import binascii
from collections.abc import Mapping

from local.hub.problems import bad_credentials
from local.hub.records import Repository, Token
from local.hub.store import Store

RANK = {"read": 1, "write": 2}


def token_text(authorization: str | None) -> str | None:
    """Return the token of an Authorization header: Bearer, token, or the password of Basic."""
    scheme, _, value = (authorization or "").partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            return value.strip() or None
        case "basic":
            return _password(value)
    return None


def _password(value: str) -> str | None:
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded.partition(":")[2] or None


def authenticate(store: Store, authorization: str | None) -> Token | None:
    """Return the token of a header, None without one. Raises Problem (401) for an unknown one."""
    if not authorization:
        return None
    text = token_text(authorization)
    token = store.token(text) if text else None
    if token is None:
        raise bad_credentials()
    return token


def covers(token: Token | None, repository: Repository) -> bool:
    """Whether the repository is among those that the token was given for."""
    if token is None or token.owner.lower() != repository.owner.lower():
        return False
    if token.repositories is None:
        return True
    return repository.full_name.lower() in {name.lower() for name in token.repositories}


def sees(token: Token | None, repository: Repository) -> bool:
    return not repository.private or covers(token, repository)


def permits(token: Token, needs: Mapping[str, str]) -> bool:
    """Whether the token has every permission of `needs`; write includes read."""
    return all(
        RANK.get(token.permissions.get(name, ""), 0) >= RANK[level] for name, level in needs.items()
    )
