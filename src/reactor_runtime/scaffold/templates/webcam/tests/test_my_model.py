"""The model as clients see it, under a clock of its own: a second passes at once."""

from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent.parent
HALVES = np.zeros((36, 64, 3), np.uint8)
HALVES[:, 32:] = 255  # dark on the left, light on the right


@pytest.fixture
def model(harness):
    return harness(HERE, config={"width": 64, "height": 36})


def test_without_a_camera_it_says_so(model):
    client = model.connect()
    model.run(1.0)
    assert client.image.shape == (36, 64, 3)


def test_the_camera_is_mirrored(model):
    client = model.connect()
    client.command("set_edges", edges=0)
    client.stream("webcam", HALVES, fps=30)
    model.run(0.5)
    assert client.image[:, 8].mean() > 200 > 50 > client.image[:, -8].mean()
    client.command("set_mirror", mirror=False)
    model.run(0.5)
    assert np.array_equal(client.image, HALVES)


def test_edges_are_found(model):
    client = model.connect()
    client.command("set_edges", edges=1)
    client.stream("webcam", HALVES, fps=30)
    model.run(0.5)
    columns = client.image.mean(axis=(0, 2))
    assert 28 <= columns.argmax() <= 36 and columns[8] < 5


def test_it_goes_on_after_the_camera_has_gone(model):
    client = model.connect()
    client.stream("webcam", [HALVES] * 10, fps=30)
    model.run(2.0)
    client.leave()
    again = model.connect()
    again.stream("webcam", HALVES, fps=30)
    model.run(0.5)
    assert len(again.frames) > 10
