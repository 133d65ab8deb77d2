"""The living picture: what its commands do to the pixels."""

from __future__ import annotations

import re
import sys
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from reactor_runtime.errors import FieldError
from reactor_runtime.interface import CommandError, UploadedFile
from reactor_runtime.interface.fields import no_uploads
from reactor_runtime.interface.host import NullHost
from reactor_runtime.interface.model import bind, handlers_of

from .loading import load_example


@pytest.fixture
def model() -> Any:
    """The example, at a known seed."""
    model = load_example("paint")
    model.reset(seed=7)
    return model


def test_a_frame_is_a_moving_picture(model: Any) -> None:
    first, second = model.picture.step(), model.picture.step()
    assert first.shape == (360, 640, 3) and first.dtype == np.uint8
    assert first.std() > 20  # something is to be seen at once
    assert (first != second).any()  # and it moves


def test_a_seed_is_a_picture(model: Any) -> None:
    first = model.picture.step()
    assert model.reset(seed=7).seed == 7
    assert np.array_equal(model.picture.step(), first)
    model.reset(seed=8)
    assert not np.array_equal(model.picture.step(), first)
    assert model.reset().seed != model.reset().seed


@pytest.mark.parametrize(("x", "y"), [(0.25, 0.75), (0.9, 0.1), (0.0, 0.0), (1.0, 1.0)])
def test_paint_shows_at_the_point(model: Any, x: float, y: float) -> None:
    model.set_speed(speed=0.0)  # nothing else changes then
    before = model.picture.step()
    assert model.paint(x=x, y=y, radius=0.05) is None
    changed = np.abs(model.picture.step().astype(int) - before).max(axis=2)
    rows, columns = np.nonzero(changed > 60)
    assert rows.size > 0
    assert np.hypot(rows / 360 - y, (columns / 640 - x) * 640 / 360).max() < 0.1


def test_what_is_painted_grows(model: Any) -> None:
    model.picture.food[:], model.picture.growth[:] = 1.0, 0.0
    model.paint(x=0.5, y=0.5)
    dab = model.picture.coverage
    for _ in range(150):
        model.picture.step()
    assert model.picture.coverage > 5 * dab


def test_palettes_change_the_colours_and_nothing_else(model: Any) -> None:
    model.set_speed(speed=0.0)
    palettes = sys.modules["colour"].PALETTES
    pictures = []
    for palette in palettes:
        assert model.set_palette(palette=palette).palette == palette
        growth = model.picture.growth.copy()
        pictures.append(model.picture.step())
        assert np.array_equal(model.picture.growth, growth)
    means = {tuple(picture.mean(axis=(0, 1)).round()) for picture in pictures}
    assert len(means) == len(palettes)


def test_speed_0_stands_still(model: Any) -> None:
    assert model.set_speed(speed=0.0).speed == 0.0
    model.picture.step()
    assert np.array_equal(model.picture.step(), model.picture.step())


def test_a_session_begins_with_the_look_of_the_config(model: Any) -> None:
    model.set_palette(palette="gold")
    model.set_speed(speed=0.0)
    model.begin()
    assert (model.look().palette, model.look().speed) == ("reef", 1.0)
    fresh = load_example("paint")
    fresh.reset(seed=7)
    model.reset(seed=7)
    assert np.array_equal(model.picture.step(), fresh.picture.step())


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"palette": "mauve"}, "config: palette: 'mauve' is not one of reef, ember, aurora, orchid, gold, porcelain"),
        ({"palette": ["reef"]}, "config: palette: ['reef'] is not one of"),
        ({"speed": 9}, "config: speed: 9 is no number from 0 to 3"),
        ({"speed": -0.1}, "config: speed: -0.1 is"),
        ({"speed": "fast"}, "config: speed: 'fast' is"),
        ({"speed": float("nan")}, "config: speed: nan is"),
        ({"speed": True}, "config: speed: True is"),
    ],
)
def test_a_config_is_held_to_the_limits_of_the_commands(model: Any, config: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        type(model)().load(config)


def test_frames_do_not_share_their_pixels(model: Any) -> None:
    first = model.picture.step()
    kept = first.copy()
    model.picture.step()
    assert np.array_equal(first, kept)


async def test_an_image_is_grown_along(model: Any) -> None:
    half = np.zeros((90, 200, 3), np.uint8)
    half[:, 100:] = 255
    encoded = cv2.imencode(".png", half)[1].tobytes()
    planted = await model.plant_image(image=UploadedFile("half.png", "image/png", data=encoded))
    assert (planted.file_name, planted.width, planted.height) == ("half.png", 200, 90)
    for frames in (1, 300):  # at once, and for long
        for _ in range(frames):
            picture = model.picture.step()
        assert picture[:, 340:].mean() > 2 * picture[:, :300].mean()
    model.reset(seed=7)
    assert model.picture.image is None


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (480, 270)])
async def test_kinds_of_images(model: Any, suffix: str, shape: tuple[int, int]) -> None:
    data = cv2.imencode(suffix, np.zeros((*shape, 3), np.uint8))[1].tobytes()
    planted = await model.plant_image(image=UploadedFile(f"an{suffix}", "image/any", data=data))
    assert (planted.height, planted.width) == shape == sys.modules["images"].image_size(data)[::-1]


