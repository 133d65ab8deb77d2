"""A world to fly through: mountains, lakes and weather, from dawn to the stars."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from math import degrees
from typing import Any

import cv2
from flight import Flight, Key
from heavens import Sky, sky_at
from land import Land
from scenery import Scenery
from world_config import settings_of

from reactor_runtime.interface import (
    ClientInfo,
    InputField,
    MessageField,
    ModelMessage,
    Output,
    ReactorModel,
    Video,
    connected,
    disconnected,
    event,
    session_started,
)

LONGEST_STEP = 0.1
"""In seconds. After a hitch the world goes on from where it was, and does not jump."""


class WorldOutput(Output):
    main_video: Video


class Where(ModelMessage):
    """Where one is: once a second to everyone, and in answer to what changes it at once."""

    x: float = MessageField(description="East, in cells; the land is 1024 wide and then begins anew.")
    y: float = MessageField(description="South, in cells.")
    altitude: float = MessageField(description="Above the ground, in cells.")
    heading: float = MessageField(description="In degrees: 0 is north, 90 east.")
    hour: float = MessageField(description="The time of day, 0..24.")
    seed: int = MessageField(description="Give it to teleport to get to this land again.")


class World(ReactorModel):
    """A world to fly through: mountains, lakes and weather, from dawn to the stars."""

    fps = 30
    sky: Sky

    def load(self, config: Mapping[str, Any]) -> None:
        cv2.setNumThreads(1)  # the arrays are too small to share out; it holds for the whole process
        self.settings = settings_of(config)
        self.scenery = Scenery()
        self.home = Land(self.settings.seed)
        self.begin()

    # A session begins at home at the hour of the config, wherever the one before it went.
    @session_started
    def begin(self) -> None:
        self.flight = Flight(self.home)
        self.seconds = 0.0
        self.set_hour(self.settings.hour)

    @connected
    async def greet(self, client: ClientInfo) -> None:
        await client.send(self.where())

    # Whoever closes the page with a key down sends no release for it.
    @disconnected
    def let_go(self, client: ClientInfo) -> None:
        self.flight.release_all(client.id)

    @event(name="press", description="Hold a key down: it moves you until you release it.")
    def press(self, key: Key, client: ClientInfo) -> None:
        self.flight.press(client.id, key)

    @event(name="release", description="Let a key go.")
    def release(self, key: Key, client: ClientInfo) -> None:
        self.flight.release(client.id, key)

    # The pointer sends more places than can be looked at: with dedupe, only the newest of those that wait.
    @event(name="look", description="Turn to a point of the picture. Click on it, or drag to steer.", dedupe=True)
    def look(
        self,
        x: float = InputField(ge=0.0, le=1.0, description="From the left edge to the right."),
        y: float = InputField(ge=0.0, le=1.0, description="From the top edge to the bottom."),
    ) -> None:
        self.flight.look(x, y)

    @event(name="set_time_of_day", description="6 is sunrise, 18 is sunset.", dedupe=True)
    def set_time_of_day(self, hour: float = InputField(default=9.0, ge=0.0, le=24.0)) -> Where:
        self.set_hour(hour)
        return self.where()

    @event(name="teleport", description="Go to another land.")
    async def teleport(
        self,
        seed: int | None = InputField(
            default=None, ge=0, le=999_999_999, description="The same one always leads to the same land."
        ),
    ) -> Where:
        land = await asyncio.to_thread(Land, random.randrange(1_000_000) if seed is None else seed)
        land.light(self.sky)
        self.flight.move_to(land)
        return self.where()

    async def run(self) -> None:
        clock = asyncio.get_running_loop()
        while True:
            await self.connected.wait()
            before = told = clock.time()
            while self.connected.is_set():
                now = clock.time()
                self.advance(min(now - before, LONGEST_STEP))
                before = now
                picture = self.scenery.draw(self.flight.land, self.sky, self.flight.eye, self.seconds)
                await self.emit(WorldOutput(main_video=picture))
                if now - told >= 1.0:
                    told = now
                    await self.send(self.where())

    def advance(self, seconds: float) -> None:
        """Let time pass in the world."""
        self.seconds += seconds
        self.flight.step(seconds)
        if self.settings.day_length:
            self.sky = sky_at((self.sky.hour + seconds * 24.0 / self.settings.day_length) % 24.0)
            self.flight.land.light_on(self.sky)

    def set_hour(self, hour: float) -> None:
        """Have it be that hour, on all the land at once."""
        self.sky = sky_at(hour % 24.0)
        self.flight.land.light(self.sky)

    def where(self) -> Where:
        eye, land = self.flight.eye, self.flight.land
        altitude, heading = eye.z - land.height(eye.x, eye.y), degrees(eye.heading)
        x, y, z, angle, hour = (round(value, 1) for value in (eye.x, eye.y, altitude, heading, self.sky.hour))
        return Where(x=x, y=y, altitude=z, heading=angle % 360.0, hour=hour, seed=land.seed)
