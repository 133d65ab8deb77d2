"""Once a second a white picture and, in the sound of the same `emit()`, a click."""

import numpy as np

from reactor_runtime.interface import Audio, Output, ReactorModel, Video

RATE = 48_000
FPS = 30
CLICK_SAMPLES = 480


class Moment(Output):
    picture: Video
    sound: Audio


class FlashAndClick(ReactorModel):
    """A flash and a click every second."""

    fps = FPS
    output: Moment

    def load(self, config):
        self.dark = np.full((360, 640, 3), 16, np.uint8)
        self.bright = np.full((360, 640, 3), 235, np.uint8)
        self.quiet = np.zeros(RATE // FPS, np.int16)
        self.click = self.quiet.copy()
        self.click[:CLICK_SAMPLES] = 24_000 * np.sign(np.sin(np.arange(CLICK_SAMPLES) * 2 * np.pi * 1000 / RATE + 0.1))

    async def run(self):
        frame = 0
        while True:
            await self.connected.wait()
            now = frame % FPS == 0
            # noise keeps the sound from being silence, which no engine hands over
            sound = self.click if now else np.random.randint(-40, 40, len(self.quiet)).astype(np.int16)
            await self.emit(Moment(picture=self.bright if now else self.dark, sound=sound))
            frame += 1
