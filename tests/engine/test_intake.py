"""A microphone on its way to the model: at its rate, in even frames, on time."""

import asyncio

import numpy as np
import pytest

from reactor_runtime.errors import BufferClosed
from reactor_runtime.interface import Audio, Input, Output, ReactorModel, ReadMode, Video
from reactor_runtime.media.frames import picture_from_rgb
from reactor_runtime.media.sound import Sound
from reactor_runtime.wire.messages import PublishTrack, UnpublishTrack

from .scenario import World, play


class Speech(Audio):
    sample_rate = 16_000


class Inputs(Input):
    webcam: Video
    microphone: Speech


class Frame(Output):
    main_video: Video


class Listening(ReactorModel):
    output: Frame
    input: Inputs

    def load(self, config):
        self.frames = []

    async def run(self):
        while True:
            await self.connected.wait()
            try:
                self.frames += await self.input.microphone.read(mode=ReadMode.FIFO)
            except BufferClosed:
                continue

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate([frame.data[0] for frame in self.frames]) if self.frames else np.empty(0, np.int16)


def tone(seconds: float, rate: int = 48_000, channels: int = 1) -> np.ndarray:
    wave = 9000 * np.sin(2 * np.pi * 500 * np.arange(round(seconds * rate)) / rate)
    return np.tile(wave.astype(np.int16), (channels, 1))


