"""What a class may declare, and what is refused when its body runs."""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional

import pytest

from reactor_runtime.errors import DeclarationError, FieldError
from reactor_runtime.interface import (
    ClientInfo,
    InputField,
    ModelMessage,
    ReactorModel,
    UploadedFile,
    connected,
    disconnected,
    event,
    file_uploaded,
)
from reactor_runtime.interface.fields import no_uploads
from reactor_runtime.interface.model import handlers_of


class Mode(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


@dataclass
class Point:
    x: float
    y: Annotated[float, InputField(ge=0, le=1)] = 0.5


class Reply(ModelMessage):
    ok: bool


class Base(ReactorModel):
    @event(name="set_all", description="Everything.")
    def set_all(
        self,
        number: int,
        client: ClientInfo,
        ratio: float = InputField(default=1, ge=0, le=2, description="how much"),
        mode: Mode = Mode.FAST,
        size: Literal[1, 2, "big"] = 1,
        name: Optional[str] = None,  # noqa: UP045 - this spelling too
        points: list[Point] | None = None,
        weights: dict[str, Annotated[float, InputField(ge=0)]] | None = None,
        anything: Any = None,
        flag: bool = False,
        short: str = InputField(default="a", min_length=1, max_length=3),
        pick: str = InputField(default="red", choices=["red", "blue"]),
    ) -> Reply:
        return Reply(ok=True)


def parse(model: type[ReactorModel], command: str, **given: Any) -> dict[str, Any]:
    return handlers_of(model).commands[command].arguments(given, no_uploads)


def test_arguments_arrive_as_what_the_annotation_says():
    got = parse(
        Base,
        "set_all",
        number=3.0,
        ratio=2,
        mode="slow",
        size="big",
        name="x",
        points=[{"x": 1}, {"x": 2.5, "y": 1}],
        weights={"a": 1},
        anything=[1, {"b": None}],
        flag=True,
    )
    assert got["number"] == 3 and type(got["number"]) is int
    assert got["ratio"] == 2.0 and type(got["ratio"]) is float
    assert got["mode"] is Mode.SLOW and got["size"] == "big"
    assert got["points"] == [Point(1.0, 0.5), Point(2.5, 1.0)]
    assert got["weights"] == {"a": 1.0} and got["short"] == "a"
    assert handlers_of(Base).commands["set_all"].client_parameter == "client"
    defaults = parse(Base, "set_all", number=0)
    assert defaults["mode"] is Mode.FAST and defaults["points"] is None and defaults["ratio"] == 1.0


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "number: required, and missing"),
        ({"number": True}, "number: expected an integer, got True"),
        ({"number": 1.5}, "number: expected an integer, got 1.5"),
        ({"number": "1"}, "number: expected an integer, got '1'"),
        ({"number": float("inf")}, "number: expected an integer, got inf"),
        ({"number": 1, "ratio": 2.4}, "ratio: 2.4 is above the maximum 2"),
        ({"number": 1, "ratio": -1}, "ratio: -1.0 is below the minimum 0"),
        ({"number": 1, "ratio": float("nan")}, "ratio: expected a finite number, got nan"),
        ({"number": 1, "ratio": True}, "ratio: expected a number, got True"),
        ({"number": 1, "ratio": None}, "ratio: expected a number, got null"),
        ({"number": 1, "mode": "FAST"}, "mode: expected one of 'fast', 'slow', got 'FAST'"),
        ({"number": 1, "size": True}, "size: expected one of 1, 2, 'big', got True"),
        ({"number": 1, "points": [{"x": 1}, {}]}, "points[1].x: required, and missing"),
        ({"number": 1, "points": [{"x": 1, "y": 3}]}, "points[0].y: 3.0 is above the maximum 1"),
        ({"number": 1, "points": [{"x": 1, "z": 3}]}, "points[0].z: no such field; Point has x, y"),
        ({"number": 1, "points": {"x": 1}}, "points: expected a list, got an object"),
        ({"number": 1, "weights": {"a": -1}}, "weights.a: -1.0 is below the minimum 0"),
        ({"number": 1, "short": ""}, "short: has length 0, below the minimum 1"),
        ({"number": 1, "pick": "green"}, "pick: 'green' is not one of 'red', 'blue'"),
        ({"number": 1, "rato": 1}, "rato: no such argument; did you mean ratio?"),
        ({"number": 1, "client": 1}, "client: no such argument"),
        ({"number": 1, "flag": 0}, "flag: expected a boolean, got 0"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(given, problem):
    with pytest.raises(FieldError) as refusal:
        parse(Base, "set_all", **given)
    assert str(refusal.value).startswith(problem)


def test_annotated_limits_and_defaults_count_like_those_in_the_default():
    class Model(ReactorModel):
        @event(name="a")
        def a(self, x: Annotated[float, InputField(ge=0)] = 1.0, y: Annotated[int, InputField(3, le=5)] = 4):
            return x, y

        @event(name="b")
        def b(self, x: Annotated[int, InputField(7)]): ...

    assert parse(Model, "a") == {"x": 1.0, "y": 4}
    assert parse(Model, "b") == {"x": 7}
    with pytest.raises(FieldError, match="below the minimum 0"):
        parse(Model, "a", x=-1)


def test_a_direct_call_uses_the_plain_default():
    assert Base().set_all(1, None) == Reply(ok=True)
    model = Base()

    class Plain(ReactorModel):
        @event(name="f")
        def f(self, x: float = InputField(default=2.5), *, y: str = InputField(default="k")):
            return x, y

        @event(name="g")
        def g(self, x: float = InputField(ge=0)):
            return x

    assert Plain().f() == (2.5, "k")
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        Plain().g()
    assert model.set_all(number=1, client=None).ok is True


def test_an_override_without_the_decorator_runs_under_the_inherited_declaration():
    class Child(Base):
        def set_all(self, number, client, **rest):
            return number

    class Renamed(Base):
        @event(name="everything")
        def set_all(self, number: int): ...

    assert handlers_of(Child).commands["set_all"].attribute == "set_all"
    assert Child().set_all(4, None) == 4
    assert list(handlers_of(Renamed).commands) == ["everything"]
    assert list(handlers_of(Base).commands) == ["set_all"]
    with pytest.raises(DeclarationError, match=r"Narrow\.set_all: overrides the command 'set_all'"):

        class Narrow(Base):
            def set_all(self, number): ...


def test_two_models_may_use_the_same_names():
    class Other(ReactorModel):
        @event(name="set_all")
        def set_all(self, x: int): ...

    assert len(handlers_of(Other).commands["set_all"].parameters) == 1
    assert len(handlers_of(Base).commands["set_all"].parameters) == 11


def test_string_annotations_of_local_names_resolve():
    @dataclass
    class Local:
        a: int

    class Model(ReactorModel):
        @event(name="f")
        def f(self, value: Local): ...

    assert parse(Model, "f", value={"a": 1})["value"] == Local(1)


def wrong(body: str, **names: Any) -> str:
    """The error that a class body raises."""
    scope: dict[str, Any] = {**globals(), **names}
    source = "class Wrong(ReactorModel):\n" + "\n".join(f"    {line}" for line in body.strip().split("\n"))
    with pytest.raises((TypeError, ValueError)) as refusal:
        exec(source, scope)
    assert isinstance(refusal.value, DeclarationError)
    return str(refusal.value)


EV = '@event(name="f")\n'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (EV + "def f(self, x): ...", ["Wrong.f: x", "no annotation"]),
        (EV + "def f(self, *args: int): ...", ["Wrong.f: args", "*args"]),
        (EV + "def f(self, **kw: int): ...", ["Wrong.f: kw"]),
        (EV + "def f(self, x: int, /): ...", ["Wrong.f: x", "positional-only"]),
        (EV + "def f(self, x: int = 'a'): ...", ["Wrong.f: x", "default does not fit", "expected an integer"]),
        (EV + "def f(self, x: int = None): ...", ["Wrong.f: x", "got null"]),
        (EV + "def f(self, x: list = []): ...", ["Wrong.f: x", "mutable default"]),
        (
            EV + "def f(self, x: Point = Point(1)): ...",
            ["Wrong.f: x", "a default that can be changed is shared between calls", "make Point a", "frozen=True"],
        ),
        (EV + "def f(self, x: float = InputField(default=3, le=2)): ...", ["Wrong.f: x", "above the maximum 2"]),
        (EV + "def f(self, x: str = InputField(default='a', ge=2)): ...", ["Wrong.f: x", "for numbers"]),
        (EV + "def f(self, x: int = InputField(default=1, max_length=2)): ...", ["Wrong.f: x", "for strings"]),
        (EV + "def f(self, x: int = InputField(default=1, ge=3, le=2)): ...", ["Wrong.f: x", "above le"]),
        (EV + "def f(self, x: int | str): ...", ["Wrong.f: x", "Union"]),
        (EV + "def f(self, x: dict[int, str]): ...", ["Wrong.f: x", "strings"]),
        (EV + "def f(self, x: bytes): ...", ["Wrong.f: x", "bytes cannot come from a client"]),
        (
            EV + "def f(self, x: 'Nowhere'): ...",
            ["Wrong.f: x", "'Nowhere'", "not defined", "define it above the class"],
        ),
        (EV + "def f(self): ...\n" + EV + "def g(self): ...", ["Wrong", "'f' twice", "f() and g()"]),
        ("@connected\ndef a(self): ...\n@connected\ndef b(self): ...", ["Wrong", "@connected twice", "a() and b()"]),
        ("@disconnected\ndef a(self): ...\n@disconnected\ndef b(self): ...", ["@disconnected twice"]),
        (
            "@file_uploaded\ndef a(self, uploaded_file): ...\n@file_uploaded\ndef b(self, uploaded_file): ...",
            ["@file_uploaded twice"],
        ),
        ("@file_uploaded\ndef a(self, file): ...", ["Wrong.a", "uploaded_file", "got file"]),
        ("@connected\ndef a(self, x, y): ...", ["Wrong.a", "client: ClientInfo", "got x, y"]),
        ('@event(name="connected")\ndef f(self): ...', ["reserved"]),
        ('@event(name="")\ndef f(self): ...', ["not empty"]),
        ("@event()\ndef f(self): ...", ["not empty"]),
        ("@event\ndef paint(self): ...", ["@event above Wrong.paint() names no command", '@event(name="paint")']),
        ("@event\nasync def paint(self): ...", ['write @event(name="paint")']),
        ('@event("paint")\ndef f(self): ...', ["by keyword", 'write @event(name="paint")']),
        ("@event\n@staticmethod\ndef paint(): ...", ['write @event(name="paint")']),
        ('@event(name="f")\nclass C: ...', ["decorates a method"]),
        (EV + "def f(self, a: int = 1, b: int = InputField()): ...", ["required parameter stands after"]),
        ("fps = 500", ["Wrong", "fps=500"]),
        ("buffer_size = 0", ["Wrong", "buffer_size=0"]),
        ("def run(self): ...", ["Wrong.run", "async def"]),
        ("@connected\nasync def connected(self): ...", ["Wrong.connected", "hides the self.connected of the runtime"]),
        ("input = 3", ["Wrong.input", "hides the self.input"]),
    ],
)
def test_what_cannot_work_is_refused_with_class_method_and_field(body, words):
    message = wrong(body)
    for word in words:
        assert word in message


