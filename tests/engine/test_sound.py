"""Sound and several tracks through the engine, under a virtual clock."""

import asyncio
import logging

import numpy as np
import pytest

from reactor_runtime.interface import Audio, Metadata, Output, ReactorModel, Video, event

from .scenario import World, play

RATE = 24_000
FRAME = RATE // 30


class Voice(Audio):
    sample_rate = RATE


class Scene(Output):
    colour: Video = None
    depth: Video = None
    voice: Voice = None
    info: Metadata = None


def picture(level: int = 100) -> np.ndarray:
    return np.full((2, 4, 3), level, np.uint8)


def counting(start: int, count: int = FRAME) -> np.ndarray:
    """Samples that tell their place."""
    return (np.arange(start, start + count) % 30_000).astype(np.int16)


def heard(client) -> np.ndarray:
    return np.concatenate([sound.sound.samples[0] for sound in client.sounds])


class Talking(ReactorModel):
    """Emits `made` outputs, one after the other, and then none."""

    fps = 30
    output: Scene

    def make(self, number: int) -> Scene | None:
        return Scene(colour=picture(), voice=counting(number * FRAME))

    async def run(self):
        number = 0
        while True:
            await self.connected.wait()
            output = self.make(number)
            if output is None:
                await asyncio.sleep(0.01)
                continue
            number += 1
            await self.emit(output)


def test_picture_and_sound_of_one_emit_leave_together():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(2)
        assert len(client.frames) == pytest.approx(60, abs=2)
        assert [frame.at for frame in client.frames] == [sound.at for sound in client.sounds]
        assert (heard(client) == counting(0, len(heard(client)))).all()

    play(Talking, scenario)


def test_sound_alone_is_paced_by_its_own_length():
    class Chunks(Talking):
        def make(self, number):
            return Scene(voice=counting(number * 6000, 6000))  # a quarter of a second each

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(10)
        samples = heard(client)
        assert len(samples) == pytest.approx(10 * RATE, rel=0.03)
        assert (samples == counting(0, len(samples))).all()
        gaps = np.diff([sound.at for sound in client.sounds])
        assert gaps.max() <= 1 / 30 + 1e-6, "it leaves piece by piece, not in quarters of a second"

    play(Chunks, scenario)


def test_a_model_slower_than_its_sound_leaves_the_silence_to_the_transport():
    class Slow(Talking):
        def load(self, config):
            self.clock = config["clock"]

        def make(self, number):
            self.clock.advance(0.5)
            return Scene(voice=counting(number * 6000, 6000))

    from reactor_runtime.testing.virtual_time import VirtualClock

    clock = VirtualClock()

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(10)
        assert len(heard(client)) == pytest.approx(5 * RATE, rel=0.1)

    play(Slow, scenario, config={"clock": clock}, clock=clock)


def test_what_waits_is_flushed_with_its_sound():
    class Batches(Talking):
        def make(self, number):
            return Scene(colour=np.stack([picture()] * 30), voice=counting(number * RATE, RATE))

        @event(name="stop")
        def stop(self):
            self.output_buffer.flush()
            self.make = lambda number: None

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.51)
        await client.command("stop")
        at = len(heard(client))
        assert at == pytest.approx(RATE / 2, rel=0.1)
        await asyncio.sleep(2)
        assert len(heard(client)) == at
        assert not client.frames[-1].picture.rgb().any()

    play(Batches, scenario)


def test_tracks_pause_by_themselves():
    class Both(Talking):
        def make(self, number):
            return Scene(colour=picture(10), depth=picture(20), voice=counting(0))

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.5)
        client.pause("colour")
        client.pause("voice")
        frames, sounds = len(client.frames), len(client.sounds)
        await asyncio.sleep(0.5)
        assert {frame.track for frame in client.frames[frames:]} == {"depth"} and len(client.frames) > frames + 10
        assert len(client.sounds) == sounds
        client.resume("voice")
        client.pause("depth")
        frames = len(client.frames)
        await asyncio.sleep(0.5)
        assert len(client.sounds) > sounds + 10 and len(client.frames) == frames

    play(Both, scenario)


def test_a_track_may_be_left_out_of_an_emission():
    class Sometimes(Talking):
        def make(self, number):
            return Scene(colour=picture(number % 200), depth=picture(5) if number % 3 == 0 else None)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(2)
        counts = {name: sum(frame.track == name for frame in client.frames) for name in ("colour", "depth")}
        assert counts["colour"] == pytest.approx(3 * counts["depth"], abs=3) and counts["depth"] > 15

    play(Sometimes, scenario)