async def speak(client, seconds: float, rate: int = 48_000, channels: int = 1) -> None:
    """10 ms every 10 ms, as engines hand it over."""
    wave = tone(seconds, rate, channels)
    for start in range(0, wave.shape[1], rate // 100):
        await asyncio.sleep(0.01)
        client.client.sound("microphone", Sound(wave[:, start : start + rate // 100], rate))


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 1), (44_100, 2), (16_000, 1)])
def test_frames_are_10_ms_of_mono_at_the_rate_of_the_track(rate, channels):
    async def scenario(world: World) -> None:
        client = await world.connect()
        await speak(client, 1.0, rate, channels)
        frames = world.model.frames
        assert {(frame.shape, frame.dtype) for frame in frames} == {((1, 160), np.dtype(np.int16))}
        assert len(frames) == pytest.approx(100, abs=2)
        times = np.array([frame.pts for frame in frames])
        assert np.allclose(np.diff(times), 0.01) and {frame.client for frame in frames} == {1}
        wave = world.model.samples[1600:-1600].astype(float)
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
        assert np.argmax(spectrum) * 16_000 / len(wave) == pytest.approx(500, abs=2)

    play(Listening, scenario)


def test_silence_is_filled_in_so_that_samples_keep_time():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await speak(client, 1.0)
        await asyncio.sleep(2.5)
        assert len(world.model.samples) == pytest.approx(3.5 * 16_000, abs=0.12 * 16_000)
        await speak(client, 1.0)
        assert len(world.model.samples) == pytest.approx(4.5 * 16_000, abs=400)
        quiet = world.model.samples[round(1.05 * 16_000) : round(3.45 * 16_000)]
        assert not quiet.any()
        loud = world.model.samples[round(3.55 * 16_000) : round(4.45 * 16_000)]
        assert np.abs(loud).max() > 8000

    play(Listening, scenario)


def test_a_microphone_that_is_announced_is_silent_from_then_on():
    async def scenario(world: World) -> None:
        client = await world.connect()
        client.client.receive(PublishTrack("microphone", None))
        await asyncio.sleep(2)
        assert len(world.model.samples) == pytest.approx(2 * 16_000, abs=0.12 * 16_000)
        assert not world.model.samples.any()
        client.client.receive(UnpublishTrack("microphone"))
        before = len(world.model.samples)
        await speak(client, 0.2)  # it was on its way
        await asyncio.sleep(2)
        assert len(world.model.samples) == before
        client.client.receive(PublishTrack("microphone", None))
        await speak(client, 0.2)
        assert len(world.model.samples) == pytest.approx(before + 0.2 * 16_000, abs=320)

    play(Listening, scenario)


def test_more_sound_than_time_is_dropped_and_counted():
    async def scenario(world: World) -> None:
        client = await world.connect()
        for _ in range(100):  # a second of sound at once
            client.client.sound("microphone", Sound(tone(0.01), 48_000))
        await asyncio.sleep(0.01)
        assert len(world.model.samples) <= 0.25 * 16_000
        assert world.counts["input.sound_ahead"] > 70

    play(Listening, scenario)


def test_sound_of_one_who_may_not_send_is_refused():
    async def scenario(world: World) -> None:
        first, second = await world.connect(), await world.connect()
        first.client.receive(PublishTrack("microphone", None))
        await speak(second, 0.5)
        assert not world.model.samples.any()
        assert world.counts["input.refused"] == 50
        second.client.sound("webcam", Sound(tone(0.01), 48_000))
        second.client.sound("nothing", Sound(tone(0.01), 48_000))
        assert world.counts["input.refused"] == 52

    play(Listening, scenario)


def test_nothing_comes_of_one_who_has_left():
    async def scenario(world: World) -> None:
        first = await world.connect()
        await world.connect()
        await speak(first, 0.5)
        first.leave()
        await asyncio.sleep(0.02)
        before = len(world.model.samples)
        await asyncio.sleep(3)
        assert len(world.model.samples) == before

    play(Listening, scenario)


@pytest.mark.parametrize("seed", range(3))
def test_pictures_come_as_they_are_whatever_their_size(seed):
    rng = np.random.default_rng(seed)
    sizes = [(1, 1), (1, 7), (181, 321), (320, 180), (180, 320), (2, 2)]

    async def scenario(world: World) -> None:
        client = await world.connect()
        sent = [rng.integers(0, 256, (*size, 3), np.uint8) for size in sizes]
        for picture in sent:
            client.client.frame("webcam", picture_from_rgb(picture))
        got = world.model.input.webcam.try_read(len(sent), ReadMode.FIFO)
        assert all((frame.data == picture).all() for frame, picture in zip(got, sent, strict=True))
        assert [frame.shape[:2] for frame in got] == sizes

    play(Listening, scenario)


def test_who_does_not_publish_adds_no_silence_to_who_does():
    async def scenario(world: World) -> None:
        first, second = await world.connect(), await world.connect()
        await speak(first, 0.1)
        second.client.receive(PublishTrack("microphone", None))
        await asyncio.sleep(0.2)
        world.model.frames.clear()
        await speak(second, 2.0)
        assert {frame.client for frame in world.model.frames} == {2}
        # and what was silent before it spoke: that is found out 0.1 s late
        assert len(world.model.samples) == pytest.approx(2 * 16_000, abs=0.13 * 16_000)

    play(Listening, scenario)


def test_of_two_who_do_not_publish_the_first_is_heard_until_it_leaves():
    async def scenario(world: World) -> None:
        first, second = await world.connect(), await world.connect()
        await asyncio.gather(speak(first, 1.0), speak(second, 1.0))
        assert {frame.client for frame in world.model.frames} == {1}
        assert len(world.model.samples) == pytest.approx(16_000, abs=640)
        first.leave()
        await speak(second, 1.0)
        assert world.model.frames[-1].client == 2

    play(Listening, scenario)


def test_pictures_that_were_on_their_way_do_not_come_after_unpublish():
    async def scenario(world: World) -> None:
        client = await world.connect()
        picture = picture_from_rgb(np.zeros((2, 2, 3), np.uint8))
        client.client.receive(PublishTrack("webcam", None))
        client.client.frame("webcam", picture)
        client.client.receive(UnpublishTrack("webcam"))
        client.client.frame("webcam", picture)
        assert world.model.input.webcam.total_received == 1
        client.client.receive(PublishTrack("webcam", None))
        client.client.frame("webcam", picture)
        assert world.model.input.webcam.total_received == 2

    play(Listening, scenario)
