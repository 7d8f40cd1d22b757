"""The environment of git: without the user's configuration, and the only place for the token."""

import base64
from collections.abc import Mapping
from math import ceil

AUTHOR = {"NAME": "briefship", "EMAIL": "briefship@users.noreply.github.com"}
PASSED_ON = (
    *("PATH", "TMPDIR", "LANG", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
)


def git_environ(
    environ: Mapping[str, str], server_url: str, token: str | None, stall_seconds: float
) -> dict[str, str]:
    """Return the variables for git, which sends the token, if any, only to `server_url`."""
    made = {
        **{name: environ[name] for name in PASSED_ON if name in environ},
        **{f"GIT_AUTHOR_{key}": value for key, value in AUTHOR.items()},
        **{f"GIT_COMMITTER_{key}": value for key, value in AUTHOR.items()},
        "GIT_TERMINAL_PROMPT": "0",
        # A transfer that stays below one byte a second for this long is given up.
        "GIT_HTTP_LOW_SPEED_LIMIT": "1",
        "GIT_HTTP_LOW_SPEED_TIME": str(ceil(stall_seconds)),
        # The same result on every machine, whatever its user has configured.
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    if token is not None:
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        made |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{server_url}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        }
    return made
