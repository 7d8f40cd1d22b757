"""One GitHub and one evaluator for a module: each test has a task of its own."""

from collections.abc import Iterator

import pytest

from tests.integration.faults.arena import Arena, opened


@pytest.fixture(scope="module")
def shared_arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    with opened(tmp_path_factory.mktemp("arena")) as arena:
        yield arena


@pytest.fixture
def arena(shared_arena: Arena) -> Iterator[Arena]:
    """The shared one, where everything goes well until a test plans otherwise."""
    yield shared_arena
    shared_arena.all_goes_well()
