"""The model as clients see it, under a clock of its own: a second passes at once."""

from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent.parent


@pytest.fixture
def model(harness):
    return harness(HERE, config={"width": 64, "height": 36})


def test_the_prompt_is_seen(model):
    client = model.connect()
    model.run(4.0)
    before = client.image.mean(axis=(0, 1))
    assert client.command("set_prompt", prompt="a red desert").ok
    model.run(4.0)
    assert np.abs(client.image.mean(axis=(0, 1)) - before).max() > 10
    assert client.messages[-1].type == "progress"


def test_what_does_not_fit_is_refused(model):
    client = model.connect()
    assert client.command("set_strength", strength=2).text == "set_strength: strength: 2.0 is above the maximum 1"
    assert client.command("set_prompt", prompt="x" * 301).code == "invalid_command"


def test_a_new_session_has_a_fresh_state(model):
    client = model.connect()
    client.command("set_prompt", prompt="a red desert")
    model.stop_session()
    model.connect()
    assert model.model.state.prompt == "a calm sea at night"
