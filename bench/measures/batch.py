"""A model that makes many frames a step: what a command costs, whose picture is a whole batch away."""

from __future__ import annotations

from ..servers import Server
from .stream import stream

FPS, FRAMES, STEP_SECONDS = 24, 12, 0.4
"""The case that the pacing was designed with."""
MARGIN_SECONDS = 0.003
"""How much earlier than it must a step begins."""


def just_in_time_ms() -> float:
    """Command → first frame sent, p50, of a step that takes exactly so long and begins as late as it can: a command
    waits for the next step for half of what a batch lasts, and then for the step."""
    return (FRAMES / FPS / 2 + STEP_SECONDS + MARGIN_SECONDS) * 1000


async def batch(server: Server) -> dict[str, float]:
    """Marks at moments that are spread evenly over what a batch lasts."""
    return await stream(server, 20.0, (0.1, 0.1 + FRAMES / FPS))
