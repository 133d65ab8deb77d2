"""Two voices and an oscilloscope: what you hear is what you see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import log2
from typing import Any

from scope import Scope
from voices import INTERVALS, RATE, WAVEFORMS, Voices

from reactor_runtime.interface import (
    Audio,
    ClientInfo,
    InputField,
    MessageField,
    ModelMessage,
    Output,
    ReactorModel,
    Video,
    connected,
    event,
    session_started,
)

LOWEST, HIGHEST = 55.0, 880.0
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


class Stereo(Audio):
    sample_rate = RATE


class Moment(Output):
    """A frame's length of sound, and the picture of it."""

    main_video: Video
    main_audio: Stereo


class Tuning(ModelMessage):
    """What the instrument is set to, in answer to a change of it and for whoever joins."""

    pitch: float = MessageField(description="Of the left voice, in Hz.")
    waveform: str
    interval: str = MessageField(description="Up to the right voice.")
    volume: float
    note: str = MessageField("", description="The nearest one to the pitch.")


class Synth(ReactorModel):
    """Two voices and an oscilloscope: what you hear is what you see."""

    fps = 30

    def load(self, config: Mapping[str, Any]) -> None:
        self.config = tuning_of(config)
        self.begin()

    # A session begins with what the config says, whatever the one before it left behind.
    @session_started
    def begin(self) -> None:
        self.tune(self.config)
        self.voices, self.scope = Voices(), Scope()

    @connected
    async def greet(self, client: ClientInfo) -> None:
        await client.send(self.tuning)

    # The pointer and sliders send more values than are worth applying: with dedupe, only the newest of those that wait.
    @event(name="play", description="Click or drag: it is higher to the right, and louder to the top.", dedupe=True)
    def play(
        self,
        x: float = InputField(ge=0.0, le=1.0, description="From the left edge to the right."),
        y: float = InputField(ge=0.0, le=1.0, description="From the top edge to the bottom."),
    ) -> Tuning:
        pitch = LOWEST * (HIGHEST / LOWEST) ** x
        return self.tune(replace(self.tuning, pitch=round(pitch, 1), volume=round(1.0 - y, 2)))

    @event(name="set_pitch", description="In Hz.", dedupe=True)
    def set_pitch(self, pitch: float = InputField(default=220.0, ge=LOWEST, le=HIGHEST)) -> Tuning:
        return self.tune(replace(self.tuning, pitch=pitch))

    @event(name="set_volume", dedupe=True)
    def set_volume(self, volume: float = InputField(default=0.5, ge=0.0, le=1.0)) -> Tuning:
        return self.tune(replace(self.tuning, volume=volume))

    @event(name="set_waveform", description="What the voices are made of.")
    def set_waveform(self, waveform: str = InputField(choices=list(WAVEFORMS))) -> Tuning:
        return self.tune(replace(self.tuning, waveform=waveform))

    @event(name="set_interval", description="How far the right voice is above the left one.")
    def set_interval(self, interval: str = InputField(choices=list(INTERVALS))) -> Tuning:
        return self.tune(replace(self.tuning, interval=interval))

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                now = self.tuning
                sound = self.voices.play(RATE // self.fps, now.pitch, now.waveform, now.interval, now.volume)
                # Of one emit(), so they leave together; the next sound goes on where this one ends.
                await self.emit(Moment(main_video=self.scope.draw(sound), main_audio=sound))

    def tune(self, tuning: Tuning) -> Tuning:
        self.tuning = replace(tuning, note=note_of(tuning.pitch))
        return self.tuning


def note_of(pitch: float) -> str:
    """The name of the nearest note, such as A4 for 440 Hz."""
    number = round(12 * log2(pitch / 440.0)) + 69
    return f"{NOTES[number % 12]}{number // 12 - 1}"


def tuning_of(config: Mapping[str, Any]) -> Tuning:
    """The tuning that a config asks for.

    Raises:
        ValueError: something in it is none that a client could ask for.
    """
    for key, choices in (("waveform", WAVEFORMS), ("interval", INTERVALS)):
        if key in config and config[key] not in list(choices):
            raise ValueError(f"config: {key}: {config[key]!r} is not one of {', '.join(choices)}")
    return Tuning(
        pitch=_number(config, "pitch", 220.0, LOWEST, HIGHEST),
        waveform=config.get("waveform", "triangle"),
        interval=config.get("interval", "fifth"),
        volume=_number(config, "volume", 0.5, 0.0, 1.0),
    )


def _number(config: Mapping[str, Any], key: str, default: float, lowest: float, highest: float) -> float:
    value = config.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise ValueError(f"config: {key}: {value!r} is no number from {lowest:g} to {highest:g}")
    return float(value)
