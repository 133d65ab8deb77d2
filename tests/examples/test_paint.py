"""The living picture: what its commands do to the pixels."""

from __future__ import annotations

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


def test_an_image_is_grown_along(model: Any) -> None:
    half = np.zeros((90, 200, 3), np.uint8)
    half[:, 100:] = 255
    encoded = cv2.imencode(".png", half)[1].tobytes()
    planted = model.plant_image(image=UploadedFile("half.png", "image/png", data=encoded))
    assert (planted.file_name, planted.width, planted.height) == ("half.png", 200, 90)
    for frames in (1, 300):  # at once, and for long
        for _ in range(frames):
            picture = model.picture.step()
        assert picture[:, 340:].mean() > 2 * picture[:, :300].mean()
    model.reset(seed=7)
    assert model.picture.image is None


@pytest.mark.parametrize("data", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_refused(model: Any, data: bytes) -> None:
    before = model.picture.growth.copy()
    with pytest.raises(CommandError, match=r"'notes\.txt' cannot be read as an image") as refusal:
        model.plant_image(image=UploadedFile("notes.txt", "text/plain", data=data))
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
