from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from .support import House, Viewer


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.peers.close()


@pytest_asyncio.fixture
async def viewer() -> AsyncIterator[Viewer]:
    made = await Viewer.start()
    yield made
    await made.stop()
