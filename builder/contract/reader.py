"""Asking a model to read a request: the prompt, the answer, one retry with what was wrong."""

from collections.abc import Callable, Iterator, Sequence
from mimetypes import guess_type

from builder.contract.reading import Reading
from builder.errors import NoModelAnswered
from builder.llm.messages import Message, Reply
from builder.ports import Render
from builder.request import Request
from builder.rounds import Round

Ask = Callable[[Sequence[Message], float], Reply]
"""Takes the messages and the seconds that the answer may take. Raises NoModelAnswered."""
MIN_SECONDS = 5.0
"""Least time left to ask a second time."""
_MAX_TOLD = 20
"""Mistakes that a retry is told."""


def read_request(
    request: Request, rounds: Sequence[Round], ask: Ask, budget: float, render: Render
) -> Reading | None:
    """Return what a model reads in the request of this round, within `budget` seconds.

    A reading that is stored with the same request is returned without asking. None where no model
    answered or no answer was of use. Raises InvalidAttachment.
    """
    return stored_reading(request, rounds) or _asked(request, rounds, ask, budget, render)


def stored_reading(request: Request, rounds: Sequence[Round]) -> Reading | None:
    """Return the reading that an earlier run of the same round stored. Raises InvalidAttachment."""
    this = Round.of(request)
    same = (past.reading for past in rounds if past.asks_the_same_as(this))
    return next(filter(None, same), None)


def messages(request: Request, rounds: Sequence[Round], render: Render) -> tuple[Message, ...]:
    """Return the messages that ask for a reading. Raises InvalidAttachment."""
    earlier = [past for past in rounds if past.round < request.round]
    text = render(
        "prompts/reading.md.j2",
        request=request,
        attachments=list(_attachments(request)),
        earlier=earlier,
    )
    return Message("system", render("prompts/reading_system.md.j2")), Message("user", text)


def _attachments(request: Request) -> Iterator[dict[str, object]]:
    for attachment in request.attachments:
        media_type = guess_type(attachment.name)[0] or attachment.media_type
        yield {
            "name": attachment.name,
            "media_type": media_type,
            "size": len(attachment.decode()),
        }


def _asked(
    request: Request, rounds: Sequence[Round], ask: Ask, budget: float, render: Render
) -> Reading | None:
    told = messages(request, rounds, render)
    texts = [request.brief, *(one.source for one in request.checks if not one.is_javascript)]
    reading: Reading | None = None
    for _ in range(2):
        try:
            reply = ask(told, budget)
        except NoModelAnswered:
            break
        newer, wrong = Reading.parse(reply.text, texts)
        reading = newer or reading
        budget -= reply.seconds
        if not wrong or budget < MIN_SECONDS:
            break
        mistakes = render("prompts/reading_retry.md.j2", mistakes=wrong[:_MAX_TOLD])
        told = (*told, Message("assistant", reply.text), Message("user", mistakes))
    return reading
