"""What is to hold of a delivery, whatever went wrong before it."""

from builder.request import Request
from tests.faults.arena import SECRETS, Arena


def assert_delivered(
    arena: Arena, request: Request, *, after: int = 0, is_newest: bool = True
) -> None:
    """One commit was made, it is reported each time, and (the newest one) is what Pages serves.

    `after` is how many answers came before the delivery.
    """
    answers = arena.answers(request)[after:]
    assert answers
    assert not [entry.reason for entry in answers if entry.reason]
    body = answers[0].body
    assert body["status"] == "success"
    assert all(entry.body == body for entry in answers)
    published = arena.published(request)
    assert published is not None
    assert published.commits_of(request) == 1
    assert published.commit_of(request) == body["commit_sha"]
    assert not [secret for secret in SECRETS if secret in published.history]
    if is_newest:
        assert published.head == body["commit_sha"]
        for path, content in published.files.items():
            if not path.startswith("."):
                assert arena.served(body["pages_url"], path) == content, path
