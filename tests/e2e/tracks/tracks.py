"""Every kind of track at once, and a report of what came in."""

import numpy as np

from reactor_runtime.interface import (
    Audio,
    Input,
    Metadata,
    ModelMessage,
    Output,
    ReactorModel,
    ReadMode,
    Video,
    event,
)

FPS = 30
RATE = 24_000
TONE = 600


class Voice(Audio):
    sample_rate = RATE


class Speech(Audio):
    sample_rate = 16_000


class Scene(Output):
    colour: Video
    depth: Video
    voice: Voice
    info: Metadata = None


class Inputs(Input):
    webcam: Video
    screen: Video
    microphone: Speech


class Seen(ModelMessage):
    webcam: list[int] | None
    """Its colour, in the middle."""
    lens: str
    screen: list[int] | None
    samples: int
    """How many came of the microphone."""
    loudest: int
    hertz: float
    """The strongest pitch in the newest half second."""


class Tracks(ReactorModel):
    """A red view in batches beside a grey one, a tone, and three inputs."""

    fps = FPS
    output: Scene
    input: Inputs

    def load(self, config):
        self.number = 0
        self.webcam = self.screen = None
        self.sound = np.zeros(RATE, np.int16)
        self.samples = 0

    @event(name="seen")
    def seen(self) -> Seen:
        wave = self.sound[-8000:].astype(float)
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
        return Seen(
            webcam=None if self.webcam is None else self.middle(self.webcam),
            lens=self.webcam.metadata.get("lens", "") if self.webcam is not None else "",
            screen=None if self.screen is None else self.middle(self.screen),
            samples=self.samples,
            loudest=int(np.abs(wave).max()),
            hertz=float(np.argmax(spectrum) * 16_000 / len(wave)),
        )

    @staticmethod
    def middle(frame) -> list[int]:
        height, width = frame.shape[:2]
        return [int(value) for value in frame.data[height // 2, width // 2]]

    async def run(self):
        while True:
            await self.connected.wait()
            for block in self.input.microphone.try_read(self.input.microphone.available or 1, ReadMode.FIFO) or []:
                self.samples += block.shape[1]
                self.sound = np.concatenate([self.sound, block.data[0]])[-RATE:]
            self.webcam = (self.input.webcam.try_read() or [self.webcam])[-1]
            self.screen = (self.input.screen.try_read() or [self.screen])[-1]
            red = np.zeros((2, 192, 320, 3), np.uint8)
            red[..., 0] = 230
            count = 2 * RATE // FPS
            at = np.arange(self.number * RATE // FPS, self.number * RATE // FPS + count)
            await self.emit(
                Scene(
                    colour=red,
                    depth=np.full((3, 181, 321), 0.5, np.float32),
                    voice=0.4 * np.sin(2 * np.pi * TONE * at / RATE),
                    info=[{"number": self.number}, {"number": self.number + 1}],
                )
            )
            self.number += 2
