"""What the scripted model answers: replies and faults."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One reply, or one fault; times in seconds, sizes in characters."""

    text: str = ""
    match: str = ""
    """A regular expression that must match in the prompt, across lines and ignoring case."""
    status: int = 200
    code: str = ""
    message: str = ""
    retry_after: str = ""
    """The header Retry-After, in seconds or as a date."""
    delay: float = 0.0
    """Before the headers."""
    silence: float = 0.0
    """Between the headers and the first token; `inf` means forever."""
    comments: float = 0.0
    """SSE comments at this interval during the silence."""
    chunk: int = 200
    pause: float = 0.0
    """Before each chunk."""
    thoughts: str = ""
    """Sent first, as `reasoning_content`."""
    endless: str = ""
    """Sent repeatedly after the text, with `{n}` counted up, as far as the limit allows."""
    stall_after: int | None = None
    cut_after: int | None = None
    fail_after: int | None = None
    """An error event in the stream."""
    truncate_after: int | None = None
    """End with finish_reason length, and continue from there when asked, by as many again."""
    overlap: int = 0
    """How many characters a continuation repeats."""
    refuses: tuple[str, ...] = ()
    """Parameters that are refused with a 400; the answer remains to be given."""
    ignores: tuple[str, ...] = ()
    """Names of the output limit that have no effect."""
    affords: int | None = None
    """Tokens; a higher limit, or none, is refused with a 402."""
    garbage: str = ""
    """Sent as the body instead of a chat completion."""
    streams: bool = True
    """False: a whole JSON answer although a stream is asked for."""
    refusal: str = ""


class Script:
    """Answers, each given once in order; the last one that fits is repeated."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = answers
        self._fresh = list(answers)

    def fitting(self, prompt: str) -> Answer | None:
        """Return the first answer that fits and was not given yet, else the last that fits."""
        fresh, fits = (
            [answer for answer in answers if re.search(answer.match, prompt, re.I | re.S)]
            for answers in (self._fresh, self._answers)
        )
        return next(iter(fresh or fits[-1:]), None)

    def note_given(self, answer: Answer) -> None:
        if answer in self._fresh:
            self._fresh.remove(answer)

    def going_on(self, so_far: str) -> tuple[Answer, str] | None:
        """Return a cut answer that begins with `so_far`, and the text that continues it."""
        for answer in self._answers:
            is_cut = answer.truncate_after is not None
            if is_cut and so_far and answer.text.startswith(so_far):
                return answer, answer.text[max(0, len(so_far) - answer.overlap) :]
        return None