def test_a_frozen_dataclass_may_be_a_default():
    @dataclass(frozen=True)
    class Place:
        x: int = 0

    class Model(ReactorModel):
        @event(name="f")
        def f(self, place: Place = Place(3), other: Place = InputField(default=Place(4))):  # noqa: B008 - frozen
            return place.x, other.x

    assert parse(Model, "f") == {"place": Place(3), "other": Place(4)}
    assert parse(Model, "f", place={"x": 5})["place"] == Place(5)
    assert Model().f() == (3, 4)


def test_handlers_of_a_plain_mixin_are_found():
    class Steered:
        @event(name="steer")
        def steer(self, x: float): ...

        @connected
        def hello(self): ...

    class Model(Steered, ReactorModel):
        @event(name="own")
        def own(self): ...

    table = handlers_of(Model)
    assert set(table.commands) == {"steer", "own"} and table.hooks["connected"].attribute == "hello"
    assert parse(Model, "steer", x=1) == {"x": 1.0}


def test_a_second_handler_for_an_inherited_command_is_refused():
    with pytest.raises(DeclarationError, match=r"inherited as set_all\(\)"):

        class Twice(Base):
            @event(name="set_all")
            def another(self): ...


def test_decorated_methods_stay_ordinary_and_a_model_is_usable_without_a_runtime():
    class Model(ReactorModel):
        @event(name="greet")
        async def greet(self, who: str = InputField(default="you")) -> Reply:
            await self.send(Reply(ok=True))
            return Reply(ok=bool(who))

        @connected
        async def hello(self, client: ClientInfo):
            await client.send(Reply(ok=False))

        @disconnected
        def bye(self): ...

        @file_uploaded
        def file(self, uploaded_file: UploadedFile):
            return uploaded_file.size

    model = Model()
    assert asyncio.run(model.greet()) == Reply(ok=True)
    assert vars(model)["_reactor_host"].sent == [Reply(ok=True)]
    assert model.connected.is_set() is False
    assert model.file(UploadedFile(name="a", mime_type="b", data=b"123")) == 3
    model.output_buffer.flush()
