"""Names that tests of this folder import from here."""

from tests.conftest import Remote
from tests.scripted_server import RESET, Received, Scripted, ScriptedServer

__all__ = ["RESET", "Received", "Remote", "Scripted", "ScriptedServer"]
