"""What `emit()` is given that is no `Output`, and the call that makes one of it."""

from __future__ import annotations

from ..errors import OutputError
from .records import fields_of, is_required
from .tracks import Output, output_classes, track_fields


def check_emitted(output: object, model: type) -> None:
    """Check that what a model emits is an `Output`.

    Raises:
        OutputError: it is something else; says which class to call, and with what.
    """
    if not isinstance(output, Output):
        raise OutputError(f"emit() takes an Output, got {_described(output)}; {_instead(output, model)}")


def _described(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    shape = getattr(value, "shape", None)
    return type(value).__name__ + (f" of shape {tuple(shape)}" if isinstance(shape, tuple) else "")


def _instead(value: object, model: type) -> str:
    """The call that makes an `Output` of what was given, where the model's classes tell."""
    classes = [cls for cls in output_classes(model) if track_fields(cls)]
    if not classes:
        return "define `class MyOutput(Output)` with a Video field"
    code = "np.stack(frames)" if isinstance(value, (list, tuple)) else "frame"
    return "give " + " or ".join(f"{cls.__name__}({_arguments(cls, code)})" for cls in classes)


def _arguments(cls: type, picture: str) -> str:
    """`main_video=frame`, and what else is required."""
    required = {field.name for field in fields_of(cls) if is_required(field)}
    tracks = track_fields(cls)
    first = next(iter(tracks))
    return ", ".join(
        f"{name}={picture if name in tracks and tracks[name].kind == 'video' else '…'}"
        for name in (field.name for field in fields_of(cls))
        if name in required or name == first
    )
