"""One run of a pipeline's `inference()`: a generator, sync or async, and what it may yield."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from ..errors import DeclarationError, OutputError
from .records import fields_of, is_required
from .tracks import Output, output_classes, track_fields

_WRAPPER = "__reactor_wrapper__"

OVER = object()
"""What `Steps.next` returns when there is no more."""


class Idle:
    """`yield Idle` (or `Idle()`, or None) in `inference()`: no frame this time. It goes on one frame period later."""


class Steps:
    """A generator that `inference()` made.

    Args:
        made: what it returned.
        where: class and method, for the error.

    Attributes:
        fruitful: whether it has yielded anything.

    Raises:
        DeclarationError: it is no generator.
    """

    def __init__(self, made: Iterator[Any] | AsyncIterator[Any], where: str) -> None:
        self._generator: Any = made
        self._is_async = inspect.isasyncgen(made)
        self.fruitful = False
        if not self._is_async and not inspect.isgenerator(made):
            raise DeclarationError(f"{where}: made a {type(made).__name__}, and no generator; look at its decorators")

    async def next(self) -> Any:
        """What it yields next; `OVER` when it has returned."""
        try:
            yielded = await anext(self._generator) if self._is_async else next(self._generator)
        except (StopIteration, StopAsyncIteration):
            return OVER
        self.fruitful = True
        return yielded

    async def close(self) -> None:
        """Let its `finally` run, unless it has ended already."""
        if self._is_async:
            await self._generator.aclose()
        else:
            self._generator.close()

    def place(self) -> str:
        """The file and line of the `yield` it is at."""
        frame = self._generator.ag_frame if self._is_async else self._generator.gi_frame
        return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "its end"


def check_inference(inference: Callable[..., Any], where: str) -> None:
    """Check that a class's `inference` is a generator function that needs no argument.

    Raises:
        DeclarationError: it is something else.
    """
    functions = (inference, inspect.unwrap(inference))
    if not any(inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function) for function in functions):
        raise DeclarationError(f"{where}: is no generator; it has a `yield` for each frame")
    parameters = list(inspect.signature(inference).parameters.values())[1:]
    if any(parameter.default is parameter.empty for parameter in parameters):
        raise DeclarationError(f"{where}: takes no argument but self; what clients set is in self.state")


def is_idle(yielded: Any) -> bool:
    """Whether there is no frame this time."""
    return yielded is None or yielded is Idle or isinstance(yielded, Idle)


def output_of(model: type, yielded: Any) -> Output:
    """What a model's `inference()` yielded, as an `Output`.

    Raises:
        OutputError: it is neither an `Output` nor an array that can be made into one; says what it is.
    """
    if isinstance(yielded, Output):
        return yielded
    if hasattr(yielded, "shape") and hasattr(yielded, "dtype"):
        return _wrapper(model)(yielded)
    kind = type if isinstance(yielded, type) else type(yielded)  # that of an Output class has a name of our own
    raise OutputError(
        f"{model.__name__}.inference() yielded a {kind.__name__}; yield an Output, an array where the model has one "
        "video track, or Idle to pass"
    )


def _wrapper(model: type) -> Callable[[Any], Output]:
    """Makes an `Output` of an array alone. Kept with the class, as finding it out takes longer than making one."""
    kept: Callable[[Any], Output] | None = vars(model).get(_WRAPPER)
    if kept is None:
        kept = _find_wrapper(model)
        setattr(model, _WRAPPER, staticmethod(kept))
    return kept


def _find_wrapper(model: type) -> Callable[[Any], Output]:
    """What `_wrapper` keeps.

    Raises:
        OutputError: the model has not exactly one video track, or its output needs more than that.
    """
    videos = [
        (cls, name)
        for cls in output_classes(model)
        for name, field in track_fields(cls).items()
        if field.kind == "video"
    ]
    tracks = list(dict.fromkeys(name for _, name in videos))
    array = f"{model.__name__}.inference() yielded an array alone, but"
    if not tracks:
        raise OutputError(f"{array} the model has no video track; define `class MyOutput(Output)` with a Video field")
    if len(tracks) > 1:
        raise OutputError(f"{array} the model has the tracks {', '.join(tracks)}; yield an Output")
    more = {cls: _needed_beside(cls, track) for cls, track in videos}
    cls = min(more, key=lambda cls: len(more[cls]))
    if more[cls]:
        raise OutputError(f"{array} {cls.__name__} needs {', '.join(more[cls])} too; yield a {cls.__name__}")
    return lambda picture: cls(**{tracks[0]: picture})


def _needed_beside(cls: type, track: str) -> list[str]:
    return [field.name for field in fields_of(cls) if is_required(field) and field.name != track]
