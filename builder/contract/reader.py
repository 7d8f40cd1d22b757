"""Asks a model to read a request: the prompt, the answer, one retry with its mistakes."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from builder.contract.reading import Reading
from builder.errors import NoModelAnswered
from builder.llm.messages import Ask, Message
from builder.rendering import render
from builder.request import Request
from builder.rounds import Round

MIN_SECONDS = 5.0
"""Minimum time left to ask a second time."""
_MAX_TOLD = 20
"""Mistakes that a retry is shown."""

T = TypeVar("T")


def read_request(
    request: Request, rounds: Sequence[Round], ask: Ask, budget: float
) -> Reading | None:
    """Return what a model reads in the request of this round, within `budget` seconds.

    A reading that an earlier run of the same round stored is returned without asking. None if no
    model answered, or no answer was usable. Raises InvalidAttachment.
    """
    this = Round.of(request)
    same = (past.reading for past in rounds if past.asks_the_same_as(this))
    texts = [request.brief, *(one.source for one in request.checks if not one.is_javascript)]
    return next(filter(None, same), None) or answer(
        ask, messages(request, rounds), budget, lambda reply: Reading.parse(reply, texts)
    )


def messages(request: Request, rounds: Sequence[Round]) -> tuple[Message, ...]:
    """Return the messages that ask for a reading. Raises InvalidAttachment."""
    earlier = [past for past in rounds if past.round < request.round]
    sizes = {one.name: len(one.decode()) for one in request.attachments}
    text = render("prompts/reading.md.j2", request=request, sizes=sizes, earlier=earlier)
    return Message("system", render("prompts/reading_system.md.j2")), Message("user", text)


def answer(
    ask: Ask,
    messages: Sequence[Message],
    budget: float,
    parse: Callable[[str], tuple[T | None, Sequence[str]]],
) -> T | None:
    """Return what `parse` makes of a model's answer; if it finds mistakes, of a second one.

    None if no model answered, or neither answer was usable.
    """
    value: T | None = None
    for _ in range(2):
        try:
            reply = ask(messages, budget)
        except NoModelAnswered:
            break
        newer, wrong = parse(reply.text)
        value = value if newer is None else newer
        budget -= reply.seconds
        if not wrong or budget < MIN_SECONDS:
            break
        mistakes = render("prompts/retry.md.j2", mistakes=wrong[:_MAX_TOLD])
        messages = (*messages, Message("assistant", reply.text), Message("user", mistakes))
    return value