def test_the_size_of_a_webp_of_each_kind(model: Any) -> None:
    picture = np.zeros((30, 20, 4), np.uint8)
    picture[..., 3] = np.arange(20)
    kinds = {}
    for quality in (50, 101):  # with losses, without
        for channels in (3, 4):
            data = cv2.imencode(".webp", picture[..., :channels], [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
            kinds[data[12:16]] = sys.modules["images"].image_size(data)
    assert kinds == {b"VP8 ": (20, 30), b"VP8L": (20, 30), b"VP8X": (20, 30)}


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
async def test_an_image_that_is_too_large_is_refused_unread(model: Any, suffix: str) -> None:
    data = bytearray(cv2.imencode(suffix, np.zeros((2, 2, 3), np.uint8))[1].tobytes())
    if suffix == ".png":
        data[16:24] = (8000).to_bytes(4, "big") + (6000).to_bytes(4, "big")
    else:
        size = data.index(b"\xff\xc0") + 5
        data[size : size + 4] = (6000).to_bytes(2, "big") + (8000).to_bytes(2, "big")
    with pytest.raises(CommandError, match="has 8000×6000 pixels; send one of at most 40 megapixels") as refusal:
        await model.plant_image(image=UploadedFile("huge", "image/any", data=bytes(data)))
    assert refusal.value.code == "image_too_large"


@pytest.mark.parametrize(
    "data",
    [b"", b"no image", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8" + 20 * b"\xff",
     b"RIFF\0\0\0\0WEBPVP8X", b"BM" + bytes(60)],
)  # fmt: skip
async def test_what_is_no_image_is_refused(model: Any, data: bytes) -> None:
    before = model.picture.growth.copy()
    with pytest.raises(CommandError, match=r"'notes\.txt' cannot be read as an image") as refusal:
        await model.plant_image(image=UploadedFile("notes.txt", "text/plain", data=data))
    assert refusal.value.code == "bad_image"
    assert np.array_equal(model.picture.growth, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (720, 1280)])
def test_images_of_any_shape(model: Any, shape: tuple[int, int]) -> None:
    grey: NDArray[np.uint8] = np.full((*shape, 3), 128, np.uint8)
    model.picture.plant(grey)
    assert model.picture.step().shape == (360, 640, 3)


@pytest.mark.parametrize("speed", [0.4, 1.0, 3.0])
def test_it_lives_on(model: Any, speed: float) -> None:
    model.set_speed(speed=speed)
    for _ in range(400):
        picture = model.picture.step()
    for field in (model.picture.food, model.picture.growth, model.picture.glow, model.picture.dye):
        assert field.dtype == np.float32 and np.isfinite(field).all()
    assert 0.15 < model.picture.coverage < 0.85
    assert picture.std() > 20 and 20 < picture.mean() < 200


@pytest.mark.parametrize(
    ("command", "arguments", "problem"),
    [
        ("paint", {"x": 1.2, "y": 0.5}, "x: 1.2 is above the maximum"),
        ("paint", {"x": 0.5}, "y"),
        ("set_speed", {"speed": 3.5}, "speed: 3.5 is above the maximum"),
        ("set_speed", {"speed": -0.1}, "speed: -0.1 is below the minimum"),
        ("set_palette", {"palette": "mauve"}, "palette"),
        ("reset", {"seed": 0.5}, "seed"),
    ],
)
def test_what_clients_may_not_say(model: Any, command: str, arguments: dict[str, Any], problem: str) -> None:
    declaration = handlers_of(type(model)).commands[command]
    with pytest.raises((FieldError, CommandError), match=problem):
        declaration.arguments(arguments, no_uploads)


async def test_progress_once_a_second(model: Any) -> None:
    host = FramesThenGone(type(model), frames=61)
    bind(model, host)
    model.begin()
    with pytest.raises(Gone):
        await model.run()
    assert len(host.emitted) == 61
    assert [message.step for message in host.sent] == [30, 60]
    assert all(0.0 <= message.coverage <= 1.0 for message in host.sent)


class Gone(Exception):
    """The run is over."""


class FramesThenGone(NullHost):
    """A host whose one client leaves after a number of frames."""

    def __init__(self, model: type, frames: int) -> None:
        super().__init__(model)
        self.frames = frames
        self.connected = self

    def is_set(self) -> bool:
        return len(self.emitted) < self.frames

    async def wait(self) -> None:
        if not self.is_set():
            raise Gone
