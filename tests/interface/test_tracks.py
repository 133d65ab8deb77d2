"""What `Output`, `Input` and `Audio` classes may say, and what is refused. Annotations here are strings."""

from __future__ import annotations

import abc
import asyncio
import re
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from reactor_runtime.errors import DeclarationError, OutputError
from reactor_runtime.interface import Audio, Input, ModelMessage, Output, ReactorModel, Video
from reactor_runtime.interface.schema import message_schema
from reactor_runtime.interface.tracks import TrackInfo, tracks_of
from reactor_runtime.limits import Limits
from reactor_runtime.media.outputs import check_output


@pytest.mark.parametrize("name", ["rate", "samplerate", "sampling_rate", "sampleRate", "SAMPLE_RATE", "sr", "fs"])
def test_a_rate_under_another_name_is_refused_with_the_right_one(name):
    with pytest.raises(DeclarationError) as refusal:
        type("Voice", (Audio,), {name: 24_000})
    assert str(refusal.value) == (
        f"Voice.{name}: the rate of an Audio class is its sample_rate; write `sample_rate = 24000`"
    )


def test_beside_its_sample_rate_an_audio_class_may_say_what_it_likes():
    class Voice(Audio):
        rate = 24_000
        sample_rate = rate
        seconds = 2

    class Low(Voice):
        hz = 16_000

    assert Low.sample_rate == 24_000


def test_what_can_be_no_rate_is_none_whatever_it_is_called():
    class Tone(Audio):
        hz = 440

        def frequency(self) -> int:
            return self.hz

    assert Tone.sample_rate == 48_000


def test_a_field_that_is_there_twice_is_refused_with_its_lines():
    with pytest.raises(DeclarationError) as refusal:

        class Scene(Output):
            colour: Video
            voice: Audio = None
            colour: Audio = None  # noqa: PIE794

    first, second = map(int, re.findall(r"\d+", str(refusal.value)))
    assert str(refusal.value).startswith("Scene.colour: is there twice, in lines ") and second == first + 2
    with pytest.raises(DeclarationError, match=r"Desk.webcam: is there twice"):

        class Desk(Input):
            webcam: Video
            webcam: Video  # noqa: PIE794


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="annotations are not made before they are asked for")
def test_without_string_annotations_too():
    body = "class Scene(Output):\n    colour: Video\n    colour: Audio\n"
    with pytest.raises(DeclarationError, match=r"Scene.colour: is there twice, in lines 2 and 3"):
        exec(compile(body, "scene.py", "exec", dont_inherit=True), {**globals(), "__name__": "scene"})


def test_a_subclass_may_say_a_field_anew_and_classes_stay_ordinary_ones():
    class Scene(Output, abc.ABC):
        colour: Video
        depth: Video = None

    class Shown(Scene):
        depth: Any = 4

    class Bare(Output):
        pass

    @dataclass(slots=True)
    class Slotted(Output):
        colour: Video

    assert Shown(1).depth == 4 and Slotted(2).colour == 2 and Bare() is not None
    assert type(Scene.__annotations__) is dict and "__annotations__" not in vars(Bare)


def test_string_annotations_of_a_functions_own_classes_resolve():
    class Voice(Audio):
        sample_rate = 16_000

    class Scene(Output):
        colour: Video
        voice: Voice | None = None

    class Desk(Input):
        microphone: Voice

    class Model(ReactorModel):
        output: Scene
        input: Desk

    assert tracks_of(Model) == (
        TrackInfo("microphone", "audio", "in", 16_000),
        TrackInfo("colour", "video", "out"),
        TrackInfo("voice", "audio", "out", 16_000),
    )


def test_those_of_a_messages_fields_too():
    @dataclass
    class Place:
        x: float

    class Moved(ModelMessage):
        to: list[Place]

    assert "'x': {'type': 'number'}" in str(message_schema(Moved)["properties"]["to"])


def test_one_that_is_defined_only_later_is_told():
    class Model(ReactorModel):
        output: Scene

    class Scene(Output):
        voice: Later

    class Later(Audio):
        pass

    with pytest.raises(DeclarationError) as refusal:
        tracks_of(Model)
    assert str(refusal.value) == (
        "Model: output: there is no Scene where the class stands; define `class Scene(Output)` above it, "
        "or at the level of the module"
    )
    with pytest.raises(OutputError, match=r"and no sound; Scene.voice: Later names what is not there: define it above"):
        check_output(Scene(voice=np.zeros(3)), {}, "Model", Limits())


class Pair(Output):
    """Its first track need not be given; another field must."""

    note: str
    colour: Video = None
    voice: Audio = None


class Frame(Output):
    main_video: Video


FRAME = np.zeros((4, 6, 3), np.uint8)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([FRAME, FRAME], "emit() takes an Output, got list; give Frame(main_video=np.stack(frames))"),
        (FRAME, "emit() takes an Output, got ndarray of shape (4, 6, 3); give Frame(main_video=frame)"),
        (Frame, "emit() takes an Output, got the class Frame; give Frame(main_video=frame)"),
        ({"main_video": FRAME}, "emit() takes an Output, got dict; give Frame(main_video=frame)"),
        (None, "emit() takes an Output, got NoneType; give Frame(main_video=frame)"),
    ],
)
def test_emit_names_the_class_to_call(given, words):
    class Model(ReactorModel):
        output: Frame

    with pytest.raises(OutputError) as refusal:
        asyncio.run(Model().emit(given))
    assert str(refusal.value) == words


def test_emit_names_each_class_there_is_and_says_where_there_is_none():
    class Both(ReactorModel):
        output: Pair | Frame

    class Silent(ReactorModel):
        output: Output

    with pytest.raises(OutputError, match=re.escape("give Pair(note=…, colour=frame) or Frame(main_video=frame)")):
        asyncio.run(Both().emit(FRAME))
    with pytest.raises(OutputError, match=re.escape("define `class MyOutput(Output)` with a Video field")):
        asyncio.run(Silent().emit(FRAME))
