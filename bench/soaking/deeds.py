"""What clients have done, and what went wrong with it; told by a client's process to the bench's own, as JSON."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

MOST_FAULTS = 20
DEED_SECONDS = 60.0


class Deeds:
    """Counts by name.

    Attributes:
        done: how often each was done.
        failed: how often each was not.
        faults: the first of what went wrong, in words.
    """

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.faults: list[str] = []

    @asynccontextmanager
    async def deed(self, name: str) -> AsyncIterator[None]:
        """A block that does something; that it fails is noted, and all."""
        try:
            async with asyncio.timeout(DEED_SECONDS):
                yield
            self.done[name] += 1
        except Exception as error:
            self.fail(name, error)

    def fail(self, name: str, error: Exception) -> None:
        """It was not done."""
        self.failed[name] += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(f"{name}: {type(error).__name__}: {error}")

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {"done": dict(self.done), "failed": dict(self.failed), "faults": self.faults}

    def add(self, told: dict[str, Any]) -> None:
        """What another process told."""
        self.done.update(told["done"])
        self.failed.update(told["failed"])
        self.faults = [*self.faults, *told["faults"]][:MOST_FAULTS]
