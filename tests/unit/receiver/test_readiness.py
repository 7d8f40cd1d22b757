"""receiver.dispatch, what is remembered of a check"""

import asyncio

import pytest

from builder.errors import GitHubUnreachable
from receiver.dispatch import KEPT_SECONDS, Readiness
from tests.receiver_parts import DispatcherInMemory


def test_readiness__asks_again_after_a_while() -> None:
    """An outcome is kept for its time, good or bad, and raising it again does not pile up."""
    seconds, kept = [0.0], DispatcherInMemory()

    async def story() -> None:
        readiness = Readiness(kept.check, lambda: seconds[0])
        await readiness.confirm()
        kept.error = GitHubUnreachable("GitHub gave no answer")
        seconds[0] = KEPT_SECONDS - 1
        await readiness.confirm()
        seconds[0] = KEPT_SECONDS
        for _ in range(50):
            with pytest.raises(GitHubUnreachable) as caught:
                await readiness.confirm()
        assert len(caught.traceback) < 10
        kept.error = None
        seconds[0] = KEPT_SECONDS * 2
        await readiness.confirm()

    asyncio.run(story())
    assert kept.checks == 3


def test_readiness__one_call_for_many_askers() -> None:
    """Those who ask at the same time share one call, whoever of them hangs up."""
    kept = DispatcherInMemory()

    async def story() -> None:
        readiness = Readiness(kept.check, lambda: 0.0)
        askers = [asyncio.create_task(readiness.confirm()) for _ in range(50)]
        await asyncio.sleep(0)
        askers[0].cancel()
        assert await asyncio.gather(*askers[1:]) == [[]] * 49

    asyncio.run(story())
    assert kept.checks == 1
