"""`reactor render`: a film of what a model shows while a script drives it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from ..engine.faults import Fault
from ..engine.load_failure import in_words
from ..errors import ManifestError, ModelError, ReactorError, ScriptError
from ..interface.commands import suggestion
from ..interface.model import ReactorModel
from ..interface.tracks import TrackInfo, tracks_of
from ..manifest import import_model, read_manifest
from ..replay import (
    Film,
    MediaFile,
    Outcome,
    Refused,
    Rendering,
    Script,
    Stream,
    Upload,
    check_order,
    read_script,
    with_webcam,
)
from .failures import FAILURE, USAGE_ERROR, author_place, fail, report_load
from .logs import configure_logs
from .meter import Meter, speed
from .overrides import OverridesCommand
from .seconds import Seconds

INSISTED = 130
_SHOWN = 5
"""So many refusals are shown; the others are counted."""
_STILL_SECONDS = 0.1
"""A file that lasts no longer is a still picture."""


@click.command("render", cls=OverridesCommand)
@click.argument("path", default=".")
@click.option("--events", metavar="SCRIPT", help="What clients do, and when: JSON Lines, as above.")
@click.option("--out", metavar="FILE", required=True, help="The MP4 file to write; one that is there is written over.")
@click.option(
    "--seconds",
    type=Seconds(min=0, min_open=True, max=24 * 3600),
    metavar="SECONDS",
    help="How much to render. Where left out: until a second after the script's last event, or 10 without a script.",
)
@click.option(
    "--track", "tracks", metavar="NAME", multiple=True, help="An output track. May be given again.  [default: all]"
)
@click.option(
    "--webcam", metavar="FILE", help="A video or a picture for the model's one video input, over and over again."
)
@click.option("--strict", is_flag=True, help="Fail where a command or an upload of the script is refused.")
@click.option("-v", "--verbose", is_flag=True, help="Show the model's own log lines, and tracebacks.")
@click.pass_context
def render(
    ctx: click.Context,
    path: str,
    events: str | None,
    out: str,
    seconds: float | None,
    tracks: tuple[str, ...],
    webcam: str | None,
    strict: bool,
    verbose: bool,
) -> None:
    """Make a film of what the model that PATH names shows while a script drives it. No server, no network.

    PATH is what `reactor run` takes. Time is virtual: frames come at the model's rate, however long each takes to
    compute, so a slow model is rendered slowly and a fast one faster than real time; the same script gives the same
    frames. `reactor run --trace FILE` writes such a script of a live session.

    \b
    A script, drive.jsonl: "at" is in seconds from the session's start, paths begin at the script
      {"at": 0, "connect": true}
      {"at": 1.5, "command": "set_prompt", "arguments": {"prompt": "a fox"}}
      {"at": 2, "upload": "fox.png", "path": "files/fox.png", "id": "fox"}
      {"at": 2, "command": "set_image", "arguments": {"image": {"upload_id": "fox"}}}
      {"at": 3, "stream": "webcam", "path": "me.mp4", "loop": true}
      {"at": 8, "stop_stream": "webcam"}
      {"at": 9, "leave": true}

    Each event may say whose it is ("client": 2). A client that never connects is there from the start. The others are
    pause and resume of an output track, and end, of the session.

    \b
    Examples
      reactor render --events drive.jsonl --out drive.mp4
      reactor render examples/paint --out paint.mp4 --seconds 30 --model.palette=gold
      reactor render examples/webcam --webcam me.mp4 --out me-again.mp4

    Ctrl-C ends the film where it is, with status 130. It exits with 2 when what was asked for is wrong, and with 1 when
    the model fails: the film then has what came before.
    """
    configure_logs("debug" if verbose else "warning", requests=False, whole_tracebacks=verbose)
    try:
        manifest = read_manifest(path, ctx.meta["overrides"])
        script = _script(events)
        model = import_model(manifest.target, manifest.root)
        if webcam is not None:
            script, length = _with_webcam(script, model, webcam)
            seconds = seconds or (length if events is None else None)
        rendering = Rendering(model, manifest, script, seconds)
        wanted = _wanted(rendering.outputs, tracks)
        target = _target(out, script)
    except (ManifestError, ScriptError) as error:
        fail(error, USAGE_ERROR, verbose)
    except ReactorError as error:
        fail(error, FAILURE, verbose)
    except KeyboardInterrupt:
        sys.exit(INSISTED)
    job = _Job(rendering, target, wanted, model.fps)
    try:
        outcome = job.run()
    except ModelError as error:
        report_load(error, manifest.name_for(model))
        sys.exit(FAILURE)
    except (ReactorError, OSError) as error:
        fail(error, FAILURE, verbose)
    except KeyboardInterrupt:
        sys.exit(INSISTED)
    sys.exit(job.tell(outcome, strict=strict))


def _script(events: str | None) -> Script:
    return check_order(Script("", ())) if events is None else read_script(events)


def _with_webcam(script: Script, model: type[ReactorModel], webcam: str) -> tuple[Script, float | None]:
    """The script with the webcam in it, and how long that is, where it is a video.

    Raises:
        ScriptError: the model has no such input, or more than one, or the file cannot be read.
    """
    inputs = [track.name for track in tracks_of(model) if track.direction == "in" and track.kind == "video"]
    if len(inputs) != 1:
        several = f"{len(inputs)}, {' and '.join(inputs)}; stream into them in a script"
        raise ScriptError(f"--webcam: {model.__name__} has {several if inputs else 'no video input'}")
    path = Path(webcam).expanduser()
    try:
        length = MediaFile(path, "video").seconds
    except ScriptError as error:
        raise ScriptError(f"--webcam: {error}") from error
    return with_webcam(script, inputs[0], path), length if length > _STILL_SECONDS else None


def _wanted(outputs: Sequence[TrackInfo], names: Sequence[str]) -> list[TrackInfo]:
    """The tracks that are to be in the film.

    Raises:
        ScriptError: the model does not have one of them, or none at all.
    """
    known = [track.name for track in outputs]
    if not outputs:
        raise ScriptError("the model has no output track: there is nothing to be seen or heard")
    for name in names:
        if name not in known:
            raise ScriptError(f"--track: no output track {name!r}{suggestion(name, known)}")
    return [track for track in outputs if not names or track.name in names]


def _target(out: str, script: Script) -> Path:
    """The file to write.

    Raises:
        ScriptError: it cannot be one, or it is one that the script reads.
    """
    path = Path(out).expanduser()
    if path.suffix.lower() != ".mp4":
        raise ScriptError(f"--out: {out}: the film is an MP4 file; name it {path.stem or 'film'}.mp4")
    if not path.parent.is_dir():
        raise ScriptError(f"--out: no such folder: {path.parent}")
    if path.is_dir():
        raise ScriptError(f"--out: {out} is a folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ScriptError(f"--out: {out} may not be written")
    for event in script.events:
        if isinstance(event.deed, Stream | Upload) and path.exists() and path.samefile(event.deed.path):
            raise ScriptError(f"--out: {out} is what the script reads; write another file")
    return path


class _Job:
    """A rendering into a file, with the signals that end it."""

    def __init__(self, rendering: Rendering, target: Path, tracks: list[TrackInfo], fps: float) -> None:
        self._rendering = rendering
        self._target = target
        self._tracks = tracks
        self._fps = fps
        self._film: Film | None = None
        self._meter = Meter(rendering.seconds)
        self._signal = 0

    def run(self) -> Outcome:
        """Do it. Whatever happens, the file is finished.

        Raises:
            ModelError: the model could not be loaded.
            ScriptError: a file of the script could not be read to its end.
            OSError: the film cannot be opened.
        """
        end: float | None = None
        with self._meter:
            try:
                outcome = self._rendering.run(self._begin, self._on_time)
                end = outcome.seconds
            finally:
                if self._film is not None:
                    self._film.close(end)
        return outcome

    def _begin(self) -> Film:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self._film = Film(self._target, self._tracks, clock=self._rendering.clock, fps=self._fps)
        self._meter.start()
        return self._film

    def _on_time(self, seconds: float) -> None:
        self._meter.show(seconds)
        if self._film is not None and self._film.failure is not None:
            self._rendering.stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._signal:
            os._exit(INSISTED)
        self._signal = number
        os.write(2, b"\nstopping when the step under way is over; Ctrl-C again stops at once\n")
        self._rendering.stop()

    def tell(self, outcome: Outcome, *, strict: bool) -> int:
        """Say what came of it; returns the exit status."""
        film, problems = self._film, [_failed(fault) for fault in outcome.faults]
        assert film is not None
        problems += _told(outcome.refused)
        for problem in problems:
            click.echo(problem, err=True)
        if film.failure is not None:
            reason = film.failure.strerror if isinstance(film.failure, OSError) else str(film.failure)
            click.echo(f"reactor: {self._target}: cannot be written: {reason}", err=True)
            return FAILURE
        told = f"{outcome.seconds:.1f} s, {film.frames} frame{'s' * (film.frames != 1)}"
        if outcome.failure is not None:
            kept = f"{self._target} has what came before: {told}" if film.frames else "it had shown nothing"
            click.echo(f"reactor: {_failed(outcome.failure)}; {kept}", err=True)
            return FAILURE
        if film.frames:
            spent = self._meter.spent
            click.echo(
                f"wrote {self._target}: {told}{f' of {film.size}' * bool(film.size)}, in {spent:.1f} s "
                f"({speed(outcome.seconds, spent)}); {_count(outcome.commands, 'command')}, "
                f"{len(outcome.refused)} refused"
            )
        if self._signal:
            return 128 + self._signal
        if not film.frames:
            nothing = f"the model has shown nothing in {outcome.seconds:.1f} s, so there is no film"
            click.echo(f"reactor: {nothing}; does it wait for a command, or for a webcam?", err=True)
            return FAILURE
        return FAILURE if strict and (outcome.refused or outcome.faults) else 0


def _failed(fault: Fault) -> str:
    return f"{fault.where} failed with {in_words(fault.error)}{author_place(fault.error)}"


def _told(refused: Sequence[Refused]) -> list[str]:
    lines = [f"{item.where}: {item.code}: {item.text}" for item in refused[:_SHOWN]]
    more = len(refused) - len(lines)
    return [*lines, f"and {more} more refused"] if more > 0 else lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
