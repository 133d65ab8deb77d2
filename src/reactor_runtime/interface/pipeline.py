"""`ReactorPipeline`: a model written as a generator of frames, with a state that clients set."""

from __future__ import annotations

import abc
import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import BufferClosed, DeclarationError, OutputError
from .handlers import HandlerTable, is_marked
from .inference import OVER, Steps, check_inference, is_idle, output_of
from .model import ReactorModel
from .records import class_scope
from .state import InputState, carried_over, declared_state, setters

logger = logging.getLogger("reactor.model")

Turn = asyncio.Task[BaseException | None]
"""What turns `inference()` in one session; its result is why it ended."""

_STATE = "_reactor_state"
_MISSING = "is missing; write `def inference(self)` with a `yield` for each frame"


class _State:
    """`self.state`: made when it is first looked at, and anew for each session. An annotation leaves it in place."""

    def __get__(self, pipeline: ReactorPipeline | None, owner: type[ReactorPipeline]) -> Any:
        if pipeline is None:
            return self
        held = vars(pipeline).get(_STATE)
        if not isinstance(held, owner.__reactor_state__):  # there is none yet, or its code was replaced under it
            held = vars(pipeline)[_STATE] = carried_over(held, owner.__reactor_state__)
        return held

    def __set__(self, pipeline: ReactorPipeline, state: Any) -> None:
        wanted = type(pipeline).__reactor_state__
        if not isinstance(state, wanted):
            raise TypeError(f"self.state is a {wanted.__name__}, got {type(state).__name__}")
        vars(pipeline)[_STATE] = state


class ReactorPipeline(ReactorModel):
    """A real-time model that is a generator of frames: define `inference(self)`, and whatever a `ReactorModel` may
    have but `run()`.

    Attributes:
        state: an annotation `state: MyState` gives the model a fresh `MyState` for each session, and clients a command
            `set_<field>` for each of its public fields. A handler under `@event(name="set_<field>")` replaces it.
    """

    if TYPE_CHECKING:
        state: Any
    else:
        state = _State()

    __reactor_state__: ClassVar[type[InputState]] = InputState
    __turn: Turn | None = None
    __stepping = False
    __pending: Mapping[str, Any] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        _check_loop(cls)
        super().__init_subclass__(**kwargs)
        cls.__reactor_state__ = _state_of(cls, class_scope())
        _add_setters(cls, cls.__reactor_handlers__)

    def inference(self) -> Iterator[Any] | AsyncIterator[Any]:
        """The frames, one `yield` each, of a generator or an async generator.

        It yields an `Output`; an array `(H, W, 3)` or `(N, H, W, 3)` where the model has one video track; or None or
        `Idle` to pass. What clients set changes between yields, never within a step. It is advanced while somebody is
        connected, stays where it is while nobody is, and is closed at the end of the session, before the
        `@session_ended` hook. When it returns it is begun again.
        """
        raise DeclarationError(f"{type(self).__name__}.inference: {_MISSING}")

    async def run(self) -> None:
        """Turns `inference()`, in a task of its own for each session. Not for subclasses."""
        while True:
            turn = self.__turn = asyncio.create_task(_outcome(self.__inference), name="inference()")
            outcome = await turn
            if _cancelled():
                raise asyncio.CancelledError
            if self.__turn is turn and outcome is not None:  # else it was closed with its session
                raise outcome

    # -- the session

    async def __reactor_session_started__(self) -> None:
        self.__pending = {}
        vars(self).pop(_STATE, None)
        _ = self.state  # made here: what it costs is paid before anybody comes

    async def __reactor_session_ended__(self) -> None:
        turn = self.__turn
        if turn is None or turn.done():
            return
        self.__turn = None
        turn.cancel()
        try:
            await asyncio.wait([turn])
        except asyncio.CancelledError:  # its `finally` takes too long
            turn.add_done_callback(_log_failure)
            turn.cancel()
            raise
        if (failure := _failure(turn)) is not None:
            raise failure

    # -- the state

    def __reactor_set__(self, **fields: Any) -> None:
        """What a `set_<field>` command does: at once, or when the step under way is over."""
        if self.__stepping:
            self.__pending = {**self.__pending, **fields}
            return
        for name, value in fields.items():
            setattr(self.state, name, value)

    def __apply_pending(self) -> None:
        pending, self.__pending = self.__pending, {}
        for name, value in pending.items():
            try:
                setattr(self.state, name, value)
            except Exception:  # the author's own check refuses it; the caller has its answer already
                logger.exception("%s.state.%s could not be set", type(self).__name__, name)

    # -- the generator

    async def __inference(self) -> None:
        steps: Steps | None = None
        where = f"{type(self).__name__}.inference"
        try:
            while True:
                await self.connected.wait()
                while self.connected.is_set():
                    steps = steps or Steps(self.inference(), where)
                    try:
                        yielded = await self.__step(steps)
                    except BufferClosed:
                        if self.connected.is_set():
                            raise
                        yielded = OVER  # nobody is left to read from; begun again for the next one
                    if yielded is OVER:
                        if not steps.fruitful and self.connected.is_set():
                            raise OutputError(
                                f"{where}() returned and had yielded nothing; it yields a frame for each step, or Idle "
                                "while there is nothing to show"
                            )
                        steps = None
                    elif is_idle(yielded):
                        await asyncio.sleep(1 / self.output_buffer.fps)
                        break  # the gate marks that a step begins: what was flushed meanwhile was no part of it
                    else:
                        await self.__show(yielded, steps)
        finally:
            if steps is not None:
                await steps.close()

    async def __step(self, steps: Steps) -> Any:
        self.__stepping = True
        try:
            yielded = await steps.next()
        finally:
            self.__stepping = False
            self.__apply_pending()
        if _cancelled():  # and the author's code took no notice
            raise asyncio.CancelledError
        return yielded

    async def __show(self, yielded: Any, steps: Steps) -> None:
        try:
            await self.emit(output_of(type(self), yielded))
        except OutputError as error:
            error.add_note(f"inference() yielded it at {steps.place()}")
            raise


