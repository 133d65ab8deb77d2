"""Messages: dataclasses with or without the line, names, and fields as JSON."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import pathlib
import uuid
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from reactor_runtime.errors import MessageError
from reactor_runtime.interface import MessageField, ModelMessage, Output, Video
from reactor_runtime.interface.messages import check_message, message_data, to_json, wire_name


class Colour(enum.IntEnum):
    RED = 1


class Level(enum.StrEnum):
    HIGH = "high"


@dataclass
class Point:
    x: int
    tags: tuple[str, ...] = ()


class Undecorated(ModelMessage):
    name: str
    items: list[int] = field(default_factory=list)
    note: str = MessageField(default="-", description="a note")
    extras: list[str] = MessageField(default=["a"])


@dataclass
class Decorated(ModelMessage):
    name: str
    items: list[int] = field(default_factory=list)


class Grandchild(Undecorated):
    more: int = 3


@dataclass
class DecoratedChild(Undecorated):
    more: int = 3


@dataclass(frozen=True)
class Frozen(ModelMessage):
    x: int


def test_the_dataclass_line_may_stand_or_not_also_under_inheritance():
    assert message_data(Undecorated(name="n")) == {"name": "n", "items": [], "note": "-", "extras": ["a"]}
    assert message_data(Decorated("n", [1])) == {"name": "n", "items": [1]}
    assert message_data(Grandchild("n", more=4))["more"] == 4
    assert message_data(DecoratedChild("n"))["more"] == 3
    assert Frozen(x=1) == Frozen(x=1)
    one, two = Undecorated(name="a"), Undecorated(name="b")
    one.items.append(1)
    one.extras.append("b")
    assert two.items == [] and two.extras == ["a"]
    with pytest.raises(TypeError, match="name"):
        Undecorated()
    assert repr(Grandchild("n")).startswith("Grandchild(name='n'")


def test_outputs_too():
    class Bare(Output):
        main_video: Video
        score: float = 0.0

    assert Bare(main_video=1).score == 0.0
    assert [f.name for f in dataclasses.fields(Bare)] == ["main_video", "score"]


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("HTTPError", "http_error"),
        ("CurrentPrompt", "current_prompt"),
        ("LoRA", "lo_ra"),
        ("Frame3DReady", "frame3_d_ready"),
        ("Progress", "progress"),
        ("ABC", "abc"),
    ],
)
def test_wire_names(name, wire):
    assert wire_name(type(name, (ModelMessage,), {})) == wire


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (np.array([[1, 2], [3, 4]], np.uint8), [[1, 2], [3, 4]]),
        (Colour.RED, 1),
        (Level.HIGH, "high"),
        (Point(1, ("a",)), {"x": 1, "tags": ["a"]}),
        ({"k": (1, 2.5)}, {"k": [1, 2.5]}),
        ({Colour.RED: 1, 2: 3}, {"1": 1, "2": 3}),
        ({3}, [3]),
        (b"\x00\xff", "AP8="),
        (pathlib.Path("a/b"), "a/b"),
        (datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC), "2026-01-02T03:04:00+00:00"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (2**60, 2**60),
        (True, True),
        (None, None),
    ],
)
def test_fields_become_json(value, expected):
    got = to_json(value, "x")
    assert got == expected and type(got) is type(expected)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (float("nan"), "M.x: nan"),
        (np.array([1.0, np.inf]), "M.x: the array"),
        ({"a": [1, object()]}, "M.x.a[1]: a object"),
        ({(1, 2): 3}, "M.x: a key"),
        (Point(x=float("inf")), "M.x.x: inf"),
        (lambda: 1, "M.x: a function"),
    ],
)
def test_a_bad_field_is_refused_at_the_call_with_its_path(value, path):
    class M(ModelMessage):
        x: Any

    with pytest.raises(MessageError) as refusal:
        message_data(M(x=value))
    assert str(refusal.value).startswith(path)


def test_what_is_no_message_is_refused():
    with pytest.raises(TypeError, match=r"send\(\) takes a ModelMessage, got dict"):
        check_message({"a": 1}, "send()")
