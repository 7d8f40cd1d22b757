"""The local GitHub and the evaluator that the faults are tested on, without a fault."""

from tests.integration.faults.conftest import arena, shared_arena

__all__ = ["arena", "shared_arena"]
