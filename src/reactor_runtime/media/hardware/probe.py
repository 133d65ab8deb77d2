"""What an encoder has to show, on this machine, before it is trusted with pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from ..live import Encoded, EncoderError
from .opened import Opened
from .recipes import SPARES, Recipe

_SIZES = (320, 180), (642, 362)
"""Not all of them whole in the blocks of any encoder."""
_PICTURES, _ASKED = 9, 5
_HIGH, _LOW = 2_500_000, 500_000
_WARM, _COUNTED = 8, 16
"""Pictures until a bit rate is kept to, and those it is then read from."""
_BLOCK = 8
_NEAR = 40.0
"""Levels that a block of so many pixels each way may differ by from what went in, on average; one that stays as it was
before differs by 100 and more."""
_HALF = 0.6
"""A fifth of the bit rate is to become less than so much of the bits."""
_ALONE = threading.Lock()
"""FFmpeg has one level of what it logs, for all threads."""
_DECODERS = {"AV1": "libdav1d", "VP9": "vp9"}


def examine(recipe: Recipe, check: Callable[[], None] = lambda: None) -> bool:
    """Try it.

    Args:
        check: called between pictures; what it raises ends this.

    Returns:
        Whether its bit rate follows while it runs.

    Raises:
        EncoderError: it is not to be trusted; says why.
    """
    import av

    for name in (recipe.name, SPARES[recipe.codec].name, _DECODERS[recipe.codec]):
        if name not in av.codecs_available:
            raise EncoderError(f"PyAV has no {name}")
    with _heard() as said:
        try:
            for width, height in _SIZES:
                _try_pictures(recipe, width, height, check)
            return _try_rates(recipe, check)
        except EncoderError as error:
            raise EncoderError("; ".join([str(error), *said()])) from error


def _try_pictures(recipe: Recipe, width: int, height: int, check: Callable[[], None]) -> None:
    opened = Opened(recipe, width, height, _HIGH)
    try:
        scenes = [_scene(number, width, height) for number in range(_PICTURES)]
        encoded = []
        for number, scene in enumerate(scenes):
            check()
            encoded.append(opened.encode(scene, key=number == _ASKED))
    finally:
        opened.close()
    keys = [number for number, one in enumerate(encoded) if one.key]
    if not {0, _ASKED} <= set(keys) or len(keys) > _PICTURES // 2:
        raise EncoderError(f"{recipe.name} makes key frames of pictures {keys}, asked for 0 and {_ASKED}")
    # Once more from the middle, as who comes later sees it.
    for first in (0, _ASKED):
        seen = _decode(recipe, encoded[first:], width, height)
        wrong = max(_loss(one, scene) for one, scene in zip(seen, scenes[first:], strict=True))
        if wrong > _NEAR:
            raise EncoderError(f"{recipe.name} of {width}x{height} shows something else, by {wrong:.0f} levels")


def _try_rates(recipe: Recipe, check: Callable[[], None]) -> bool:
    """Whether less becomes of less: while it runs, or else where it is opened again."""
    width, height = _SIZES[1]
    opened = Opened(recipe, width, height, _HIGH)
    try:
        high = _bits(opened, width, height, check)
        opened.retarget(_LOW)
        if _bits(opened, width, height, check) < _HALF * high:
            return True
    finally:
        opened.close()
    opened = Opened(recipe, width, height, _LOW)
    try:
        if _bits(opened, width, height, check) < _HALF * high:
            return False
    finally:
        opened.close()
    raise EncoderError(f"{recipe.name} keeps to no bit rate")


def _bits(opened: Opened, width: int, height: int, check: Callable[[], None]) -> int:
    bits = 0
    for number in range(_WARM + _COUNTED):
        check()
        encoded = opened.encode(_noise(number, width, height), key=False)
        bits += 8 * len(encoded.data) if number >= _WARM else 0
    return bits


def _decode(recipe: Recipe, encoded: Sequence[Encoded], width: int, height: int) -> list[NDArray[np.uint8]]:
    """The pictures, as I420. All of them, or an error."""
    import av

    decoder = av.CodecContext.create(_DECODERS[recipe.codec], "r")
    assert isinstance(decoder, av.VideoCodecContext)
    try:
        frames = [frame for one in encoded for frame in decoder.decode(av.Packet(one.data))]
        frames += decoder.decode(None)
    except (av.FFmpegError, ValueError) as error:
        raise EncoderError(f"{recipe.name} writes what no decoder reads: {error}") from error
    sizes = {(frame.width, frame.height) for frame in frames}
    if len(frames) != len(encoded) or sizes != {(width, height)}:
        raise EncoderError(f"{recipe.name} of {width}x{height}: {len(frames)} of {len(encoded)} come out, as {sizes}")
    return [np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8) for frame in frames]


def _scene(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """I420 of a picture that is easy to encode, and unlike those before and after it: a large square moves across it,
    and small ones are dark or bright by chance."""
    down, right = np.mgrid[: height * 3 // 2, :width].astype(np.float32)
    planes: NDArray[np.uint8] = (90 + 60 * np.sin(right / 40) * np.cos(down / 45)).astype(np.uint8)
    planes[height:] = 128
    side, step = height // 3, width // (2 * _PICTURES)
    planes[side : 2 * side, step * number : step * number + side] = 230
    small = np.random.default_rng(number).choice(np.array([30, 220], np.uint8), (2, width // 16))
    planes[16:48, : width // 16 * 16] = small.repeat(16, axis=0).repeat(16, axis=1)
    return planes


def _noise(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """I420 of a picture that bits can be spent on, or saved."""
    rows = height * 3 // 2
    coarse = np.random.default_rng(number).integers(0, 40, (rows // 4 + 1, width // 4 + 1), np.uint8)
    return np.ascontiguousarray(
        coarse.repeat(4, axis=0).repeat(4, axis=1)[:rows, :width] + _scene(number, width, height) // 2
    )


def _loss(found: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> float:
    """By how many levels the block differs that differs most."""
    rows, columns = (size // _BLOCK * _BLOCK for size in wanted.shape)
    apart = np.abs(found[:rows, :columns].astype(np.float32) - wanted[:rows, :columns])
    blocks = apart.reshape(rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)
    return float(blocks.mean(axis=(1, 3)).max())


@contextmanager
def _heard() -> Iterator[Callable[[], list[str]]]:
    """What FFmpeg complains of meanwhile: of a driver it says more there than in its errors."""
    import av.logging

    with _ALONE:
        before = av.logging.get_level()
        av.logging.set_level(av.logging.ERROR)
        try:
            with av.logging.Capture() as lines:
                yield lambda: [text.strip() for _, _, text in lines][:2]
        finally:
            av.logging.set_level(before)
