"""Runs inside of the sandbox: fetches the addresses in `addresses.json` beside the site.

Writes for each the answer's bytes to `N.body` and what is known of it to `N.json`. All of them are
asked at once; one that is not finished in time is left.
"""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

MAX_BYTES = 5 * 1024 * 1024
SECONDS = 10.0


def main() -> None:
    """Fetch all of them."""
    urls = json.loads(Path("../inputs/addresses.json").read_text())
    threads = [
        threading.Thread(target=fetch, args=(number, url), daemon=True)
        for number, url in enumerate(urls)
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + SECONDS
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    os._exit(0)  # not waiting for those that stall


def fetch(number: int, url: str) -> None:
    """Fetch one, and write what came."""
    outcome: dict[str, object] = {}
    try:
        headers = {"User-Agent": os.environ["USER_AGENT"], "Accept": "*/*"}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http and https
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            content = answer.read(MAX_BYTES + 1)
            outcome = {
                "status": answer.status,
                "media_type": answer.headers.get_content_type(),
                "charset": answer.headers.get_content_charset(),
            }
        if len(content) > MAX_BYTES:
            outcome["error"] = f"it is larger than {MAX_BYTES:,} bytes"
        else:
            Path(f"{number}.body").write_bytes(content)
    except urllib.error.HTTPError as error:
        outcome["status"] = error.code
    except Exception as error:  # noqa: BLE001 - whatever an address leads to is reported
        outcome["error"] = f"{type(error).__name__}: {getattr(error, 'reason', error)}"[:200]
    draft = Path(f"{number}.draft")
    draft.write_text(json.dumps(outcome))
    draft.rename(f"{number}.json")


if __name__ == "__main__":
    main()
