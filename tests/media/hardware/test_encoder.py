"""A live encoder of PyAV's: rates, key frames, and what becomes of one that fails. Software stands in."""

from __future__ import annotations

import logging
import os
from dataclasses import replace

import av
import numpy as np
import pytest

from reactor_runtime.errors import EncoderError
from reactor_runtime.media.hardware import Hardware, Search
from reactor_runtime.media.hardware.encoder import AvEncoder
from reactor_runtime.media.hardware.recipes import SPARES
from reactor_runtime.media.planes import to_i420
from tests.media.test_vp8 import loss, scene

WIDTH, HEIGHT = 320, 192
FPS = 30
M = 1_000_000
DECODERS = {"AV1": "libdav1d", "VP9": "vp9"}
AV1, VP9 = SPARES["AV1"], SPARES["VP9"]
DEADLINE = 60.0

each = pytest.mark.parametrize("recipe", [AV1, VP9], ids=lambda recipe: recipe.name)


def decode(recipe, encoded):
    """The pictures, as RGB."""
    decoder = av.CodecContext.create(DECODERS[recipe.codec], "r")
    frames = [frame for one in encoded for frame in decoder.decode(av.Packet(one.data))] + decoder.decode(None)
    return [frame.to_ndarray(format="rgb24", src_colorspace="ITU601") for frame in frames]


