"""The model as clients see it, under a clock of its own: a second passes at once."""

from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent.parent


@pytest.fixture
def model(harness):
    return harness(HERE, config={"width": 64, "height": 36})


def test_a_picture_that_moves(model):
    client = model.connect()
    model.run(1.0)
    assert client.image.shape == (36, 64, 3)
    assert len(client.frames) >= 30
    assert not np.array_equal(client.frames[0].image, client.frames[-1].image)


def test_commands_change_it_and_are_checked(model):
    client = model.connect()
    assert client.command("set_speed", speed=0).message == {"hue": 0.6, "speed": 0.0}
    model.run(0.2)
    before = client.image
    client.command("set_hue", hue=0.1)
    model.run(0.2)
    assert np.abs(client.image.astype(int) - before).mean() > 10
    assert client.command("set_hue", hue=7).text == "set_hue: hue: 7.0 is above the maximum 1"


def test_a_new_session_begins_anew(model):
    client = model.connect()
    client.command("set_speed", speed=5)
    model.stop_session()
    client = model.connect()
    assert client.wait_for_message("look").data == {"hue": 0.6, "speed": 1.0}
