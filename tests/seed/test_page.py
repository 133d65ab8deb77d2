"""Every snippet of the page this project implements runs, verbatim."""

from __future__ import annotations

import ast
import asyncio

import pytest

from reactor_runtime.interface.schema import openapi
from reactor_runtime.wire.messages import Message, Reply

from ..engine.scenario import World, levels, play_with_model
from .prelude import Encoder
from .snippets import MARKS, PAGE, model_from, snippet

MAKE_ENCODER = """
def load(self, config):
    self.encoder = Encoder()
    self.prompt = "hills"
    self._vae_encode = self.encoder.encode
"""


def run_snippet(scenario, *names: str, extra: str = MAKE_ENCODER) -> World:
    model, module = model_from(*names, extra=extra)
    module.Encoder = Encoder
    return play_with_model(model, scenario)


@pytest.mark.parametrize("name", MARKS)
def test_each_snippet_is_python_and_stands_on_the_page(name):
    source = snippet(name)
    ast.parse(source)
    assert source in PAGE


def test_every_line_of_code_on_the_page_belongs_to_a_snippet():
    code = {line for name in MARKS for line in snippet(name).split("\n") if line.strip()}
    looks_like_code = [
        line
        for line in PAGE.split("\n")
        if line.startswith(("    ", "@event(", "@dataclass", "class ", "def ", "async def ", "from reactor", "import "))
    ]
    assert [line for line in looks_like_code if line not in code] == []


def test_an_event_is_a_command(capsys):
    async def scenario(world: World) -> None:
        client = await world.connect()
        assert await client.command("get_current_prompt") == Reply("get_current_prompt", None, "request_1")

    run_snippet(scenario, "print")
    assert "Current prompt: hills" in capsys.readouterr().out


def test_parameters_have_defaults():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await client.command("set_style", style="ink")
        await client.command("set_style")
        assert world.model.encoder.encoded == ["ink", "realistic"]
        world.model.set_style()  # a direct call uses the plain default
        assert world.model._style_embedding == ("encoded", "realistic")

    run_snippet(scenario, "input_field")


def test_duplicates_that_queue_up_collapse():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.gather(*(client.post("set_reference_image", {"image": str(i)}) for i in range(9)))
        assert world.model.encoder.encoded == ["8"]

    assert run_snippet(scenario, "dedupe").counts["commands.superseded"] == 8


def test_connected_runs_before_run_resumes():
    run = """
    async def run(self):
        while True:
            await self.connected.wait()
            self.seen = (self.prompt, self._step)
            await asyncio.sleep(3600)
    """

    async def scenario(world: World) -> None:
        await world.connect()
        await asyncio.sleep(0.1)
        assert world.model.seen == ("a sunny meadow", 0)

    model, module = model_from("connected", extra=run)
    module.asyncio = asyncio
    play_with_model(model, scenario)


def test_disconnected_flushes():
    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(0.1)
        client.leave()
        await asyncio.sleep(0.1)

    assert "hooks.failed" not in run_snippet(scenario, "disconnected").counts


def test_a_message_is_snake_case_on_the_wire():
    async def scenario(world: World) -> None:
        client, other = await world.connect(), await world.connect()
        await client.command("get_current_prompt")
        expected = [Message("current_prompt", {"prompt": "hills"})]
        assert client.messages == other.messages == expected

    run_snippet(scenario, "message", "send")


def test_messages_from_run():
    prepare = """
    def load(self, config):
        self.pipe, self.prompt, self._step = load_checkpoint("weights.bin"), "hills", 0
    """

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert client.messages[:2] == [Message("progress", {"step": i, "total": 100}) for i in range(2)]
        assert levels(client)[:3] == [0, 1, 2]

    run_snippet(scenario, "progress", extra=prepare)


async def upload(world: World, name: str, mime_type: str, data: bytes) -> str:
    async def body():
        yield data

    store = world.runtime.session.uploads
    upload_id = store.declare(name, len(data), mime_type)
    await store.write(upload_id, body(), len(data))
    return upload_id


def test_an_upload_arrives_with_its_bytes():
    async def scenario(world: World) -> None:
        client = await world.connect()
        file = await upload(world, "cat.png", "image/png", b"pixels")
        assert isinstance(await client.command("set_reference_image", reference_image={"upload_id": file}), Reply)
        assert world.model._reference_image.name == "cat.png"
        assert world.model._ref_embedding[1].data == b"pixels"

    run_snippet(scenario, "upload")


def test_the_catch_all_fires_once_for_each_upload():
    async def scenario(world: World) -> None:
        await world.connect()
        await upload(world, "cat.png", "image/png", b"pixels")
        await upload(world, "notes.txt", "text/plain", b"words")
        await asyncio.sleep(0.1)
        assert [image.data for image in world.model.encoder.encoded] == [b"pixels"]

    run_snippet(scenario, "file_uploaded")


def test_the_closing_model():
    model, _ = model_from("closing")

    class Configured(model):
        def load(self, config):
            super().load({"checkpoint": "weights.bin"})

    async def scenario(world: World) -> None:
        client = await world.connect()
        await asyncio.sleep(1)
        assert await client.command("set_prompt", prompt="a red fox") == Reply("set_prompt", None, "request_1")
        await client.command("get_current_prompt")
        await asyncio.sleep(1)
        assert Message("current_prompt", {"prompt": "a red fox"}) in client.messages
        assert world.model.pipe.prompts[-1] == "a red fox" and world.model.pipe.prompts[0] == "a sunny meadow"
        steps = [m.data["step"] for m in client.messages if m.type == "progress"]
        assert steps == list(range(len(steps))) and len(steps) == pytest.approx(48, abs=2)
        client.leave()
        await asyncio.sleep(0.5)
        again = await world.connect()
        await asyncio.sleep(0.5)
        assert again.messages[0] == Message("progress", {"step": 0, "total": 100})
        assert world.model.prompt == "a sunny meadow"

    play_with_model(Configured, scenario)
    schema = openapi(model, "page")
    assert list(schema["paths"]) == ["/events/set_prompt", "/events/get_current_prompt"]
    assert list(schema["webhooks"]) == ["current_prompt", "progress"]
    assert schema["x-reactor"]["tracks"] == [{"name": "main_video", "kind": "video", "direction": "out"}]
