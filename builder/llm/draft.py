"""A reply as it is being written, in one answer or in several where the output limit cuts it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from builder.llm.calls import Completion
from builder.llm.continuation import join
from builder.llm.messages import Message, Reply, spoken

CONTINUATIONS = 2
"""Times that a model is asked to go on with a reply that was cut."""

GO_ON = (
    "Your reply was cut off at the output limit. Go on from exactly where it stopped: the first "
    "character you write is put directly behind the last one above. Repeat nothing, open no code "
    "fence or file block again, add no remark."
)


@dataclass
class Draft:
    """What `model` has written in answer to `messages`."""

    messages: Sequence[Message]
    model: str
    begun_at: datetime
    text: str = ""
    parts: list[Completion] = field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is to be asked for."""
        return bool(self.parts) and (not self.parts[-1].is_cut or len(self.parts) > CONTINUATIONS)

    def add(self, part: Completion) -> None:
        """Put an answer behind what stands."""
        self.text = join(self.text, part.text) if self.text else part.text
        self.parts.append(part)

    def next_messages(self) -> list[Message]:
        """Return what to say to the model next."""
        if not self.text:
            return list(self.messages)
        return [*self.messages, Message("assistant", self.text), Message("user", GO_ON)]

    def reply(self, now: datetime) -> Reply:
        """Return it as it stands."""
        return Reply(
            text=spoken(self.text),
            model=self.model,
            seconds=(now - self.begun_at).total_seconds(),
            tokens_in=_sum(part.tokens_in for part in self.parts),
            tokens_out=_sum(part.tokens_out for part in self.parts),
            complete=not self.parts[-1].is_cut,
        )


def _sum(counts: Iterable[int | None]) -> int | None:
    """Add up; a part that is not counted makes the sum unknown."""
    known = list(counts)
    return None if None in known else sum(count for count in known if count is not None)
