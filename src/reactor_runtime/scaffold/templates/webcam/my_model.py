"""MyModel: your camera's picture, changed on its way."""

import cv2
import numpy as np

from reactor_runtime.interface import (
    BufferClosed,
    Input,
    InputField,
    Output,
    ReactorModel,
    Video,
    event,
    session_started,
)


class Camera(Input):
    webcam: Video


class Frame(Output):
    main_video: Video


class MyModel(ReactorModel):
    """Your camera's picture, changed on its way."""

    fps = 30
    input: Camera

    def load(self, config):
        """Called once, before any client. Load weights here; keys of config.yml are attributes."""
        self.idle = placeholder(config.width, config.height)

    @session_started
    def begin(self):
        self.edges, self.mirror = 0.7, True

    @event(name="set_edges", description="From the plain picture to its edges alone.", dedupe=True)
    def set_edges(self, edges: float = InputField(default=0.7, ge=0, le=1)):
        self.edges = edges

    @event(name="set_mirror", description="As in a mirror.")
    def set_mirror(self, mirror: bool = True):
        self.mirror = mirror

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                try:
                    frames = await self.input.webcam.read(timeout=0.5)  # the newest one
                except TimeoutError:  # nobody has published a camera
                    await self.emit(Frame(main_video=self.idle))
                except BufferClosed:  # the last client left
                    break
                else:
                    await self.emit(Frame(main_video=self.change(frames[0].data)))

    def change(self, picture):
        """One frame in, (H, W, 3) uint8 RGB, one out. With `reactor run --reload`: change a line, save, and look."""
        if self.mirror:
            picture = np.ascontiguousarray(picture[:, ::-1])
        lines = cv2.Canny(picture, 60, 160)
        glow = cv2.merge([cv2.GaussianBlur(lines, (0, 0), sigma) for sigma in (3.0, 1.5, 0.7)])
        return cv2.addWeighted(picture, 1 - self.edges, glow, self.edges * 1.6, 0)


def placeholder(width, height):
    """What is shown while no camera is there."""
    picture = np.full((height, width, 3), 24, np.uint8)
    cv2.putText(
        picture, "publish a webcam", (width // 16, height // 2), cv2.FONT_HERSHEY_SIMPLEX, width / 640, (200,) * 3
    )
    return picture
