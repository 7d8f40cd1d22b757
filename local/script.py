"""What the scripted model is to answer: replies and faults, from files or from a test.

A folder holds one answer a file, `NN-*.md`, taken in the order of the names. A file may begin with
lines of the form `name: value`, ended by an empty one, where each name is a field of `Answer` with
dashes (`match: sum of sales`, `status: 429`, `retry-after: 1`); what follows is the reply, word for
word. A file whose first line is no such line is the reply as a whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints


@dataclass(frozen=True)
class Answer:
    """One reply, or one fault; times in seconds, sizes in characters."""

    text: str = ""
    match: str = ""
    """A regular expression that the prompt must hold, over lines and without regard to case."""
    status: int = 200
    code: str = ""
    message: str = ""
    retry_after: str = ""
    """The header Retry-After, in seconds or as a date."""
    delay: float = 0.0
    """Before the headers."""
    silence: float = 0.0
    """Between the headers and the first token; `inf` is for ever."""
    comments: float = 0.0
    """SSE comments at this interval during the silence."""
    chunk: int = 200
    pause: float = 0.0
    """Before each chunk."""
    thoughts: str = ""
    """Sent first, as `reasoning_content`."""
    endless: str = ""
    """Sent behind the text again and again, with `{n}` counted up, as far as the limit allows."""
    stall_after: int | None = None
    cut_after: int | None = None
    fail_after: int | None = None
    """An error event in the stream."""
    truncate_after: int | None = None
    """End with finish_reason length, and go on from there when asked, again by so many."""
    goes_on: bool = True
    """False: a conversation that asks to go on gets the next answer instead."""
    overlap: int = 0
    """What goes on repeats so many characters that stand."""
    refuses: tuple[str, ...] = ()
    """Parameters that are answered by a 400; the answer stays to be given."""
    ignores: tuple[str, ...] = ()
    """Names of the output limit that have no effect."""
    largest: int | None = None
    """Tokens; a higher limit is answered by a 400."""
    affords: int | None = None
    """Tokens; a higher limit, or none, is answered by a 402."""
    garbage: str = ""
    """Sent as the body, in place of a chat completion."""
    streams: bool = True
    """False: a whole JSON answer although a stream is asked for."""
    refusal: str = ""
    counts: bool = True
    """Whether tokens are told."""


@dataclass
class Script:
    """Answers, each given once in its order; the last one that fits is given again and again."""

    answers: Sequence[Answer]
    _given: set[int] = field(default_factory=set)

    def fitting(self, prompt: str) -> int | None:
        """Return the number of the answer to give: the first that fits and was not given."""
        fits = [
            number
            for number, answer in enumerate(self.answers)
            if re.search(answer.match, prompt, re.I | re.S)
        ]
        fresh = [number for number in fits if number not in self._given]
        return fresh[0] if fresh else (fits[-1] if fits else None)

    def give(self, number: int) -> Answer:
        """Note that this answer is given now."""
        self._given.add(number)
        return self.answers[number]

    def going_on(self, so_far: str) -> tuple[Answer, str] | None:
        """Return a cut answer that begins with `so_far`, and what of it comes next."""
        for answer in self.answers:
            is_cut = answer.truncate_after is not None and answer.goes_on
            if is_cut and so_far and answer.text.startswith(so_far):
                return answer, answer.text[max(0, len(so_far) - answer.overlap) :]
        return None


def read_folder(folder: Path) -> list[Answer]:
    """Read the answers of a folder. Raises ValueError that names a header which is none."""
    return [parse(path.read_text("utf-8")) for path in sorted(folder.glob("[0-9]*.md"))]


_HEADER = re.compile(r"([a-z][a-z-]*): (.*)")
_NAMES = {item.name.replace("_", "-"): item.name for item in fields(Answer)}


def parse(text: str) -> Answer:
    """Read one file. Raises ValueError."""
    head, _, body = text.partition("\n\n")
    found = [_HEADER.fullmatch(line) for line in head.split("\n")]
    if found[0] is None or found[0][1] not in _NAMES:
        return Answer(text)
    values: dict[str, Any] = {"text": body}
    for line, header in zip(head.split("\n"), found, strict=True):
        if header is None or header[1] not in _NAMES:
            raise ValueError(f"no header of an answer: {line!r}")
        try:
            values[_NAMES[header[1]]] = _value(_NAMES[header[1]], header[2])
        except (KeyError, ValueError):
            raise ValueError(f"no value of this header: {line!r}") from None
    return Answer(**values)


_TYPES = get_type_hints(Answer)
_SWITCH = {"true": True, "false": False}


def _value(name: str, text: str) -> Any:
    kind = _TYPES[name]
    if kind is bool:
        return _SWITCH[text]
    if kind == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(","))
    if kind == int | None:
        return int(text)
    return kind(text)
