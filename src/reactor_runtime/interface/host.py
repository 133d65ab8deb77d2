"""What a model is bound to: a small protocol, and a null host for plain unit tests."""

from __future__ import annotations

from typing import Any, Protocol

from .inputs import InputBuffer
from .messages import ModelMessage, check_message, message_data
from .tracks import Output, input_class, track_fields


class Connected(Protocol):
    """`self.connected`: set while at least one client is connected and its `@connected` hook has run."""

    def is_set(self) -> bool:
        """Whether a client is connected."""
        ...

    async def wait(self) -> None:
        """Return as soon as a client is connected."""
        ...


class OutputBuffer(Protocol):
    """`self.output_buffer`: what was emitted and has not left yet. For the model's thread."""

    @property
    def fps(self) -> float:
        """The rate frames leave at, in frames a second."""
        ...

    @property
    def depth(self) -> int:
        """How many frames wait."""
        ...

    def flush(self, hold: bool = False) -> None:
        """Drop what waits, and the frame whose step is under way. One black frame marks the boundary.

        Args:
            hold: leave the last picture standing instead.
        """
        ...

    def clear(self) -> None:
        """Drop what waits, and nothing else."""
        ...

    def set_fps(self, fps: float) -> None:
        """Frames leave at `fps` from now on, whatever `compute_time` says.

        Raises:
            ValueError: it is not within 1 to 240.
        """
        ...


class Host(Protocol):
    """What runs a model."""

    @property
    def connected(self) -> Connected: ...

    @property
    def output_buffer(self) -> OutputBuffer: ...

    @property
    def input(self) -> Any: ...

    async def emit(self, output: Output, *, compute_time: float | None, drop: bool) -> None: ...

    async def send(self, message: ModelMessage) -> None: ...

    def send_threadsafe(self, message: ModelMessage) -> None: ...


def make_inputs(model: type, buffers: dict[str, InputBuffer]) -> Any:
    """An instance of the model's `Input` class whose track fields are `buffers`; None where it has no such class."""
    cls = input_class(model)
    if cls is None:
        return None
    inputs: Any = object.__new__(cls)
    for name, buffer in buffers.items():
        setattr(inputs, name, buffer)
    return inputs


def input_tracks(model: type) -> list[str]:
    """The names of a model's input tracks."""
    cls = input_class(model)
    return list(track_fields(cls)) if cls else []


class _NobodyConnected:
    def is_set(self) -> bool:
        return False

    async def wait(self) -> None:
        raise RuntimeError("this model is not being run, so no client will ever connect; test its handlers directly")


class _NullOutputBuffer:
    fps = 30.0
    depth = 0

    def flush(self, hold: bool = False) -> None:
        pass

    def clear(self) -> None:
        pass

    def set_fps(self, fps: float) -> None:
        self.fps = fps


class NullHost:
    """Stands in until a model is run: what it emits and sends is kept in lists.

    Attributes:
        emitted: the outputs, in order.
        sent: the messages, in order.
    """

    def __init__(self, model: type) -> None:
        self.connected: Connected = _NobodyConnected()
        self.output_buffer: OutputBuffer = _NullOutputBuffer()
        self.input = make_inputs(model, {name: InputBuffer() for name in input_tracks(model)})
        self.emitted: list[Output] = []
        self.sent: list[ModelMessage] = []

    async def emit(self, output: Output, *, compute_time: float | None, drop: bool) -> None:
        self.emitted.append(output)

    async def send(self, message: ModelMessage) -> None:
        self.send_threadsafe(message)

    def send_threadsafe(self, message: ModelMessage) -> None:
        message_data(check_message(message, "send()"))
        self.sent.append(message)
