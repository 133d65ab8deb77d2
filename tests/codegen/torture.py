"""A model with everything that makes it hard to write a client for it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from reactor_runtime.interface import (
    Input,
    InputField,
    MessageField,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    event,
)

AWKWARD = (
    'It says "quotes", \'these\', """three""" and `ticks`; */ ends nothing, /* begins nothing, // neither, # nor this. '
    "A \\ backslash, a \\n that is none, ${no} {template}, <b>markup</b>, @tag, %s, a\ttab.\r\n"
    "Second line: ünïcödé, 日本語の説明, \u202eturned around\u202c, \x00\x07 control, a \u2028 separator, "
    "an emoji \U0001f469\u200d\U0001f3a8.\n\n    indented code(\n        more)\n\n@deprecated is no tag here\n"
    + "a long description " * 30
    + '\nends in a quote"'
)


class Mood(enum.Enum):
    CALM = "calm"
    WILD = 'wild and "free"'
    ODD = "it's */ odd\n\\"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass(frozen=True)
class Point:
    x: Annotated[float, InputField(ge=0, le=1)]
    y: Annotated[float, InputField(ge=0, le=1)] = 0.5


@dataclass(frozen=True)
class Brush:
    tip: Point
    size: int = 3
    label: str | None = None
    path: list[Point] = field(default_factory=list)
    mood: Mood = Mood.CALM
    kind: Literal["round", "flat"] | None = "flat"


@dataclass
class Scene:
    background: UploadedFile
    mask: UploadedFile | None = None
    layers: list[UploadedFile] = field(default_factory=list)
    brush: Brush | None = None


@dataclass
class Empty:
    pass


class Everything(ModelMessage):
    """All kinds of fields."""

    integer: int
    number: float
    text: str
    flag: bool
    literal: Literal["a", "b", 3, True, None]
    whole: Literal[1, 2]
    mood: Mood
    level: Level
    maybe: int | None
    maybe_point: Point | None
    numbers: list[int]
    grid: list[list[int | None]]
    table: dict[str, list[Point]]
    brush: Brush
    anything: Any
    array: tuple[int, int]
    later: int = 7
    words: list[str] = MessageField(["one", "two"], description=AWKWARD)
    where: Point = MessageField(Point(0.25), description="a point")


class Shadows(ModelMessage):
    """Fields that are named like types, keywords, or what is in the way otherwise."""

    first: int
    str: str = "named like a type"  # type: ignore[valid-type]
    list: int = 1
    name: int = 2
    constructor: int = 3
    __class_: int = 4
    self: int = 5
    Any: int = 6  # type: ignore[valid-type]


class HTTPError(ModelMessage):
    pass


class Reactor(ModelMessage):
    """Named like the SDK's own."""

    on_message: int


class Message(ModelMessage):
    """Named like the union; ends in a quote: \'it\'. */"""

    Message: int


class TortureClient(ModelMessage):
    data: dict[str, Any]


class Frame(Output):
    main_video: Video
    depth: Video


class Camera(Input):
    webcam: Video


LONG = [f"a rather long choice, the number {number}" for number in range(12)]


class Torture(ReactorModel):
    input: Camera
    output: Frame

    @event(name="plain", description="Plain values")
    def plain(self, integer: int, number: float, text: str, flag: bool, anything: Any) -> Everything: ...

    @event(name="defaults", description=AWKWARD)
    def defaults(
        self,
        integer: int = InputField(3, ge=-5, le=5, description=AWKWARD),
        number: float = InputField(1e-7, ge=0, description="Tiny."),
        large: float = 1e30,
        text: str = 'a "quoted" \\ default, isn\'t it?\n\x01\u2028é',
        flag: bool = True,
        choice: str = InputField("b", choices=["a", "b"]),
        long_choice: str = InputField(LONG[0], choices=LONG),
        step: float = InputField(0.5, choices=[0.25, 0.5, 1]),
        whole: int = InputField(2, choices=[1, 2]),
        mood: Mood = Mood.WILD,
        level: Level = Level.HIGH,
        nothing: int | None = None,
        something: int | None = 5,
        point: Point = Point(0.25),
        maybe_point: Point | None = Point(0.75),
        numbers: list[int] = (1, 2),  # type: ignore[assignment]
        text_list: list[str] | None = None,
        table: dict[str, float] | None = None,
    ) -> Message: ...

    @event(name="nested")
    def nested(
        self,
        brush: Brush,
        maybe: Brush | None,
        points: list[Point],
        by_name: dict[str, Point],
        deep: dict[str, list[Point | None]],
        empty: Empty,
        bare_list: list,  # type: ignore[type-arg]
        bare_dict: dict,  # type: ignore[type-arg]
    ) -> None: ...

    @event(name="files")
    def files(
        self,
        one: UploadedFile,
        many: list[UploadedFile],
        named: dict[str, UploadedFile],
        needed_or_null: UploadedFile | None,
        scene: Scene,
        scenes: list[Scene],
        maybe: UploadedFile | None = None,
        maybe_many: list[UploadedFile] | None = None,
        files_of_which_none_fits_a_line_with_another: list[UploadedFile] | None = None,
    ) -> TortureClient: ...

    @event(name="odd_names")
    def odd_names(
        self_,  # noqa: N805
        self: int,
        args: int,
        arguments: int,
        _data: int,
        data: int,
        dict: int,
        str: str,
        item: list[Point],
        key: dict[str, Point],
        reactor: int,
        value: int,
        ünïcödé: int,
        Reactor: int,  # noqa: N803
        Point: Point,  # noqa: N803
        type: int = 1,
        handler: int | None = None,
    ) -> HTTPError: ...

    @event(name='no arguments, and an odd name: */ """ é')
    def odd(self): ...

    @event(name="set_long_choice")
    def set_long_choice(self, long_choice: str = InputField(LONG[0], choices=LONG)) -> Reactor: ...


def _named(name: str) -> Any:
    @event(name=name, description=f"{name}!")
    def handler(self: Any, x: int = 0) -> None: ...

    return handler


NAMES = [
    *("send", "constructor", "connect", "import", "class", "then", "toString", "__proto__", "prototype", "reactor"),
    *("on", "off", "onMessage", "on_message", "on_everything", "onRejected", "disconnect", "upload", "_upload"),
    *("list", "dict", "str", "int", "float", "object", "type", "__init__", "__class__", "_ask", "_on", "_handlers"),
    *("self", "await", "async", "yield", "delete", "new", "this", "None", "print", "arguments", "get", "static"),
    *("3d", "???", "set-x", "set_x", "setX", "a.b/c", "日本語", "ﬁ", "fi", 'a "quote"', "*/", "\n", "\\"),
]

Torture = type("Torture", (Torture,), {f"named_{index}": _named(name) for index, name in enumerate(NAMES)})  # type: ignore[misc]
