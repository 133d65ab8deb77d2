"""The authoring page's closing model, as the page describes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reactor_runtime.interface.model import handlers_of, host_of

from .loading import load_example


@pytest.fixture
def model() -> Any:
    """The example, with a client connected."""
    return load_example("seed")


async def test_the_page(model: Any) -> None:
    await model.on_connect()
    assert model.prompt == "a sunny meadow"
    await model.get_current_prompt()
    assert model.set_prompt(prompt="a red desert") is None
    await model.get_current_prompt()
    assert [message.prompt for message in host_of(model).sent] == ["a sunny meadow", "a red desert"]
    await model.on_disconnect()


def test_its_commands(model: Any) -> None:
    commands = handlers_of(type(model)).commands
    assert list(commands) == ["set_prompt", "get_current_prompt"]
    assert commands["set_prompt"].description == "Change the scene prompt"


def test_pictures_depend_on_prompt_and_step(model: Any) -> None:
    def picture(prompt: str, step: int) -> Any:
        return model.pipe.forward(prompt=prompt, step=step)

    meadow = picture("a sunny meadow", 0)
    assert meadow.shape == (360, 640, 3) and meadow.dtype == np.uint8
    assert np.array_equal(picture("a sunny meadow", 0), meadow)
    assert not np.array_equal(picture("a sunny meadow", 1), meadow)
    desert = picture("a red desert", 0)
    assert np.abs(desert.mean(axis=(0, 1)) - meadow.mean(axis=(0, 1))).max() > 10
    assert picture("", 10_000).std() > 10
