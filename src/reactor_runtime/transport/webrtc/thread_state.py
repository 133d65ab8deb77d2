"""Python's own state of the media engine's threads.

For a callback on a thread that Python has not started, it makes a state and drops it again. The memory of its stack is
mapped and unmapped each time, which is dearer than what a callback here does.
"""

from __future__ import annotations

import ctypes
import threading

_own = threading.local()  # held by the state: gone with it


def keep_state() -> None:
    """Let the calling thread keep its state from one callback to the next, for as long as it lives."""
    if not getattr(_own, "kept", False):
        _own.kept = True
        # Python drops the state with the last of those who want it; this one never says that it no longer does.
        ctypes.pythonapi.PyGILState_Ensure()