def test_metadata_goes_with_its_own_frame():
    class Tagged(Talking):
        def make(self, number):
            levels = [2 * number % 250, (2 * number + 1) % 250]
            return Scene(
                colour=np.stack([picture(level) for level in levels]), info=[{"level": level} for level in levels]
            )

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        for frame in client.frames:
            assert frame.picture.user_data == b'{"level":%d}' % frame.picture.rgb()[0, 0, 0]
        assert len(client.frames) > 25

    play(Tagged, scenario)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (Scene(voice=np.zeros((3, 800), np.int16)), "emit(): track 'voice': sound has one or two channels"),
        (Scene(voice=np.zeros((1, 1, 800), np.int16)), "track 'voice': sound is (samples,) or (channels, samples)"),
        (Scene(colour=np.zeros((0, 4, 3), np.uint8)), "track 'colour': a picture without pixels; got"),
        (Scene(colour=np.stack([picture()] * 2), depth=np.stack([picture()] * 3)), "'colour': 2, 'depth': 3"),
        (Scene(colour=picture(), info=[1]), "emit(): Scene.info[0]: the metadata of a frame is a dict"),
    ],
)  # fmt: skip
def test_bad_output_ends_the_session_with_its_reason_and_not_the_process(wrong, problem):
    class Wrong(Talking):
        def make(self, number):
            return wrong if number == 3 and not self.over else Scene(colour=picture())

        over = False

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert "OutputError" in client.ended and problem in client.ended
        world.model.over = True
        again = await world.connect()
        await asyncio.sleep(1)
        assert again.ended is None and len(again.frames) > 20
        assert not world.runtime.fatal.done()

    play(Wrong, scenario)


def test_what_is_no_number_is_counted_and_reported_at_the_next_emit(caplog):
    class Broken(Talking):
        def make(self, number):
            if number == 0:
                return Scene(colour=np.full((2, 4, 3), np.nan, np.float32), voice=np.array([0.1, np.nan, np.nan]))
            return None if number == 1 and not self.more else Scene(colour=picture())

        more = False

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.5)
        assert not client.frames[0].picture.rgb().any() and world.counts["frames.not_finite"] == 2
        assert "NaN" not in caplog.text
        world.model.more = True
        await asyncio.sleep(0.5)
        assert client.ended is None
        (found,) = [record.message for record in caplog.records if "NaN" in record.message]
        assert found.endswith("shown as 0: 24 of track 'colour', 2 of track 'voice'")

    with caplog.at_level(logging.WARNING):
        play(Broken, scenario)


def test_floats_out_of_range_are_told_once_for_each_track_and_session(caplog):
    class Loud(Talking):
        def make(self, number):
            return Scene(colour=np.full((2, 4, 3), 200.0, np.float32), voice=np.full(FRAME, 9_000.0))

    def told():
        found = [record.message for record in caplog.records if "they look like" in record.message]
        caplog.clear()
        return found

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(5)
        colour, voice = told()
        assert colour.startswith(
            "emit(): Loud gave track 'colour' floats from 200 to 200, 100% of them outside of 0 to"
        )
        assert "0 to 255: give x / 255" in colour
        assert voice.startswith("emit(): Loud gave track 'voice' floats from 9000 to 9000")
        assert client.ended is None
        await asyncio.sleep(12)
        assert not told()
        await world.runtime.stop_session("over")
        await world.connect()
        await asyncio.sleep(5)
        assert len(told()) == 2

    with caplog.at_level(logging.WARNING):
        play(Loud, scenario)


@pytest.mark.parametrize(
    ("count", "problem"),
    [
        (FRAME // 2, "gets 0.5 s of sound for each second of pictures at 30 fps, so there are gaps in it"),
        (FRAME - 10, "gets 0.987 s of sound for each second of pictures at 30 fps, so there are gaps in it"),
        (2 * FRAME, "so some of it is left out"),
        (FRAME, None),
    ],
)
def test_sound_that_does_not_fit_its_pictures_is_said(count, problem, caplog):
    class Odd(Talking):
        def make(self, number):
            return Scene(colour=picture(), voice=counting(0, count))

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(5)
        assert world.counts.get("sound.unbalanced", 0) == (2 if problem else 0)

    with caplog.at_level(logging.WARNING):
        play(Odd, scenario)
    found = [record.message for record in caplog.records if "of sound" in record.message]
    assert len(found) == (1 if problem else 0) and all(problem in line for line in found)


def test_a_beep_now_and_then_is_no_flaw():
    class Beeping(Talking):
        def make(self, number):
            return Scene(colour=picture(), voice=counting(0, 4800) if number % 60 == 0 else None)

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(10)
        assert "sound.unbalanced" not in world.counts
        assert len(client.frames) > 290 and len(heard(client)) in (5 * 4800, 6 * 4800)

    play(Beeping, scenario)


@pytest.mark.parametrize(("every", "frames"), [(30, 3), (6, 6)])
def test_sound_with_some_frames_only_is_no_flaw(every, frames):
    class Beeping(Talking):
        def make(self, number):
            return Scene(colour=picture(), voice=counting(0, frames * FRAME) if number % every == 0 else None)

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(10)
        assert "sound.unbalanced" not in world.counts

    play(Beeping, scenario)


def test_pictures_and_sound_in_turns_are_a_flaw(caplog):
    class Turns(Talking):
        def make(self, number):
            return Scene(voice=counting(0)) if number % 2 else Scene(colour=picture())

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(10)

    with caplog.at_level(logging.WARNING):
        play(Turns, scenario)
    assert "pictures and sound are emitted in turns, and each waits until the other is over" in caplog.text
