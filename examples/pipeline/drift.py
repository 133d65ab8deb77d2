"""Dust that drifts in a current: a `ReactorPipeline`, whose state is all that clients set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from dust import PALETTES, Dust

from reactor_runtime.interface import (
    Idle,
    InputField,
    InputState,
    Output,
    ReactorPipeline,
    Video,
    event,
    session_started,
)


class DriftOutput(Output):
    main_video: Video


# Each public field is a command, set_speed and so on, with its limits; a session begins with these.
class DriftState(InputState):
    speed: float = InputField(default=1.0, ge=0.0, le=3.0, description="How fast it drifts; 0 holds it still.")
    whirls: float = InputField(default=3.0, ge=1.0, le=8.0, description="How many there are across the picture.")
    unrest: float = InputField(default=0.4, ge=0.0, le=2.0, description="How fast the current changes.")
    trail: float = InputField(default=0.9, ge=0.0, le=0.98, description="How much of a frame is left in the next one.")
    palette: Literal["ice", "ember", "moss", "opal"] = InputField(default="ice")


class Drift(ReactorPipeline):
    """Dust that drifts in a current. Stir it, or change the current."""

    fps = 30
    state: DriftState
    output: DriftOutput

    @session_started
    def begin(self) -> None:
        self.dust = Dust()

    # Beside the commands of the state there may be others.
    @event(name="stir", description="Click or drag: the dust flies apart there.", dedupe=True)
    def stir(
        self,
        x: float = InputField(ge=0.0, le=1.0, description="From the left edge to the right."),
        y: float = InputField(ge=0.0, le=1.0, description="From the top edge to the bottom."),
    ) -> None:
        self.dust.stir(x, y)

    # Begun with the session, closed with it. What clients set changes between two yields, never within a step.
    def inference(self) -> Iterator[Any]:
        while True:
            now = self.state
            if now.speed == 0:
                yield Idle  # nothing moves, so there is no frame to send
                continue
            self.dust.drift(now.speed / self.fps, now.whirls, now.unrest)
            yield self.dust.picture(now.trail, PALETTES[now.palette])  # the model has one video track, so an array does
