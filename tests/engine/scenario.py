"""A model in process under a virtual clock, with in-process clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import numpy as np

from reactor_runtime.interface import Output, ReactorModel, Video
from reactor_runtime.limits import Limits
from reactor_runtime.testing.virtual_time import VirtualClock
from reactor_runtime.testing.world import World, play
from reactor_runtime.transport.memory import MemoryConnection

__all__ = ["Picture", "World", "grey", "level", "levels", "play", "play_with_model"]


class Picture(Output):
    main_video: Video


def grey(level: int, size: tuple[int, int] = (4, 6)) -> Picture:
    """A frame that can be told by its level."""
    return Picture(main_video=np.full((*size, 3), level, np.uint8))


def level(connection: MemoryConnection, index: int = -1) -> int:
    """The level of a frame that a client saw."""
    return int(connection.frames[index].picture.rgb()[0, 0, 0])


def levels(connection: MemoryConnection) -> list[int]:
    return [int(frame.picture.rgb()[0, 0, 0]) for frame in connection.frames]


def play_with_model(
    model: type[ReactorModel], scenario: Callable[[World], Awaitable[None]], *, limits: Limits | None = None
) -> World:
    """Like `play`, with the clock in the model's config."""
    clock = VirtualClock()
    return play(model, scenario, config={"clock": clock}, clock=clock, limits=limits)
