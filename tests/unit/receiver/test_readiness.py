"""receiver.dispatch, what is remembered of a check"""

import asyncio

import pytest

from builder.errors import GitHubRefused, GitHubUnreachable
from receiver.dispatch import KEPT_SECONDS, Readiness
from tests.receiver_parts import DispatcherInMemory


def test_readiness__asks_again_after_a_while() -> None:
    """An outcome is kept for its time, good or bad."""
    seconds, kept = [0.0], DispatcherInMemory()

    async def story() -> None:
        readiness = Readiness(kept.check, lambda: seconds[0])
        await readiness.confirm()
        kept.error = GitHubUnreachable("GitHub gave no answer")
        seconds[0] = KEPT_SECONDS - 1
        await readiness.confirm()
        seconds[0] = KEPT_SECONDS
        for _ in range(2):
            with pytest.raises(GitHubUnreachable):
                await readiness.confirm()
        kept.error = None
        seconds[0] = KEPT_SECONDS * 2
        await readiness.confirm()

    asyncio.run(story())
    assert kept.checks == 3


def test_readiness__one_call_for_many_askers() -> None:
    """Those who ask at the same time share one call."""
    kept = DispatcherInMemory()

    async def story() -> None:
        readiness = Readiness(kept.check, lambda: 0.0)
        await asyncio.gather(*(readiness.confirm() for _ in range(50)))

    asyncio.run(story())
    assert kept.checks == 1


def test_readiness__a_kept_error_does_not_grow() -> None:
    """Raising the same error often does not pile up its traceback."""
    kept = DispatcherInMemory(error=GitHubRefused("GitHub answered 404", status=404))

    async def story() -> int:
        readiness = Readiness(kept.check, lambda: 0.0)
        for _ in range(50):
            with pytest.raises(GitHubRefused) as caught:
                await readiness.confirm()
        return len(caught.traceback)

    assert asyncio.run(story()) < 10