def detail(number, width=WIDTH, height=HEIGHT):
    """A picture on which any number of bits can be spent."""
    coarse = np.random.default_rng(number).integers(0, 90, (height // 4, width // 4, 3), np.uint8)
    return coarse.repeat(4, axis=0).repeat(4, axis=1)


def encode(encoder, count, make=scene, start=0, fps=FPS):
    """So many pictures, those left out included."""
    return [encoder.encode(to_i420(make(start + index)), (start + index) / fps) for index in range(count)]


def bits_a_second(encoded, fps=FPS):
    return sum(8 * len(one.data) for one in encoded if one is not None) * fps / len(encoded)


@each
def test_a_decoder_sees_about_the_same(recipe):
    encoder = AvEncoder(recipe, WIDTH, HEIGHT, 2 * M)
    encoded = encode(encoder, 12)
    encoder.close()
    assert encoder.name == recipe.name and None not in encoded
    seen = decode(recipe, encoded)
    assert max(loss(found, scene(index)) for index, found in enumerate(seen)) < 8
    assert loss(seen[-1], scene(0)) > 20  # which one it is makes a difference


@each
def test_key_frames_come_first_and_when_asked_for(recipe):
    encoder = AvEncoder(recipe, WIDTH, HEIGHT, 2 * M)
    asked = {3, 4, 9}
    encoded = [encoder.encode(to_i420(scene(index)), index / FPS, key=index in asked) for index in range(12)]
    assert [index for index, one in enumerate(encoded) if one.key] == [0, 3, 4, 9]
    assert loss(decode(recipe, encoded[9:])[0], scene(9)) < 8  # who sees nothing before can begin with it


@each
def test_another_target_is_kept_to_from_a_key_frame_on(recipe):
    encoder = AvEncoder(recipe, WIDTH, HEIGHT, 2 * M)
    high = encode(encoder, 60, detail)
    encoder.aim_at(400_000)
    low = encode(encoder, 60, detail, 60)
    encoder.aim_at(2 * M)
    again = encode(encoder, 150, detail, 120)
    assert [index for index, one in enumerate(low) if one and one.key] == [0]
    assert sum(one.key for one in again if one) == 1  # later, as to have more is no haste
    assert bits_a_second(low[20:]) < 1.3 * 400_000
    assert bits_a_second(high[20:]) > 2 * bits_a_second(low[20:])
    assert bits_a_second(again[110:]) > 2 * bits_a_second(low[20:])


def test_targets_near_by_change_nothing():
    encoder = AvEncoder(VP9, WIDTH, HEIGHT, M)
    encoded = []
    for turn, target in enumerate((M, 1_200_000, 950_000, 1_250_000)):
        encoder.aim_at(target)
        encoded += encode(encoder, 100, detail, 100 * turn)
    assert sum(one.key for one in encoded if one) == 1


def test_what_is_not_used_is_not_given():
    """A picture that stands takes next to nothing, whatever it may have."""
    encoder = AvEncoder(VP9, WIDTH, HEIGHT, M)
    encoded = []
    for turn, target in enumerate((M, 4 * M, M, 700_000)):
        encoder.aim_at(target)
        encoded += encode(encoder, 100, lambda _: scene(0), 100 * turn)
    assert sum(one.key for one in encoded if one) == 1


def test_one_that_follows_is_opened_again_only_far_off():
    encoder = AvEncoder(VP9, WIDTH, HEIGHT, M, follows=True)
    encode(encoder, 60, detail)
    encoder.aim_at(600_000)
    near = encode(encoder, 30, detail, 60)
    assert not any(one.key for one in near if one)
    encoder.aim_at(200_000)
    far = encode(encoder, 30, detail, 90)
    assert sum(one.key for one in far if one) == 1


@pytest.mark.parametrize("fps", [12, 60])
def test_it_is_the_bits_of_a_second_that_are_kept_to_not_those_of_thirty_pictures(fps):
    encoder = AvEncoder(VP9, WIDTH, HEIGHT, M)
    encoded = encode(encoder, 10 * fps, detail, fps=fps)
    assert 0.6 * M < bits_a_second(encoded[5 * fps :], fps) < 1.3 * M


def test_what_is_over_the_target_is_made_up_for_by_pictures_left_out():
    careless = replace(VP9, options={**VP9.options, "minrate": "0", "maxrate": "0", "qmax": "2"})
    encoder = AvEncoder(careless, WIDTH, HEIGHT, 200_000)
    encoded = encode(encoder, 150, detail)
    assert None in encoded
    assert bits_a_second(encoded[30:]) < 2 * 200_000
    # A key frame that is asked for is not left out, whatever was spent.
    last = encoder.encode(to_i420(detail(150)), 150 / FPS, key=True)
    assert last is not None and last.key


@pytest.mark.parametrize("times", [[5.0, 5.0, 5.0], [5.0, 4.0, 3.0], [0.0, 1e-9, 2e-9], [0.0, 3600.0, 90_000.0]])
def test_times_that_stand_or_run_backwards_or_far_ahead(times):
    encoder = AvEncoder(VP9, WIDTH, HEIGHT, 2 * M)
    encoded = [encoder.encode(to_i420(scene(index)), at) for index, at in enumerate(times)]
    assert None not in encoded
    assert len(decode(VP9, encoded)) == 3


def test_it_may_be_closed_twice():
    encoder = AvEncoder(VP9, WIDTH, HEIGHT, M)
    encode(encoder, 1)
    encoder.close()
    encoder.close()
    with pytest.raises(EncoderError, match="closed"):
        encode(encoder, 1)


# -- in service


class Stage:
    """A track whose hardware is a stand-in."""

    def __init__(self, recipe):
        self.lost = 0
        self.search = Search([recipe], DEADLINE)
        assert self.search.wait(DEADLINE) and self.search.found is not None
        self.hardware = Hardware("main", self.search, self._on_lost)

    def _on_lost(self):
        self.lost += 1

    def break_it(self):
        """From now on there is no such encoder, as when a driver goes or its sessions are all taken."""
        found = self.search.found
        self.search._found = replace(found, recipe=replace(found.recipe, name=f"{found.recipe.name}_gone"))


@each
def test_while_it_works_it_encodes(recipe):
    stage = Stage(recipe)
    assert stage.hardware.preferred == stage.hardware.codec == recipe.codec
    encoder = stage.hardware.make(WIDTH, HEIGHT, M)
    encoded = encode(encoder, 5)
    assert len(decode(recipe, encoded)) == 5 and stage.lost == 0


@each
@pytest.mark.parametrize("when", ["at first", "when it changes its bit rate"])
def test_where_it_fails_software_encodes_that_picture(recipe, when, caplog):
    stage = Stage(recipe)
    encoder = stage.hardware.make(WIDTH, HEIGHT, M) if when != "at first" else None
    encoded = encode(encoder, 3) if encoder else []
    stage.break_it()
    if encoder is None:
        encoder = stage.hardware.make(WIDTH, HEIGHT, M)
    else:
        encoder._encoder._recipe = stage.search.found.recipe
    encoder.aim_at(300_000)
    encoded += encode(encoder, 6, start=len(encoded))
    assert None not in encoded and encoder.name == recipe.name
    seen = decode(recipe, encoded)
    assert len(seen) == len(encoded)
    assert max(loss(found, scene(index)) for index, found in enumerate(seen)) < 12
    assert (stage.lost, stage.hardware.preferred, stage.hardware.codec) == (1, None, recipe.codec)
    (record,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert record.getMessage().startswith(f"track 'main': {recipe.name}_gone is left for {recipe.name}: ")
    # Once is enough: who needs an encoder later has software at once.
    other = stage.hardware.make(WIDTH, HEIGHT, M)
    assert len(decode(recipe, encode(other, 2))) == 2
    assert stage.lost == 1


def test_where_there_is_none_none_is_made():
    hardware = Hardware("main", Search([], DEADLINE), lambda: None)
    assert hardware.preferred is None and hardware.codec is None
    with pytest.raises(EncoderError, match="no hardware encoder"):
        hardware.make(WIDTH, HEIGHT, M)


def test_sizes_that_not_even_software_takes():
    stage = Stage(AV1)
    with pytest.raises(EncoderError, match="libsvtav1 of 2x2 does not open"):
        stage.hardware.make(2, 2, M)
    assert stage.lost == 1


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="only Linux tells")
@each
def test_no_thread_becomes_a_real_time_one(recipe):
    """One of these encoders makes them so where it may, and with them whatever this process starts."""

    def policies():
        return {os.sched_getscheduler(int(name)) for name in os.listdir("/proc/self/task")}

    before = policies()
    encoder = AvEncoder(recipe, WIDTH, HEIGHT, 2 * M)
    encode(encoder, 2)
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
    assert policies() <= before
    encoder.close()
