"""A rehearsal: the model is loaded and driven by a client of the test kit, as `reactor check --run` does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..author_frames import author_frame
from ..errors import error_name
from ..interface.commands import CommandDeclaration
from ..interface.model import ReactorModel, handlers_of
from ..interface.tracks import tracks_of
from ..interface.uploads import UploadedFile
from ..manifest import Manifest
from ..testing import Client, Frame, Harness
from .findings import Finding, error, ok, warning
from .values import NoValue, example_arguments

_CAMERA = np.full((360, 640, 3), 128, np.uint8)
_LOUD = 3000


def rehearse(model: type[ReactorModel], manifest: Manifest, seconds: float) -> Iterator[Finding]:
    """Load the model, connect a client, let `seconds` of virtual time pass, then send each command once.

    The time the model takes is measured, since under the virtual clock its frames are never late.

    Args:
        model, manifest: what to drive.
        seconds: of virtual time.
    """
    began = time.perf_counter()
    try:
        harness = Harness(model, config=manifest.config, config_path=manifest.config_path, limits=manifest.limits)
    except BaseException as problem:
        if isinstance(problem, KeyboardInterrupt):
            raise
        yield error("load", _text(problem))
        return
    yield ok("load", f"in {time.perf_counter() - began:.2f} s")
    try:
        yield from _drive(harness, model, seconds)
    except Exception as problem:  # what run() or a hook raised
        yield error("run", _text(problem))
    finally:
        try:
            harness.close()
        except Exception as problem:
            yield error("end", _text(problem))


def _drive(harness: Harness, model: type[ReactorModel], seconds: float) -> Iterator[Finding]:
    client = harness.connect()
    for track in tracks_of(model):
        if track.direction == "in":
            client.stream(track.name, _CAMERA if track.rate is None else _hum(track.rate, seconds))
    began = time.perf_counter()
    harness.run(seconds)
    spent = time.perf_counter() - began
    yield from _pictures(client, model, spent)
    yield from _sounds(client, model)
    commands = handlers_of(model).commands
    for declaration in commands.values():
        yield from _command(harness, client, declaration)
    harness.run(min(seconds, 1.0))
    yield ok("run", f"{len(client.frames)} frames and {len(client.messages)} messages in {harness.now:.1f} virtual s")


def _pictures(client: Client, model: type[ReactorModel], spent: float) -> Iterator[Finding]:
    tracks = [track.name for track in tracks_of(model) if track.direction == "out" and track.kind == "video"]
    seen = {frame.track: frame for frame in client.frames}
    for name in tracks:
        if name not in seen:
            yield warning("run", f"track {name!r} showed no frame; does run() emit without a command or a camera?")
            continue
        frames = sum(frame.track == name for frame in client.frames)
        each = spent / frames
        rate = model.fps
        text = f"track {name!r}: {_size(seen[name])}{1000 * each:.1f} ms a frame here, the conversion included"
        if each > 1 / rate:
            yield warning("run", f"{text}; that is {1 / each:.0f} of the {rate:g} frames a second it is to show")
        else:
            yield ok("run", text)


def _sounds(client: Client, model: type[ReactorModel]) -> Iterator[Finding]:
    for track in tracks_of(model):
        if track.direction == "out" and track.rate is not None:
            heard = client.heard(track.name)
            if heard.size:
                yield ok("run", f"track {track.name!r}: {heard.shape[1] / track.rate:.1f} s of sound")
            else:
                yield warning("run", f"track {track.name!r} gave no sound; does run() emit without a command?")


def _hum(rate: int, seconds: float) -> NDArray[np.int16]:
    """So many seconds of a low tone, for a microphone."""
    return np.asarray(_LOUD * np.sin(np.arange(round(rate * seconds)) * (2 * np.pi * 110 / rate)), np.int16)


def _size(frame: Frame) -> str:
    try:
        height, width = frame.image.shape[:2]
    except LookupError:  # it came early, and too many of other tracks since: its pixels are not kept
        return ""
    return f"{width}x{height}, "


def _command(harness: Harness, client: Client, declaration: CommandDeclaration) -> Iterator[Finding]:
    name = declaration.name
    try:
        arguments: dict[str, Any] = example_arguments(declaration)
    except NoValue as problem:
        yield warning("command", f"{name}: not sent: {problem}")
        return
    answer = client.command(name, **arguments)
    shown = ", ".join(f"{key}={_short(value)}" for key, value in arguments.items())
    if answer.ok:
        yield ok("command", f"{name}({shown})" + (f" answered {answer.type}" if answer.type else ""))
    elif answer.code == "internal_error":
        yield error("command", f"{name}({shown}) failed: {_text(harness.faults[-1].error)}")
    else:
        yield warning("command", f"{name}({shown}) was refused: {answer.code}: {answer.text}")


def _text(problem: BaseException) -> str:
    frame = author_frame(problem)
    if frame is not None:
        where = f" at {frame.filename}:{frame.lineno}"
    else:  # then a note of ours may say what they yielded
        where = "".join(f"; {note}" for note in getattr(problem, "__notes__", []))
    return f"{error_name(problem)}: {problem}{where}"


def _short(value: Any) -> str:
    if isinstance(value, UploadedFile):
        return value.name
    text = repr(value)
    return text if len(text) <= 30 else f"{text[:27]}..."
