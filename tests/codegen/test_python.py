"""The Python client, as the tools of its users see it."""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reactor_runtime.codegen import python_client

from .clients import PAINT, command, document, document_of, python_module, refers, torture
from .odd_documents import odd_document

# What the type checker has to find right, and what it has to find wrong: strictly checked, an ignored error that is
# none is an error itself.
USES = """
from __future__ import annotations

from pathlib import Path

import paint_client
import torture_client
from reactor_sdk import FileRef, Reactor


async def use(reactor: Reactor, file: FileRef) -> None:
    client = paint_client.PaintClient(reactor)
    await client.paint(x=0.5, y=1)
    await client.paint(x=0.5)  # type: ignore[call-arg]
    await client.paint(x=0.5, y="1")  # type: ignore[arg-type]
    look: paint_client.Look = await client.set_palette(palette="gold")
    await client.set_palette(palette="golden")  # type: ignore[arg-type]
    await client.reset()
    await client.reset(seed=None)
    seed: int = look.seed
    look.seed = seed  # type: ignore[misc]
    for source in (file, b"...", "a.png", Path("a.png")):
        await client.plant_image(image=source)
    client.repaint()  # type: ignore[attr-defined]

    @client.on_progress
    async def progress(message: paint_client.Progress) -> None:
        covered: float = message.coverage
        del covered

    @client.on_message
    def any_of_them(message: paint_client.Message) -> None:
        if isinstance(message, paint_client.Planted):
            print(message.file_name)
        print(message.file_name)  # type: ignore[union-attr]

    client.on_look(progress)  # type: ignore[arg-type]
    client.off(progress)
    reactor.track(paint_client.Tracks.MAIN_VIDEO)

    other = torture_client.TortureClient(reactor)
    other.on_everything(lambda everything: everything.brush.size)
    await other.import_(x=1)
    await other.nested(brush=torture_client.Brush(tip=None), maybe=None, points=[], by_name={}, deep={})  # type: ignore
"""


def run(folder: Path, *arguments: str) -> None:
    """Run a tool of this environment with its own defaults; it has to find nothing."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clients: of the demo, of a model with everything, of odd documents, of next to nothing."""
    folder = tmp_path_factory.mktemp("clients")
    made = {"paint": document_of(PAINT), "torture": torture(), "bare": document(), "many": fifty()}
    made |= {f"odd_{seed}": odd_document(seed) for seed in range(40)}
    made["messages_only"] = document(
        webhooks={"tick": {"post": {"requestBody": refers("Tick")}}},
        components={"schemas": {"Tick": {"type": "object", "properties": {}}}},
    )
    for name, source in made.items():
        (folder / f"{name}_client.py").write_text(python_client(source, f"reactor schema {name}"))
    return folder


def fifty() -> dict[str, Any]:
    """Fifty commands, and fifty messages."""
    names = [f"command_number_{number}" for number in range(50)]
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    return document(
        paths={
            f"/events/{name}": command({"n": {"type": "integer"}}, responses={"200": refers(name)}) for name in names
        },
        webhooks={name: {"post": {"requestBody": refers(name)}} for name in names},
        components={"schemas": dict.fromkeys(names, schema)},
    )


def test_it_compiles_and_says_what_it_is(written: Path) -> None:
    for file in written.glob("*_client.py"):
        compile(file.read_text(), file.name, "exec", dont_inherit=True)
        ast.parse(file.read_text(), feature_version=(3, 10))
    assert (
        (written / "paint_client.py")
        .read_text()
        .startswith(
            "# A typed client of the model paint v0.0.0, for reactor-sdk 1.13 or newer.\n"
            "# Generated: do not edit it, make it again with\n#   reactor schema paint\n"
        )
    )


def test_ruff_finds_nothing(written: Path) -> None:
    run(written, "ruff", "check", "--isolated", "--no-cache", ".")
    run(written, "ruff", "format", "--isolated", "--no-cache", "--diff", ".")


def test_mypy_finds_nothing(written: Path) -> None:
    (written / "uses.py").write_text(USES)
    options = ("--strict", "--config-file=", "--cache-dir=.cache", "--python-version=3.10")
    run(written, "mypy", *options, *(file.name for file in written.glob("*.py")))
    (written / "uses.py").unlink()


def test_it_is_the_same_each_time() -> None:
    assert python_client(torture(), "x") == python_client(torture(), "x")


def test_what_a_command_is_called_and_what_it_says(tmp_path: Path) -> None:
    client = python_module(torture(), tmp_path, "torture_names").TortureClient
    for name in (
        "import_",
        "class_",
        "list_",
        "off_",
        "on_message__",
        "_3d",
        "set_x",
        "set_x_",
        "fi",
        "fi_",
        "command",
    ):
        assert callable(vars(client)[name]), name
    assert vars(client)["self_"].__doc__ == "self!"
    said = vars(client)["defaults"].__doc__
    assert "'''three''' and `ticks`; */ ends" in said and "A \\ backslash, a \\n that is none" in said
    assert "\x00" not in said and "\u202e" not in said
    assert "number: Tiny. At least 0." in said and "step: One of 0.25, 0.5, 1." in said
    assert 'point: None stands for {"x": 0.25, "y": 0.5}.' in said


