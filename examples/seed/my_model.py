"""The model that the authoring page ends with, line by line, with a stand-in for its checkpoint."""

from dataclasses import dataclass

from checkpoint import load_checkpoint

from reactor_runtime.interface import (
    InputField,
    ModelMessage,
    Output,
    ReactorModel,
    Video,
    connected,
    disconnected,
    event,
)


@dataclass
class MyOutput(Output):
    main_video: Video


@dataclass
class CurrentPrompt(ModelMessage):
    prompt: str


@dataclass
class Progress(ModelMessage):
    step: int
    total: int


class MyModel(ReactorModel):
    fps = 24

    def load(self, config):
        self.pipe = load_checkpoint(config["checkpoint"])

    @connected
    async def on_connect(self):
        self.prompt = "a sunny meadow"
        self._step = 0

    @disconnected
    async def on_disconnect(self):
        self.output_buffer.flush()

    @event(name="set_prompt", description="Change the scene prompt")
    def set_prompt(self, prompt: str = InputField(default="")):
        self.prompt = prompt

    @event(name="get_current_prompt", description="Return the current prompt")
    async def get_current_prompt(self):
        await self.send(CurrentPrompt(prompt=self.prompt))

    async def run(self):
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                prompt = self.prompt
                frame = self.pipe.forward(prompt=prompt, step=self._step)
                await self.send(Progress(step=self._step, total=100))
                await self.emit(MyOutput(main_video=frame))
                self._step += 1
