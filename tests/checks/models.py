"""The model that the checks find nothing in."""

from __future__ import annotations

GOOD = """
    import asyncio
    import time
    import numpy as np
    from reactor_runtime import ClientInfo, Input, Output, ReactorModel, Video, connected, event

    class Frame(Output):
        main_video: Video

    class Checked(ReactorModel):
        def load(self, config):
            self.weights = config["weights"]
            self.steps = config.get("steps", 4)

        @connected
        async def join(self, client: ClientInfo):
            pass

        @event(name="set_level")
        def set_level(self, level: int = 1):
            self.level = level

        async def run(self):
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    await self.emit(Frame(main_video=np.zeros((4, 4, 3), np.uint8)))
"""
MANIFEST = "model: {name: checked}\nruntime: {import: 'checked_model:Checked', config: c.yml}\n"


def bad(findings):
    return [finding for finding in findings if finding[0] != "ok"]
