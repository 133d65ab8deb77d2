"""A model's commands and frames under pacing, against the simulation the design was made with."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from reactor_runtime.interface import ReactorModel, event
from reactor_runtime.testing.virtual_time import VirtualClock

from .scenario import Picture, World, grey, play, play_with_model


def stepping(duration, *, rate: float = 30, waiting: int | None = None, batch: int = 1):
    """A model whose step k takes `duration(k)` seconds of virtual time."""

    class Stepping(ReactorModel):
        fps = rate
        buffer_size = waiting
        output: Picture

        def load(self, config):
            self.clock = config["clock"]
            self.started = config["started"]
            self.value = 0

        @event(name="set")
        def set(self, value: int):
            self.value = value

        async def run(self):
            step = 0
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    value = self.value
                    self.started.append(self.clock.now())
                    self.clock.advance(duration(step))
                    step += 1
                    frame = np.full((2, 2, 3), value, np.uint8)
                    await self.emit(Picture(main_video=frame if batch == 1 else np.stack([frame] * batch)))

    return Stepping


def run_model(model, seconds: float):
    """Send a command at random moments; returns latencies until it shows, and the frames' times, in seconds."""
    clock, started = VirtualClock(), []
    latencies: list[float] = []
    times: list[float] = []
    rng = np.random.default_rng(5)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(min(seconds * 0.2, 10))
        ends = clock.now() + seconds
        value = 0
        while clock.now() < ends:
            await asyncio.sleep(float(rng.uniform(0.1, 0.6)))
            value = value % 200 + 1
            sent, seen = clock.now(), len(client.frames)
            client.post("set", {"value": value})
            while True:
                shown = next((f for f in client.frames[seen:] if int(f.picture.bgra[0]) == value), None)
                if shown is not None:
                    break
                seen = len(client.frames)
                await asyncio.sleep(0.004)
            latencies.append(shown.at - sent)
        times.extend(frame.at for frame in client.frames)

    play(model, scenario, config={"clock": clock, "started": started}, clock=clock)
    return np.array(latencies), np.array(times)


@pytest.mark.parametrize(
    ("step", "p50", "p95"),
    # design.md, Pacing: the simulation's figures for the same steps, in seconds
    [(0.005, 0.027, 0.042), (0.025, 0.051, 0.066), (0.050, 0.075, 0.101)],
)
def test_a_command_shows_as_soon_as_the_simulation_says(step, p50, p95):
    rng = np.random.default_rng(1)
    latencies, times = run_model(stepping(lambda _: float(step * rng.lognormal(0, 0.1))), 60)
    assert np.median(latencies) <= p50 + 0.004
    assert np.quantile(latencies, 0.95) <= p95 + 0.006
    gaps = np.diff(times[30:])
    assert np.median(gaps) == pytest.approx(max(step, 1 / 30), rel=0.02)


def test_a_batch_model_shows_commands_as_soon_as_the_simulation_says_and_without_bursts():
    rng = np.random.default_rng(1)
    latencies, times = run_model(stepping(lambda _: float(0.4 * rng.lognormal(0, 0.08)), rate=24, batch=12), 120)
    assert np.median(latencies) <= 0.715 + 0.06
    gaps = np.diff(times[48:])
    assert np.quantile(gaps, 0.99) <= 0.060
    assert (times[50:] - times[48:-2]).min() > 0.9 / 24  # a late frame is caught up with, and no burst comes of it


def test_the_rate_is_exact_over_a_minute():
    _, times = run_model(stepping(lambda _: 0.01), 60)
    assert (times[-1] - times[0]) / (len(times) - 1) == pytest.approx(1 / 30, rel=1e-3)


def test_a_buffer_smooths_a_bursty_model():
    bursty = lambda k: 0.2 if k % 7 == 6 else 0.005  # noqa: E731
    _, direct = run_model(stepping(bursty), 30)
    _, buffered = run_model(stepping(bursty, waiting=10), 30)
    assert np.quantile(np.diff(direct[60:]), 0.99) > 0.1
    assert np.quantile(np.diff(buffered[60:]), 0.99) < 0.05


def test_emit_with_nobody_connected_paces_and_discards():
    class Alone(ReactorModel):
        emitted = 0

        async def run(self):
            while True:
                await self.emit(grey(1))
                Alone.emitted += 1

    async def scenario(world: World) -> None:
        await world.runtime.start_session()
        before = Alone.emitted
        await asyncio.sleep(10)
        assert Alone.emitted - before == pytest.approx(300, abs=3)

    assert play(Alone, scenario).counts.get("frames.shown", 0) == 0


def test_drop_returns_at_once():
    class Eager(ReactorModel):
        emitted = 0

        def load(self, config):
            self.clock = config["clock"]

        async def run(self):
            while True:
                await self.connected.wait()
                self.clock.advance(0.001)
                await self.emit(grey(Eager.emitted % 250), drop=True)
                Eager.emitted += 1

    clock = VirtualClock()

    async def scenario(world: World) -> None:
        client = await world.connect()
        while Eager.emitted < 1000:
            await asyncio.sleep(0)
        assert 25 <= len(client.frames) <= 35

    assert play(Eager, scenario, config={"clock": clock}, clock=clock).counts["frames.dropped"] > 900


def test_a_rate_that_load_sets_is_kept():
    class SetsItsRate(ReactorModel):
        def load(self, config):
            self.clock = config["clock"]
            self.output_buffer.set_fps(10)

        @event(name="rate")
        def rate(self):
            self.said = self.output_buffer.fps

        async def run(self):
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    await self.emit(grey(1))

    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("rate")
        assert world.model.said == 10
        await asyncio.sleep(5)
        times = [frame.at for frame in client.frames]
        assert times[-1] - times[-11] == pytest.approx(1, abs=0.01)

    play_with_model(SetsItsRate, scenario)
