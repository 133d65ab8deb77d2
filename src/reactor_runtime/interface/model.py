"""`ReactorModel`: the class a researcher writes."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import DeclarationError
from .emitted import check_emitted
from .handlers import HandlerTable, build_table
from .host import Connected, Host, NullHost, OutputBuffer
from .messages import ModelMessage
from .rates import checked_buffer_size, checked_fps
from .records import class_scope, resolve_local
from .tracks import Output

_HOST = "_reactor_host"
_GIVEN = ("connected", "output_buffer", "input")
"""What a model is given under these names."""


class _BoundInput:
    """`self.input`, as the host made it. A plain annotation in a subclass (`input: MyInput`) leaves it in place."""

    def __get__(self, model: ReactorModel | None, owner: type) -> Any:
        if model is None:
            return self
        return host_of(model).input


class ReactorModel:
    """A real-time model. Define any of:

    - `load(self, config)`: called once, before any client.
    - `async run(self)`: the model's loop; without it, commands alone drive the model.
    - handlers and hooks: methods under `@event`, `@connected`, `@disconnected`, `@file_uploaded`,
      `@session_started`, `@session_ended`.

    Attributes:
        fps: the rate frames leave at, 1 to 240 a second.
        buffer_size: how many frames may wait to leave. None keeps no standing queue: each step begins just in time
            for its frame, so that what it reads is as fresh as can be.
        input: an annotation `input: MyInput` gives the model `InputBuffer`s.
    """

    fps: float = 30
    buffer_size: int | None = None
    if TYPE_CHECKING:
        input: Any
    else:
        input = _BoundInput()

    __reactor_handlers__: ClassVar[HandlerTable] = HandlerTable()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _check_loop(cls)
        resolve_local(cls, class_scope())
        cls.__reactor_handlers__ = build_table(cls, class_scope())

    def load(self, config: Any) -> Any:
        """Make the model ready: checkpoints, compilation. May be `async`.

        Args:
            config: the mapping from the manifest's config file with overrides applied; keys are attributes too.
                Annotated `pathlib.Path`, it is the config file's path instead.
        """

    @property
    def connected(self) -> Connected:
        """Set while a client is connected: `await self.connected.wait()`, `self.connected.is_set()`."""
        return host_of(self).connected

    @property
    def output_buffer(self) -> OutputBuffer:
        """What was emitted and has not left yet."""
        return host_of(self).output_buffer

    async def emit(self, output: Output, *, compute_time: float | None = None, drop: bool = False) -> None:
        """Show one frame, or one batch, of each track that `output` holds; sound alone lasts as long as it is.

        Returns when the next step should begin so that its frame is ready just in time; commands that came in
        meanwhile have run by then. The arrays may be reused as soon as it returns.

        Args:
            output: an `Output`. Video is RGB, `(H, W, 3)` or `(3, H, W)`, or a batch with N in front; uint8, or float
                in 0 to 1; a numpy array or a torch tensor. All batches of one output have the same N, and a single
                frame beside a batch is repeated. Audio is `(samples,)` or `(channels, samples)`, int16 or float in -1
                to 1, at the track's rate; it is cut evenly over the batch. A track that is None is left out.
            compute_time: how long the step took, in seconds: the rate follows it, at n frames in that time.
            drop: return at once; when frames wait already, the oldest go.

        Raises:
            OutputError: it is something else; names track, dtype and shape.
        """
        check_emitted(output, type(self))
        await host_of(self).emit(output, compute_time=compute_time, drop=drop)

    async def send(self, message: ModelMessage) -> None:
        """Send a message to every client. With nobody connected it is dropped.

        Raises:
            MessageError: a field has no JSON form.
        """
        await host_of(self).send(message)

    def send_threadsafe(self, message: ModelMessage) -> None:
        """`send` from any thread, without waiting.

        Raises:
            MessageError: a field has no JSON form.
        """
        host_of(self).send_threadsafe(message)

    async def __reactor_session_started__(self) -> None:
        """Called before the `@session_started` hook, which is the author's. For kinds of models that keep something
        for each session."""

    async def __reactor_session_ended__(self) -> None:
        """Called before the `@session_ended` hook; cancelled where it takes too long."""


def _check_loop(cls: type[ReactorModel]) -> None:
    """Refuse rates, names and loops that cannot work, where the class stands."""
    try:
        checked_fps(cls.fps)
        checked_buffer_size(cls.buffer_size)
    except ValueError as error:
        raise DeclarationError(f"{cls.__name__}: {error}") from None
    for name in _GIVEN:
        if name in vars(cls):
            raise DeclarationError(f"{cls.__name__}.{name}: hides the self.{name} of the runtime; choose another name")
    run = vars(cls).get("run")
    if inspect.isfunction(run) and not inspect.iscoroutinefunction(run):
        raise DeclarationError(f"{cls.__name__}.run: the model's loop is `async def run(self)`, and yields nothing")


def bind(model: ReactorModel, host: Host) -> None:
    """Give `model` the host that runs it."""
    vars(model)[_HOST] = host


def host_of(model: ReactorModel) -> Host:
    """The host a model is bound to; a `NullHost` of its own until then."""
    host: Host | None = vars(model).get(_HOST)
    if host is None:
        host = vars(model)[_HOST] = NullHost(type(model))
    return host


def handlers_of(model: type[ReactorModel]) -> HandlerTable:
    """The handlers and hooks a model class declares, inherited ones included."""
    return model.__reactor_handlers__
