"""A model that answers with what it was given, to see that it is what a generated client was told to send."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Literal

from reactor_runtime.interface import CommandError, InputField, ModelMessage, ReactorModel, UploadedFile, event


class Mood(Enum):
    CALM = "calm"
    WILD = "wild"


@dataclass(frozen=True)
class Point:
    x: Annotated[float, InputField(ge=0, le=1)]
    y: Annotated[float, InputField(ge=0, le=1)] = 0.5


@dataclass(frozen=True)
class Brush:
    point: Point
    size: int = 3
    label: str | None = None
    points: list[Point] = field(default_factory=list)


@dataclass
class Scene:
    background: UploadedFile
    title: str
    layers: list[UploadedFile] = field(default_factory=list)


class Drawn(ModelMessage):
    """What was drawn."""

    brush: Brush
    points: list[Point]
    mood: Mood
    steps: Literal[1, 2]
    point: Point | None
    numbers: list[int]


class Sorted(ModelMessage):
    points: dict[str, Point]
    point: Point


class Received(ModelMessage):
    """The bytes of each file, by where it was."""

    files: dict[str, str]


class Noted(ModelMessage):
    number: int


class Other(ModelMessage):
    text: str


class Echo(ReactorModel):
    """Answers with what it was given."""

    @event(name="draw", description="Everything but files")
    def draw(
        self,
        brush: Brush,
        points: list[Point],
        mood: Mood = Mood.CALM,
        steps: Literal[1, 2] = 1,
        point: Point | None = None,
        numbers: list[int] = (1, 2),  # type: ignore[assignment]
    ) -> Drawn:
        return Drawn(brush, points, mood, steps, point, list(numbers))

    @event(name="sort")
    def sort(self, points: dict[str, Point], point: Point = Point(0.25)) -> Sorted:
        return Sorted(points, point)

    @event(name="take")
    def take(
        self,
        one: UploadedFile,
        many: list[UploadedFile],
        named: dict[str, UploadedFile],
        scene: Scene,
        maybe: UploadedFile | None = None,
    ) -> Received:
        files = {"one": one, **{f"many {i}": file for i, file in enumerate(many)}, **named}
        files |= {"background": scene.background, **{f"layer {i}": file for i, file in enumerate(scene.layers)}}
        files |= {"maybe": maybe} if maybe is not None else {}
        return Received(files={name: file.data.decode() for name, file in files.items()})

    @event(name="class")
    async def class_(self, number: int) -> None:
        await self.send(Noted(number=number))

    @event(name="wrong")
    def wrong(self) -> Noted:
        return Other("not what the annotation says")  # type: ignore[return-value]

    @event(name="note", dedupe=True)
    def note(self, number: int = 0) -> Noted:
        return Noted(number)

    @event(name="refuse")
    def refuse(self, code: str) -> None:
        raise CommandError(code, "as you wish")