class Sent:
    """Stands where a `Reactor` does: keeps what is sent, and answers with what it is told to."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.sent: list[tuple[str, Any]] = []
        self.uploaded: list[Any] = []

    async def send_command(self, name: str, data: Any) -> Any:
        self.sent.append((name, data))
        return self.answer

    async def upload_file(self, file: Any) -> Any:
        self.uploaded.append(file)
        return {"upload_id": str(len(self.uploaded))}


async def test_what_is_left_out_is_left_out_on_the_wire(tmp_path: Path) -> None:
    module = python_module(torture(), tmp_path, "torture_left_out")
    answer = {"type": "message", "data": {"Message": 3.0}}
    reactor = Sent(answer)
    client = module.TortureClient(reactor)
    told = await client.defaults()
    (number,) = dataclasses.asdict(told).values()
    assert number == 3 and isinstance(number, int)
    name, data = reactor.sent.pop()
    assert name == "defaults"
    assert set(data) == {
        *("integer", "number", "large", "text", "flag", "choice", "long_choice", "step", "whole", "mood", "level"),
        "something",
    }
    assert data["text"] == 'a "quoted" \\ default, isn\'t it?\n\x01\u2028é' and data["large"] == 1e30
    await client.defaults(something=None, nothing=4, numbers=[], integer=1)
    data = reactor.sent.pop()[1]
    assert (data["something"], data["nothing"], data["numbers"], data["integer"]) == (None, 4, [], 1)


async def test_names_on_the_wire_are_the_models(tmp_path: Path) -> None:
    module = python_module(torture(), tmp_path, "torture_wire")
    reactor = Sent({"type": "http_error", "data": {}})
    client = module.TortureClient(reactor)
    await client.import_()
    await client.off_(x=3)
    assert reactor.sent == [("import", {"x": 0}), ("off", {"x": 3})]
    names = [parameter.arg for parameter in arguments_of(module, "odd_names")]
    values = {name: [] if name == "item" else {} if name == "key" else 1 for name in names if name != "Point_"}
    await client.odd_names(**values, Point_=module.Point(x=0.5))
    sent = reactor.sent.pop()[1]
    assert {"self", "args", "arguments", "_data", "data", "dict", "str", "Reactor", "type", "ünïcödé"} <= set(sent)
    assert sent["Point"] == {"x": 0.5, "y": 0.5}


def arguments_of(module: Any, method: str) -> list[ast.arg]:
    tree = ast.parse(Path(module.__file__).read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef) and node.name == method]
    return found[0].args.kwonlyargs


async def test_an_answer_that_does_not_fit_is_an_error_of_the_sdk(tmp_path: Path) -> None:
    from reactor_sdk import DecodeError

    module = python_module(document_of(PAINT), tmp_path, "paint_misfits")
    for answer in (
        None,
        {"type": "progress", "data": {"step": 1, "coverage": 0}},
        {"type": "nobody_knows", "data": {}},
    ):
        with pytest.raises(DecodeError, match="reset: no Look came, but"):
            await module.PaintClient(Sent(answer)).reset()
    for data in ({"palette": "gold"}, None, {"palette": "gold", "speed": 1, "seed": "x"}):
        with pytest.raises(DecodeError, match="look: not as the model said when this client was made"):
            await module.PaintClient(Sent({"type": "look", "data": data})).reset()


async def test_an_empty_answer_where_one_may_come(tmp_path: Path) -> None:
    made = document_of(PAINT)
    made["paths"]["/events/set_speed"]["post"]["responses"]["202"] = {"description": "superseded"}
    module = python_module(made, tmp_path, "paint_maybe")
    assert await module.PaintClient(Sent(None)).set_speed() is None
    look = {"type": "look", "data": {"palette": "gold", "speed": 2.0, "seed": 3.0}}
    assert await module.PaintClient(Sent(look)).set_speed(speed=2) == module.Look(palette="gold", speed=2.0, seed=3)


def test_a_message_may_lack_what_has_a_default(tmp_path: Path) -> None:
    number = {"type": "integer", "default": 7}
    fields = {
        "number": number,
        "maybe": {"type": "string"},
        "points": {"type": "array", "items": number, "default": [1]},
    }
    made = document(
        webhooks={"tick": {"post": {"requestBody": refers("Tick")}}},
        components={"schemas": {"Tick": {"type": "object", "properties": fields}}},
    )
    module = python_module(made, tmp_path, "lacking")
    assert vars(module)["_message"]({"type": "tick", "data": {}}) == module.Tick(number=7, maybe=None, points=[1])
    assert vars(module)["_message"]({"type": "tock", "data": {}}) is None
