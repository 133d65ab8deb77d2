"""A command for every kind of control, which answers what it was given and of which types that is."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np

from reactor_runtime.interface import (
    CommandError,
    InputField,
    ModelMessage,
    Output,
    ReactorModel,
    UploadedFile,
    Video,
    event,
)

COLOURS = ["red", "orange", "yellow", "green", "blue", "indigo", "violet", "ultra-violet (only bees see it)"]


@dataclass
class Point:
    x: Annotated[float, InputField(ge=0, le=1, description="From the left.")]
    y: float = 0.5
    label: str | None = None


@dataclass
class Stroke:
    start: Point
    width: int = 3


class Scene(Output):
    main_video: Video


class Got(ModelMessage):
    """What a handler was called with, and the Python types of it."""

    arguments: dict[str, Any]
    kinds: dict[str, Any]


class Level(ModelMessage):
    """Told to everyone when it changes."""

    level: float


class Words(ModelMessage):
    line: str


def plain(value: Any) -> Any:
    """A value as JSON can tell it; a file by what it holds."""
    if isinstance(value, UploadedFile):
        return {"name": value.name, "type": value.mime_type, "sha256": hashlib.sha256(value.data).hexdigest()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and len(value) > 1000:
        return {"length": len(value), "sha256": hashlib.sha256(value.encode()).hexdigest()}
    return value


def kind(value: Any) -> Any:
    if isinstance(value, list):
        return [kind(item) for item in value]
    return "UploadedFile" if isinstance(value, UploadedFile) else type(value).__name__


def got(**arguments: Any) -> Got:
    return Got(
        arguments={key: plain(value) for key, value in arguments.items()},
        kinds={key: kind(value) for key, value in arguments.items()},
    )


class Controls(ReactorModel):
    def __init__(self) -> None:
        self.at_once = 0

    @event(name="level", description="A slider; every client is told of it.")
    async def level(self, level: float = InputField(default=1.0, ge=0.0, le=10.0, description="How much.")) -> Got:
        await self.send(Level(level=level))
        return got(level=level)

    @event(name="slow", description="A slider whose command takes a while.")
    async def slow(self, amount: float = InputField(default=0.0, ge=0.0, le=1.0)) -> Got:
        self.at_once += 1
        together = self.at_once
        await asyncio.sleep(0.2)
        self.at_once -= 1
        return got(amount=amount, together=together)

    @event(name="count")
    def count(self, count: int = InputField(default=3, ge=0, le=255)) -> Got:
        return got(count=count)

    @event(name="seed")
    def seed(self, seed: int = InputField(default=0, ge=0, le=2**32 - 1)) -> Got:
        return got(seed=seed)

    @event(name="goto")
    def goto(self, frame: int, speed: float = 1.0) -> Got:
        return got(frame=frame, speed=speed)

    @event(name="line")
    async def line(self, line: str = InputField(default="hi", max_length=20)) -> Got:
        await self.send(Words(line=line))
        return got(line=line)

    @event(name="prompt", description="Prose.")
    def prompt(self, prompt: str = InputField(max_length=30_000, description="What is to be seen.")) -> Got:
        return got(prompt=prompt)

    @event(name="shape")
    def shape(self, shape: Literal["ring", "disc", "dot"] = "disc") -> Got:
        return got(shape=shape)

    @event(name="colour")
    def colour(self, colour: str = InputField(choices=COLOURS)) -> Got:
        return got(colour=colour)

    @event(name="grade")
    def grade(self, grade: Literal[1, 2, 3]) -> Got:
        return got(grade=grade)

    @event(name="flag")
    def flag(self, flag: bool = False) -> Got:
        return got(flag=flag)

    @event(name="names")
    def names(self, names: list[str]) -> Got:
        return got(names=names)

    @event(name="sizes")
    def sizes(self, sizes: Annotated[list[int] | None, InputField(max_length=2)] = None) -> Got:
        return got(sizes=sizes)

    @event(name="points")
    def points(self, points: list[Point]) -> Got:
        return got(points=points)

    @event(name="area")
    def area(self, area: Point) -> Got:
        return got(area=area)

    @event(name="stroke")
    def stroke(self, stroke: Stroke) -> Got:
        return got(stroke=stroke)

    @event(name="weights")
    def weights(self, weights: dict[str, float]) -> Got:
        return got(weights=weights)

    @event(name="picture")
    def picture(self, image: UploadedFile, strength: float = InputField(default=0.5, ge=0, le=1)) -> Got:
        return got(image=image, strength=strength)

    @event(name="pictures")
    def pictures(self, images: list[UploadedFile]) -> Got:
        return got(images=images)

    @event(name="maybe", description="Everything here may be left out.")
    def maybe(
        self,
        number: int | None = None,
        text: str | None = "something",
        tone: Literal["low", "high"] | None = None,
        amount: float | None = InputField(default=2.0, ge=0, le=4),
        point: Point | None = None,
        image: UploadedFile | None = None,
    ) -> Got:
        return got(number=number, text=text, tone=tone, amount=amount, point=point, image=image)

    @event(name="must")
    def must(self, value: int | None) -> Got:
        return got(value=value)

    @event(name="anything")
    def anything(self, value: Any) -> Got:
        return got(value=value)

    @event(name="place", description="A hundred columns, and rows from -1 to 1.")
    def place(self, x: int = InputField(ge=0, le=100), y: float = InputField(ge=-1, le=1)) -> Got:
        return got(x=x, y=y)

    @event(name="mark")
    def mark(self, x: float, y: float, text: str = "here") -> Got:
        return got(x=x, y=y, text=text)

    @event(name="pixel")
    def pixel(self, x: int, y: int) -> Got:
        return got(x=x, y=y)

    @event(name="odd_names", description="Fields that every JavaScript object has, too.")
    def odd_names(
        self,
        constructor: int = 1,
        toString: int = 1,  # noqa: N803
        hasOwnProperty: int | None = None,  # noqa: N803
        __proto__: int = 1,
    ) -> Got:
        return got(constructor=constructor, toString=toString, hasOwnProperty=hasOwnProperty, __proto__=__proto__)

    @event(name="reset", description="Just a button.")
    def reset(self) -> Got:
        return got()

    @event(name="refuse")
    def refuse(self) -> None:
        raise CommandError("not_today", "come back tomorrow")

    async def run(self) -> None:
        while True:
            await self.connected.wait()
            while self.connected.is_set():
                await self.emit(Scene(main_video=np.full((90, 160, 3), 90, np.uint8)))
