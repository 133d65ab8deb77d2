"""What the pages say of their models, beyond that they run."""

from __future__ import annotations

import asyncio
import threading

import cv2
import numpy as np

from reactor_runtime.media.pictures import check_picture
from reactor_runtime.testing import Harness

from .pages import DOCS, blocks
from .running import run_page

MODEL = DOCS / "model"


def test_what_is_called_a_frame_is_one():
    shown = []
    for block in blocks(MODEL / "anatomy.md", "python"):
        if "\nframe = " in block.body:
            exec(block.body, names := {"np": np})
            shown.append([picture.rgb() for picture in check_picture(names["frame"], "the page").pictures()])
    assert [[frame.shape for frame in frames] for frames in shown] == [[(90, 160, 3)] * 2, [(90, 160, 3)]]
    (floats, _), (grey,) = shown
    assert floats.min() == 0 and floats.max() == 255
    assert (grey[..., 0] == grey[..., 2]).all() and grey[-1, -1, 0] == 255


def test_an_uploaded_image_becomes_an_array_and_what_is_none_is_refused():
    blue = np.zeros((30, 40, 3), np.uint8)
    blue[..., 0] = 255
    _, png = cv2.imencode(".png", blue)
    with Harness(run_page(MODEL / "uploads.md").Portrait) as harness:
        client = harness.connect()
        assert client.command("set_portrait", image=client.upload("blue.png", png.tobytes())).ok
        assert harness.model.portrait.shape == (30, 40, 3)
        assert harness.model.portrait[0, 0].tolist() == [0, 0, 255]
        refused = client.command("set_portrait", image=client.upload("text.png", b"no image"))
        assert (refused.code, refused.text) == ("no_image", "text.png cannot be read as an image")


def test_commands_are_answered_while_a_step_runs_and_change_the_state_after_it():
    module = run_page(MODEL / "state.md")
    steps, may_end = [], threading.Event()

    class Held:
        def forward(self, prompt, strength):
            steps.append(strength)
            assert may_end.wait(30)
            return np.zeros((96, 96, 3), np.uint8)

    with Harness(module.Slow) as harness:
        harness.model.pipe = Held()
        try:
            client = harness.connect()
            assert client.command("set_strength", strength=1).ok
            assert steps == [0.5] and harness.model.state.strength == 0.5
        finally:
            may_end.set()
        harness.run(1)
        assert set(steps[1:]) == {1} and len(client.frames) > 2


def test_a_steps_callback_tells_how_far_it_is():
    module = run_page(MODEL / "messages.md")

    class Running(module.Slow):
        async def run(self):
            await self.connected.wait()
            await self.forward()
            await asyncio.Event().wait()

    with Harness(Running) as harness:
        client = harness.connect()
        harness.run(1)
        told = [(message.data["step"], message.data["steps"]) for message in client.messages]
        assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