async def _outcome(work: Callable[[], Awaitable[None]]) -> BaseException | None:
    """Why `work` ended. Never raised: a task lets SystemExit out to the loop, which would end."""
    try:
        await work()
    except BaseException as error:
        return error
    return None


def _failure(turn: Turn) -> BaseException | None:
    """What went wrong in a turn that was cancelled, beyond that."""
    outcome = None if turn.cancelled() else turn.result()
    return None if isinstance(outcome, asyncio.CancelledError) else outcome


def _log_failure(turn: Turn) -> None:
    if (failure := _failure(turn)) is not None:
        logger.error("inference() failed while it was closed", exc_info=failure)


def _cancelled() -> bool:
    """Whether the running task is being cancelled, whatever the author's code made of that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _check_loop(cls: type[ReactorPipeline]) -> None:
    """Refuse what is no generator, and a loop beside our own."""
    if cls.run is not ReactorPipeline.run:
        raise DeclarationError(
            f"{cls.__name__}.run: a ReactorPipeline has a run() already, which turns inference(); define inference(), "
            "or derive from ReactorModel"
        )
    where = f"{cls.__name__}.inference"
    if cls.inference is ReactorPipeline.inference:
        if abc.ABC not in cls.__bases__:
            raise DeclarationError(f"{where}: {_MISSING}, or derive from abc.ABC too and leave it to subclasses")
    elif not getattr(cls.inference, "__isabstractmethod__", False):
        check_inference(cls.inference, where)


def _state_of(cls: type[ReactorPipeline], local: dict[str, Any]) -> type[InputState]:
    """The state class that `cls` or the nearest of its bases declares."""
    for base in cls.__mro__:
        if base is not ReactorPipeline:
            declared: type[InputState] | None = vars(base).get("__reactor_state__") or declared_state(base, local)
            if declared is not None:
                return declared
    return InputState


def _add_setters(cls: type[ReactorPipeline], table: HandlerTable) -> None:
    """Add the `set_<field>` commands that no handler replaces."""
    for setter in setters(cls.__reactor_state__, "__reactor_set__"):
        if setter.name in table.commands:
            continue
        method = inspect.getattr_static(cls, setter.name, None)
        if inspect.isfunction(method) and not is_marked(method):
            raise DeclarationError(
                f"{cls.__name__}.{setter.name}: the state has a field {setter.parameters[0].name!r}, whose command has "
                f'this name; put @event(name="{setter.name}") above it to replace that, or rename it'
            )
        table.commands[setter.name] = setter
