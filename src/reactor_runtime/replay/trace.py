"""Writes scripts of live sessions, beside the server and never in its way."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from ..clock import Clock
from ..complaints import Complaints
from ..counters import Counters
from ..engine.uploads import StoredFile
from ..engine.witness import Witness
from ..limits import Limits
from ..media.frames import Picture
from ..media.sound import Sound
from ..wire.messages import ClientMessage, Command, PauseTrack, ResumeTrack
from .writing import ScriptWriter

logger = logging.getLogger("reactor.trace")

Work = Callable[[], None]


class Tracer(Witness):
    """Writes a script of each session: the first one to `path`, those that follow beside it, with a number. Nothing is
    written over.

    What happens is queued, and a thread of its own writes it. What does not fit into the queue is left out, counted
    (`trace.dropped`) and logged.

    Args:
        path: such as `drive.jsonl`.
        output_tracks: the model's; pauses of others say nothing.
        clock, limits, counters: of the process.
    """

    def __init__(
        self, path: Path, output_tracks: Collection[str], *, clock: Clock, limits: Limits, counters: Counters
    ) -> None:
        self._path = path
        self._output_tracks = output_tracks
        self._clock = clock
        self._limits = limits
        self._counters = counters
        self._complaints = Complaints(logger, clock.now)
        self._origin = 0.0
        self._dropped = 0
        self._writer: ScriptWriter | None = None
        self._waiting: deque[tuple[Work, int]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="reactor-trace", daemon=True)
        self._thread.start()

    # -- as a witness

    def began(self, session: str) -> None:
        self._origin, self._dropped = self._clock.now(), 0
        self._put(partial(self._open, session))

    def joined(self, client: int) -> None:
        self._line(must=True, client=client, connect=True)

    def said(self, client: int, message: ClientMessage) -> None:
        match message:
            case Command(name=name, arguments=arguments, uploads=uploads):
                event: dict[str, Any] = {"command": name}
                if arguments:
                    event["arguments"] = arguments
                if uploads:
                    event["uploads"] = {key: reference.upload_id for key, reference in uploads.items()}
                self._line(client=client, **event)
            case PauseTrack(name=track) if track in self._output_tracks:
                self._line(client=client, pause=track)
            case ResumeTrack(name=track) if track in self._output_tracks:
                self._line(client=client, resume=track)

    def uploaded(self, upload_id: str, file: StoredFile) -> None:
        at = self._now()
        self._note(lambda writer: writer.upload(at, upload_id, file))

    def saw(self, client: int, track: str, picture: Picture) -> None:
        self._media(client, track, picture)

    def heard(self, client: int, track: str, sound: Sound) -> None:
        self._media(client, track, sound)

    def left(self, client: int) -> None:
        self._note(lambda writer: writer.stop_media(client), must=True)
        self._line(must=True, client=client, leave=True)

    def ended(self, reason: str) -> None:
        self._line(must=True, end=True, reason=reason)
        self._put(partial(self._finish, self._dropped))

    def close(self, timeout: float | None = None) -> bool:
        """Write what waits; False where that takes longer than `timeout` seconds. Nothing may come afterwards."""
        self._put(partial(self._finish, self._dropped))
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- into the queue

    def _now(self) -> float:
        return self._clock.now() - self._origin

    def _line(self, *, must: bool = False, **event: Any) -> None:
        at = self._now()
        self._note(lambda writer: writer.line(at, **event), must=must)

    def _media(self, client: int, track: str, item: Picture | Sound) -> None:
        at = self._now()
        self._note(lambda writer: writer.media(at, client, track, item), item.nbytes)

    def _note(self, write: Callable[[ScriptWriter], None], nbytes: int = 0, *, must: bool = False) -> None:
        """Queue a piece of the session's script, where there is room, or where it `must` be there: a script without
        its clients' coming and going is none."""

        def work() -> None:
            if self._writer is not None:
                write(self._writer)

        with self._changed:
            if nbytes:
                full = self._bytes + nbytes > self._limits.trace_bytes
            else:
                full = not must and len(self._waiting) >= self._limits.trace_events
            self._dropped += full
        if full:
            self._counters.add("trace.dropped")
            self._complaints.warn("the trace falls behind: what comes meanwhile is left out of it")
        else:
            self._put(work, nbytes)

    def _put(self, work: Work, nbytes: int = 0) -> None:
        with self._changed:
            self._waiting.append((work, nbytes))
            self._bytes += nbytes
            self._changed.notify()

    # -- on the thread

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                work, nbytes = self._waiting.popleft()
            try:
                work()
            except Exception as error:  # of the disk, or of the encoder
                self._fail(error)
            with self._changed:
                self._bytes -= nbytes

    def _open(self, session: str) -> None:
        number = 1
        while self._writer is None:
            path = self._path if number == 1 else self._path.with_stem(f"{self._path.stem}-{number}")
            try:
                self._writer = ScriptWriter(path)
            except FileExistsError:
                number += 1
        logger.info("session %s is written to %s", session, self._writer.path)

    def _finish(self, dropped: int) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            missing = f"; {dropped} events and frames are left out" if dropped else ""
            logger.info("%s has %d events%s", writer, writer.events, missing)

    def _fail(self, error: Exception) -> None:
        writer, self._writer = self._writer, None
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        logger.error("%s cannot be written, so this session's trace ends here: %s", writer or self._path, reason)
        if writer is not None:
            with contextlib.suppress(OSError):  # what failed once may fail again
                writer.abandon()
