"""A model with sound, whose picture changes its size in the middle."""

import numpy as np

from reactor_runtime.interface import Audio, Output, ReactorModel, Video, event

FPS = 30
SIZES = ((180, 320), (120, 120))


class Scene(Output):
    main_video: Video
    main_audio: Audio


class Recorded(ReactorModel):
    """Red in the one size, then blue in the other, with a tone."""

    fps = FPS

    def load(self, config):
        self.size = 0

    @event(name="change_size")
    def change_size(self):
        self.size = 1

    async def run(self):
        rate = Audio.sample_rate
        time = np.arange(rate // FPS) / rate
        tone = (np.sin(2 * np.pi * 600 * time) * 12_000).astype(np.int16)
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                picture = np.zeros((*SIZES[self.size], 3), np.uint8)
                picture[..., 2 * self.size] = 200
                await self.emit(Scene(main_video=picture, main_audio=tone))
