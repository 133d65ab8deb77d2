"""MyModel: a prompt becomes a stream of frames."""

import zlib

import numpy as np

from reactor_runtime.interface import InputField, InputState, ModelMessage, Output, ReactorPipeline, Video


class Frame(Output):
    main_video: Video


class Progress(ModelMessage):
    """Once a second."""

    step: int


class State(InputState):
    """What clients set: each field is a command, `set_prompt` and `set_strength`. Each session begins afresh."""

    prompt: str = InputField(default="a calm sea at night", max_length=300, description="What to show.")
    strength: float = InputField(default=0.5, ge=0, le=1, description="How strongly the prompt pulls.")


class MyModel(ReactorPipeline):
    """A prompt becomes a stream of frames."""

    fps = 24
    state: State

    def load(self, config):
        """Called once, before any client. Put your pipeline here; keys of config.yml are attributes."""
        self.pipe = StandIn(config.width, config.height)

    def inference(self):
        """One yield, one frame. What clients set changes between two of them, never in between."""
        step = 0
        latents = self.pipe.start()
        while True:
            latents = self.pipe.denoise(latents, self.state.prompt, self.state.strength)
            yield Frame(main_video=self.pipe.decode(latents))  # (3, H, W), floats in 0..1, as pipelines give them
            step += 1
            if step % self.fps == 0:
                self.send_threadsafe(Progress(step=step))


class StandIn:
    """In place of a diffusion pipeline: the prompt's letters choose colours, and the picture drifts towards them."""

    def __init__(self, width, height):
        self.shape = (height, width)
        rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
        self.waves = np.stack([np.sin(9 * rows + k) + np.sin(13 * columns - 2 * k) for k in range(3)])
        self.phase = 0.0

    def start(self):
        """Latents, (3, H, W) float32."""
        return np.full((3, *self.shape), 0.5, np.float32)

    def denoise(self, latents, prompt, strength):
        """One step towards the prompt."""
        letters = np.frombuffer(zlib.crc32(prompt.encode()).to_bytes(4, "big"), np.uint8).astype(np.float32)
        self.phase += 0.05
        colour = letters[:3, None, None] / 255
        wanted = colour + np.float32(0.18) * np.sin(self.waves + self.phase * (1 + letters[3] / 128))
        return latents + np.float32(strength * 0.3) * (wanted - latents)

    def decode(self, latents):
        """The image, (3, H, W) float32 in 0..1."""
        return latents.clip(0, 1)
