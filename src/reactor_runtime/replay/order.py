"""Whether what a script says can happen in that order, and with that model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..errors import ScriptError
from ..interface.commands import suggestion
from ..interface.tracks import TrackInfo
from .events import Call, Connect, End, Event, Leave, Pause, Resume, Script, StopStream, Stream, Upload

FIRST = 1
"""The client of a script that mentions none."""


def check_order(script: Script) -> Script:
    """`script`, where every client that no line connects is connected at 0.

    Raises:
        ScriptError: a client does something while it is not there, an upload is not known, or something comes after
            the end; names the line.
    """
    clients = {event.client: None for event in script.events if event.client}  # a dict keeps their order
    connected = {event.client for event in script.events if isinstance(event.deed, Connect)}
    unmentioned = [client for client in clients or [FIRST] if client not in connected]
    whole = replace(script, events=(*(Event(0.0, Connect(), client) for client in unmentioned), *script.events))
    _check_presence(whole)
    _check_uploads(whole)
    return whole


def _check_presence(script: Script) -> None:
    present: set[int] = set()
    over: Event | None = None
    for event in script.events:
        who = f"{script.where(event)}: client {event.client}"
        if over is not None:
            raise ScriptError(f"{script.where(event)}: nothing comes after the end, of line {over.line}")
        match event.deed:
            case End():
                over = event
            case Upload():
                pass
            case Connect():
                if event.client in present:
                    raise ScriptError(f"{who} is connected already")
                present.add(event.client)
            case _ if event.client not in present:
                raise ScriptError(f"{who} is not connected here; let it connect before")
            case Leave():
                present.remove(event.client)


def _check_uploads(script: Script) -> None:
    known: dict[str, Event] = {}
    for event in script.events:
        if isinstance(event.deed, Upload):
            if event.deed.id in known:
                where = f"{script.where(event)}: id"
                raise ScriptError(f"{where}: {event.deed.id!r} is that of line {known[event.deed.id].line} already")
            known[event.deed.id] = event
    for event in script.events:
        if isinstance(event.deed, Call):
            for name, upload in event.deed.uploads.items():
                if upload not in known:
                    where = f"{script.where(event)}: uploads.{name}"
                    raise ScriptError(f"{where}: no upload {upload!r}{suggestion(upload, list(known))}")


def with_webcam(script: Script, track: str, path: Path) -> Script:
    """`script`, where the first client streams the file `path` over and over again from when it comes."""
    number, first = next(item for item in enumerate(script.events) if isinstance(item[1].deed, Connect))
    stream = Event(first.at, Stream(track, path, loop=True), first.client)
    return replace(script, events=(*script.events[: number + 1], stream, *script.events[number + 1 :]))


def check_tracks(script: Script, tracks: Iterable[TrackInfo]) -> None:
    """Check that a model has the tracks that a script speaks of.

    Raises:
        ScriptError: it has not; names the line.
    """
    names = {way: [track.name for track in tracks if track.direction == way] for way in ("in", "out")}
    for event in script.events:
        match event.deed:
            case Stream(track=track) | StopStream(track=track):
                way = "in"
            case Pause(track=track) | Resume(track=track):
                way = "out"
            case _:
                continue
        if track not in names[way]:
            verb = "input" if way == "in" else "output"
            raise ScriptError(
                f"{script.where(event)}: no {verb} track {track!r} of this model{suggestion(track, names[way])}"
            )
